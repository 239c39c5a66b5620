package network

import "github.com/tenantra/tenantra/tables"

// connectivity is what the networks allow.
type connectivity struct {
	Disconnected     int32 `col:"disconnected" doc:"1 where no network is connected."`
	IPv4NoTraffic    int32 `col:"ipv4_no_traffic" doc:"1 where a network carries no IPv4 traffic."`
	IPv6NoTraffic    int32 `col:"ipv6_no_traffic" doc:"1 where a network carries no IPv6 traffic."`
	IPv4Subnet       int32 `col:"ipv4_subnet" doc:"1 where IPv4 reaches the subnet only."`
	IPv4LocalNetwork int32 `col:"ipv4_local_network" doc:"1 where IPv4 reaches routed local networks."`
	IPv4Internet     int32 `col:"ipv4_internet" doc:"1 where IPv4 reaches the internet."`
	IPv6Subnet       int32 `col:"ipv6_subnet" doc:"1 where IPv6 reaches the subnet only."`
	IPv6LocalNetwork int32 `col:"ipv6_local_network" doc:"1 where IPv6 reaches routed local networks."`
	IPv6Internet     int32 `col:"ipv6_internet" doc:"1 where IPv6 reaches the internet."`
}

// Connectivity has one row.
// Source: the network list manager's NLM_CONNECTIVITY.
var Connectivity = tables.Define[connectivity](tables.Spec{
	Name: "connectivity", Doc: "How far the machine's networks reach.",
	Category: tables.Network, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT ipv4_internet, ipv6_internet FROM connectivity"},
}, generateConnectivity)

// connectivityOf reads the bits of NLM_CONNECTIVITY.
func connectivityOf(flags int64) connectivity {
	bit := func(mask int64) int32 {
		if flags&mask != 0 {
			return 1
		}
		return 0
	}
	row := connectivity{
		IPv4NoTraffic: bit(0x1), IPv6NoTraffic: bit(0x2), IPv4Subnet: bit(0x10), IPv4LocalNetwork: bit(0x20), IPv4Internet: bit(0x40),
		IPv6Subnet: bit(0x100), IPv6LocalNetwork: bit(0x200), IPv6Internet: bit(0x400),
	}
	if flags == 0 {
		row.Disconnected = 1
	}
	return row
}
