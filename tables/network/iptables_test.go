package network

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
)

// testdata/netfilter has the kernel's answers, on a 64-bit little-endian machine, for a table filter with these rules:
//
//	:INPUT DROP [11:1100]  :FORWARD DROP [0:0]  :OUTPUT ACCEPT [22:2200]  :LOGDROP -  :empty -
//	[5:500] -A INPUT -i lo -j ACCEPT
//	-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
//	-A INPUT ! -s 10.0.0.0/8 -p udp -m udp --sport 1024:65535 --dport 53 -j LOGDROP
//	-A INPUT ! -i eth+ ! -p icmp -j LOGDROP
//	-A INPUT -d 203.0.113.9/32
//	-A FORWARD -o eth0 -j LOGDROP
//	-A LOGDROP -j DROP
//	-A LOGDROP -j RETURN
func capturedRules(t testing.TB) (info, entries []byte) {
	t.Helper()
	var err error
	if info, err = os.ReadFile(filepath.Join("testdata", "netfilter", "filter.info")); err == nil {
		entries, err = os.ReadFile(filepath.Join("testdata", "netfilter", "filter.entries"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return info, entries
}

func TestParseIptables(t *testing.T) {
	t.Parallel()
	info, entries := capturedRules(t)
	rows, err := parseIptables("filter", info, entries)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		line := fmt.Sprintf("%s %s [%d:%d]", r.Chain, r.Policy, r.Packets, r.Bytes)
		if r.Target.Valid {
			protocol := fmt.Sprint(r.Protocol.Int)
			if r.Protocol.Kind == tables.ValueText {
				protocol = r.Protocol.Text
			}
			line += fmt.Sprintf(" %s p=%s %s/%s:%s -> %s/%s:%s %s %s %s %s match=%s", r.Target.V, protocol, r.SrcIP.V, r.SrcMask.V, r.SrcPort.V,
				r.DstIP.V, r.DstMask.V, r.DstPort.V, r.InIface.V, r.InIfaceMask.V, r.OutIface.V, r.OutIfaceMask.V, r.Match.V)
		}
		got = append(got, line)
	}
	want := strings.Split(strings.TrimSpace(`
INPUT DROP [5:500] ACCEPT p=0 0.0.0.0/0.0.0.0: -> 0.0.0.0/0.0.0.0: lo FFFFFF all  match=no
INPUT DROP [0:0] ACCEPT p=6 192.0.2.0/255.255.255.0:0:65535 -> 0.0.0.0/0.0.0.0:22:22 all  all  match=yes
INPUT DROP [0:0] LOGDROP p=17 !10.0.0.0/255.0.0.0:1024:65535 -> 0.0.0.0/0.0.0.0:53:53 all  all  match=yes
INPUT DROP [0:0] LOGDROP p=!1 0.0.0.0/0.0.0.0: -> 0.0.0.0/0.0.0.0: !eth+ FFFFFF all  match=no
INPUT DROP [0:0]  p=0 0.0.0.0/0.0.0.0: -> 203.0.113.9/255.255.255.255: all  all  match=no
INPUT DROP [11:1100]
FORWARD DROP [0:0] LOGDROP p=0 0.0.0.0/0.0.0.0: -> 0.0.0.0/0.0.0.0: all  eth0 FFFFFFFFFF match=no
FORWARD DROP [0:0]
OUTPUT ACCEPT [22:2200]
LOGDROP  [0:0] DROP p=0 0.0.0.0/0.0.0.0: -> 0.0.0.0/0.0.0.0: all  all  match=no
LOGDROP  [0:0] RETURN p=0 0.0.0.0/0.0.0.0: -> 0.0.0.0/0.0.0.0: all  all  match=no
LOGDROP  [0:0]
empty  [0:0]
`), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules differ (- wanted, + got):\n%s", diff)
	}
}

func TestParseIptablesRefusesWhatLiesOutside(t *testing.T) {
	t.Parallel()
	info, entries := capturedRules(t)
	if _, err := parseIptables("filter", info[:10], entries); err == nil {
		t.Error("a short heading was taken")
	}
	for _, size := range []int{0, 1, iptEntrySize, len(entries) / 2, len(entries) - 1} {
		if _, err := parseIptables("filter", info, entries[:size]); err == nil {
			t.Errorf("%d of %d bytes were taken", size, len(entries))
		}
	}
}

func FuzzIptables(f *testing.F) {
	info, entries := capturedRules(f)
	f.Add(info, entries)
	f.Fuzz(func(t *testing.T, info, entries []byte) {
		rows, err := parseIptables("filter", info, entries)
		if err == nil && len(rows) > len(entries)*(iptHooks+1)/iptEntrySize+2*iptHooks {
			t.Errorf("%d rows from %d bytes", len(rows), len(entries))
		}
	})
}
