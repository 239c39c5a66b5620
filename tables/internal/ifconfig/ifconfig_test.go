package ifconfig

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384
	options=1203<RXCSUM,TXCSUM,TXSTATUS,SW_TIMESTAMP>
	inet 127.0.0.1 netmask 0xff000000
	inet6 ::1 prefixlen 128
	nd6 options=201<PERFORMNUD,DAD>
en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500
	ether aa:bb:cc:dd:ee:0f
	inet6 fe80::1%en0 prefixlen 64 secured scopeid 0xb
	inet 192.0.2.7 netmask 0xffffff00 broadcast 192.0.2.255
	inet6 2001:db8::7 prefixlen 64 autoconf secured
	inet nonsense netmask 0xffffff00
utun0: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1380
	inet 198.51.100.1 --> 198.51.100.2 netmask 0xffffffff
`

func TestParse(t *testing.T) {
	t.Parallel()
	want := []Interface{
		{Name: "lo0", Flags: 0x8049, MTU: 16384, Addresses: []Address{
			{Address: "127.0.0.1", Mask: "255.0.0.0"}, {Address: "::1", Mask: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		}},
		{Name: "en0", Flags: 0x8863, MTU: 1500, MAC: "aa:bb:cc:dd:ee:0f", Addresses: []Address{
			{Address: "fe80::1%en0", Mask: "ffff:ffff:ffff:ffff::"}, {Address: "192.0.2.7", Mask: "255.255.255.0", Broadcast: "192.0.2.255"},
			{Address: "2001:db8::7", Mask: "ffff:ffff:ffff:ffff::", Auto: true},
		}},
		{Name: "utun0", Flags: 0x8051, MTU: 1380, Addresses: []Address{{Address: "198.51.100.1", Mask: "255.255.255.255", PointToPoint: "198.51.100.2"}}},
	}
	if diff := cmp.Diff(want, parse(sample)); diff != "" {
		t.Error(diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, text string) {
		for _, i := range parse(text) {
			if i.Name == "" || i.Flags < 0 {
				t.Errorf("%+v", i)
			}
		}
	})
}
