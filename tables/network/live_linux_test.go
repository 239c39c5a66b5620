package network

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// liveRows are a table's rows on this machine.
func liveRows(tb testing.TB, table *tables.Table) []tabletest.Row {
	tb.Helper()
	h, err := host.New("/", nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	rows, err := tabletest.Rows(tb.Context(), table, h, tabletest.Query(table, nil, nil))
	if err != nil {
		tb.Fatal(err)
	}
	return rows
}

// ip runs iproute2 and decodes what it tells.
func ip(t *testing.T, into any, arguments ...string) {
	t.Helper()
	path, err := exec.LookPath("ip")
	if err != nil {
		t.Skip("no ip command")
	}
	out, err := exec.Command(path, append([]string{"-j"}, arguments...)...).Output()
	if err != nil {
		t.Skipf("ip %v: %v", arguments, err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Skipf("ip %v: %v", arguments, err)
	}
}

func TestListeningPortsListOwnListeners(t *testing.T) {
	t.Parallel()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	connected, err := net.Dial("udp", udp.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connected.Close()
	path := filepath.Join(t.TempDir(), "s")
	local, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	client, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	accepted, err := local.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()

	var got []string
	for _, row := range liveRows(t, ListeningPorts) {
		if row["pid"] == int64(os.Getpid()) {
			got = append(got, fmt.Sprint(row["family"], row["protocol"], row["address"], row["port"], row["path"]))
		}
	}
	for _, want := range []string{
		fmt.Sprint(2, 6, "127.0.0.1", tcp.Addr().(*net.TCPAddr).Port, nil),
		fmt.Sprint(2, 17, "127.0.0.1", udp.LocalAddr().(*net.UDPAddr).Port, nil),
		fmt.Sprint(1, 0, nil, 0, path),
	} {
		if count := len(slices.DeleteFunc(slices.Clone(got), func(g string) bool { return g != want })); count != 1 {
			t.Errorf("%s is listed %d times in %q", want, count, got)
		}
	}
}

func TestListeningPortsMatchSS(t *testing.T) {
	t.Parallel()
	ss, err := exec.LookPath("ss")
	if err != nil {
		t.Skip("no ss")
	}
	list := func() map[string]bool {
		out, err := exec.Command(ss, "-Hltn").Output()
		if err != nil {
			t.Skipf("ss: %v", err)
		}
		found := map[string]bool{}
		for line := range strings.Lines(string(out)) {
			if fields := strings.Fields(line); len(fields) > 3 {
				at := strings.LastIndexByte(fields[3], ':')
				found[strings.Trim(fields[3][:at], "[]")+" "+fields[3][at+1:]] = true
			}
		}
		return found
	}
	before := list()
	rows := liveRows(t, ListeningPorts)
	after := list()
	got := map[string]bool{}
	for _, row := range rows {
		if row["protocol"] == int64(6) {
			got[fmt.Sprint(row["address"], " ", row["port"])] = true
		}
	}
	for listener := range before {
		address, port, _ := strings.Cut(listener, " ")
		if after[listener] && !got[listener] && !(address == "*" && got[":: "+port]) {
			t.Errorf("%s is missing", listener)
		}
	}
}

func TestInterfaceAddressesMatchIP(t *testing.T) {
	t.Parallel()
	var links []struct {
		Name      string `json:"ifname"`
		Addresses []struct {
			Local, Label, Broadcast, Scope string
			Prefix                         int `json:"prefixlen"`
		} `json:"addr_info"`
	}
	ip(t, &links, "addr")
	var want, got []string
	for _, l := range links {
		for _, a := range l.Addresses {
			name, address, bits := l.Name, a.Local, 32
			if a.Label != "" {
				name = a.Label
			}
			if strings.Contains(address, ":") {
				bits = 128
			}
			if bits == 128 && a.Scope == "link" {
				address += "%" + l.Name
			}
			want = append(want, fmt.Sprint(name, address, net.IP(net.CIDRMask(a.Prefix, bits)), a.Broadcast))
		}
	}
	for _, row := range liveRows(t, InterfaceAddresses) {
		broadcast, _ := row["broadcast"].(string)
		got = append(got, fmt.Sprint(row["interface"], row["address"], row["mask"], broadcast))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses differ (- ip, + got):\n%s", diff)
	}
}

func TestInterfaceDetailsMatchIP(t *testing.T) {
	t.Parallel()
	var links []struct {
		Name    string `json:"ifname"`
		Address string
		MTU     int64
	}
	ip(t, &links, "link")
	rows := liveRows(t, InterfaceDetails)
	if len(rows) != len(links) {
		t.Fatalf("got %d interfaces, ip has %d", len(rows), len(links))
	}
	for i, l := range links {
		if rows[i]["interface"] != l.Name || rows[i]["mtu"] != l.MTU || l.Address != "" && rows[i]["mac"] != l.Address {
			t.Errorf("got %v, ip says %+v", rows[i], l)
		}
	}
}

func TestRoutesMatchIP(t *testing.T) {
	t.Parallel()
	var routes []struct {
		Destination string `json:"dst"`
		Gateway     string
		Link        string `json:"dev"`
		Hops        []any  `json:"nexthops"`
	}
	ip(t, &routes, "-4", "route", "show", "table", "all")
	var want, got []string
	for _, r := range routes {
		if len(r.Hops) > 0 {
			t.Skip("the machine has routes with several ways")
		}
		destination, bits, _ := strings.Cut(r.Destination, "/")
		if destination == "default" {
			destination = "0.0.0.0"
		}
		if bits == "" {
			bits = "0"
		}
		want = append(want, fmt.Sprint(destination, "/", bits, r.Gateway, r.Link))
	}
	for _, row := range liveRows(t, Routes) {
		if destination := row["destination"].(string); !strings.Contains(destination, ":") {
			gateway, _ := row["gateway"].(string)
			got = append(got, fmt.Sprint(destination, "/", row["netmask"], gateway, row["interface"]))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes differ (- ip, + got):\n%s", diff)
	}
}

func BenchmarkListeningPorts(b *testing.B) {
	usage := func() time.Duration {
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before, rows := usage(), 0
	b.ReportAllocs()
	for b.Loop() {
		rows = len(liveRows(b, ListeningPorts))
	}
	b.ReportMetric(float64(rows), "rows")
	b.ReportMetric(float64((usage()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}
