package network

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestSharedResources(t *testing.T)      { tabletest.Run(t, SharedResources) }
func TestWindowsFirewallRules(t *testing.T) { tabletest.Run(t, WindowsFirewallRules) }

func FuzzParseFirewallRule(f *testing.F) {
	f.Add("v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|LPort=80|Name=x|")
	f.Fuzz(func(_ *testing.T, text string) { parseFirewallRule(text) })
}

func TestConnectivityOf(t *testing.T) {
	t.Parallel()
	if got := connectivityOf(0x40 | 0x100); got != (connectivity{IPv4Internet: 1, IPv6Subnet: 1}) {
		t.Errorf("%+v", got)
	}
	if got := connectivityOf(0); got != (connectivity{Disconnected: 1}) {
		t.Errorf("%+v", got)
	}
}
