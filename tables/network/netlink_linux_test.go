package network

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
)

// testdata/netlink has the kernel's answers in a network namespace made for it: two linked pairs of Ethernet devices, one
// of them promiscuous, a tun device, an address with a label and one with a peer, routes of each type and with two ways.

func capture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "netlink", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func capturedLinks(t testing.TB) map[int32]*link {
	t.Helper()
	links, err := parseLinks(capture(t, "links"))
	if err != nil {
		t.Fatal(err)
	}
	byIndex := map[int32]*link{}
	for i := range links {
		byIndex[links[i].index] = &links[i]
	}
	return byIndex
}

func TestParseLinks(t *testing.T) {
	t.Parallel()
	links, err := parseLinks(capture(t, "links"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range links {
		got = append(got, fmt.Sprintf("%d %s %s type=%d mtu=%d flags=%#x in=%t out=%t", l.index, l.Interface, l.MAC, l.Type, l.MTU, l.Flags, l.IBytes > 0, l.OBytes > 0))
	}
	want := strings.Split(strings.TrimSpace(`
1 lo 00:00:00:00:00:00 type=4 mtu=65536 flags=0x10049 in=false out=false
2 p0 02:72:09:62:39:63 type=1 mtu=1500 flags=0x11143 in=true out=true
3 eth0 02:00:00:00:00:01 type=1 mtu=1400 flags=0x11043 in=true out=true
4 p1 6e:d8:2b:c9:6f:47 type=1 mtu=1500 flags=0x11043 in=true out=true
5 eth1 02:00:00:00:00:02 type=1 mtu=1500 flags=0x11043 in=true out=true
6 tun0 00:00:00:00:00:00 type=254 mtu=1500 flags=0x1090 in=false out=false
`), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("links differ (- wanted, + got):\n%s", diff)
	}
}

func TestParseAddresses(t *testing.T) {
	t.Parallel()
	var got []string
	err := parseAddresses(capture(t, "addresses"), capturedLinks(t), func(a *interfaceAddress) error {
		got = append(got, fmt.Sprintf("%s %s %s broadcast=%s peer=%s", a.Interface, a.Address, a.Mask, a.Broadcast.V, a.PointToPoint.V))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(`
lo 127.0.0.1 255.0.0.0 broadcast= peer=127.0.0.1
eth0:web 192.0.2.2 255.255.255.0 broadcast=192.0.2.255 peer=
eth1 10.9.0.1 255.255.255.255 broadcast= peer=10.9.0.2
lo ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff broadcast= peer=
p0 fe80::72:9ff:fe62:3963%p0 ffff:ffff:ffff:ffff:: broadcast= peer=
eth0 fd00::2 ffff:ffff:ffff:ffff:: broadcast= peer=
eth0 fe80::ff:fe00:1%eth0 ffff:ffff:ffff:ffff:: broadcast= peer=
p1 fe80::6cd8:2bff:fec9:6f47%p1 ffff:ffff:ffff:ffff:: broadcast= peer=
eth1 fe80::ff:fe00:2%eth1 ffff:ffff:ffff:ffff:: broadcast= peer=
`), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses differ (- wanted, + got):\n%s", diff)
	}
}

func TestParseRoutes(t *testing.T) {
	t.Parallel()
	var got []string
	err := parseRoutes(capture(t, "routes"), capturedLinks(t), func(r *route) error {
		got = append(got, fmt.Sprintf("%s/%d via=%s dev=%s src=%s metric=%d mtu=%d %s", r.Destination, r.Netmask, r.Gateway.V, r.Interface.V, r.Source.V, r.Metric, r.MTU, r.Type))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(`
0.0.0.0/0 via=192.0.2.1 dev=eth0 src= metric=50 mtu=1300 gateway
10.9.0.2/0 via= dev=eth1 src=10.9.0.1 metric=0 mtu=0 gateway
192.0.2.0/24 via= dev=eth0 src=192.0.2.2 metric=0 mtu=0 gateway
198.51.100.0/24 via=192.0.2.9 dev=eth0 src= metric=0 mtu=0 gateway
198.51.100.0/24 via=10.9.0.2 dev=eth1 src= metric=0 mtu=0 gateway
203.0.113.0/24 via= dev= src= metric=0 mtu=0 other
203.0.113.7/0 via=192.0.2.1 dev=eth0 src=192.0.2.2 metric=0 mtu=0 gateway
10.9.0.1/0 via= dev=eth1 src=10.9.0.1 metric=0 mtu=0 local
127.0.0.0/8 via= dev=lo src=127.0.0.1 metric=0 mtu=0 local
127.0.0.1/0 via= dev=lo src=127.0.0.1 metric=0 mtu=0 local
127.255.255.255/0 via= dev=lo src=127.0.0.1 metric=0 mtu=0 broadcast
192.0.2.2/0 via= dev=eth0 src=192.0.2.2 metric=0 mtu=0 local
192.0.2.255/0 via= dev=eth0 src=192.0.2.2 metric=0 mtu=0 broadcast
2001:db8::/32 via=fd00::8 dev=eth0 src= metric=1024 mtu=0 gateway
2001:db8::/32 via=fd00::9 dev=eth0 src= metric=1024 mtu=0 gateway
fd00::/64 via= dev=eth0 src= metric=256 mtu=0 gateway
fe80::/64 via= dev=p0 src= metric=256 mtu=0 gateway
fe80::/64 via= dev=eth0 src= metric=256 mtu=0 gateway
fe80::/64 via= dev=p1 src= metric=256 mtu=0 gateway
fe80::/64 via= dev=eth1 src= metric=256 mtu=0 gateway
::1/0 via= dev=lo src= metric=0 mtu=0 local
fd00::2/0 via= dev=eth0 src= metric=0 mtu=0 local
ff00::/8 via= dev=p0 src= metric=256 mtu=0 other
ff00::/8 via= dev=eth0 src= metric=256 mtu=0 other
ff00::/8 via= dev=p1 src= metric=256 mtu=0 other
ff00::/8 via= dev=eth1 src= metric=256 mtu=0 other
`), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes differ (- wanted, + got):\n%s", diff)
	}
}

func TestParsersReturnTheErrorOfEmit(t *testing.T) {
	t.Parallel()
	links := capturedLinks(t)
	if err := parseRoutes(capture(t, "routes"), links, func(*route) error { return tables.ErrStop }); !errors.Is(err, tables.ErrStop) {
		t.Errorf("routes: got %v", err)
	}
	if err := parseAddresses(capture(t, "addresses"), links, func(*interfaceAddress) error { return tables.ErrStop }); !errors.Is(err, tables.ErrStop) {
		t.Errorf("addresses: got %v", err)
	}
}

// FuzzNetlink gives cut and changed answers to the parsers.
func FuzzNetlink(f *testing.F) {
	for _, name := range []string{"links", "addresses", "routes"} {
		f.Add(capture(f, name))
	}
	links := capturedLinks(f)
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = parseLinks(data)
		_ = parseAddresses(data, links, func(*interfaceAddress) error { return nil })
		_ = parseRoutes(data, links, func(*route) error { return nil })
		parseNextHops(data, links)
	})
}
