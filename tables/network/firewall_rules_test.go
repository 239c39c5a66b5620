package network

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestFirewallRules(t *testing.T) { tabletest.Run(t, FirewallRules) }

func TestIptablesInOneShape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"22:22": "22", "1024:65535": "1024-65535", "0:65535": "", "": "", "x": ""} {
		if got := iptablesPorts(text); got != want {
			t.Errorf("ports %q are %q, want %q", text, got, want)
		}
	}
	for value, want := range map[tables.Value]string{
		tables.IntValue(0): "", tables.IntValue(6): "tcp", tables.TextValue("!17"): "!udp", tables.IntValue(47): "47",
	} {
		if got := iptablesProtocol(value); got != want {
			t.Errorf("protocol %s is %q, want %q", value, got, want)
		}
	}
	if got := iptablesNetwork("!10.0.0.0", "255.0.0.0"); got != "!10.0.0.0/255.0.0.0" {
		t.Error(got)
	}
}

func TestParseUFW(t *testing.T) {
	t.Parallel()
	got := parseUFW("*filter\n### RULES ###\n### tuple ### allow tcp 22 0.0.0.0/0 any 192.0.2.0/24 in\n-A ufw-user-input -p tcp\n### tuple ### deny_log any any ::/0 any ::/0 in_eth0\n### tuple ### allow\n")
	want := []firewallRule{
		{Backend: "ufw", Chain: "in", Action: "accept", Protocol: "tcp", DestPort: "22", Source: "192.0.2.0/24", Rule: "allow tcp 22 0.0.0.0/0 any 192.0.2.0/24 in"},
		{Backend: "ufw", Chain: "in", InInterface: "eth0", Action: "drop", Rule: "deny_log any any ::/0 any ::/0 in_eth0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseNft(f *testing.F) {
	f.Add([]byte(`{"nftables": [{"rule": {"family": "inet", "table": "t", "chain": "c", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"set": [22, {"range": [80, 90]}]}}}, {"accept": null}]}}]}`))
	f.Add([]byte(`{"nftables": [{"rule": {"expr": [{"match": {"right": {"set": {"set": {"set": {"set": []}}}}}}]}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := parseNft(data)
		if err != nil {
			return
		}
		for _, row := range rows {
			if row.Backend != "nftables" || row.Position < 0 {
				t.Errorf("%+v", row)
			}
		}
	})
}
