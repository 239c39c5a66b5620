package network

import "github.com/tenantra/tenantra/tables"

// interfaceIPv6 is how an interface behaves in IPv6 networks.
type interfaceIPv6 struct {
	Interface         string `col:"interface" doc:"Name of the interface."`
	HopLimit          int32  `col:"hop_limit" doc:"Hop limit of packets sent; -1 where unknown."`
	ForwardingEnabled int32  `col:"forwarding_enabled" doc:"1 where it forwards packets of others; -1 where unknown."`
	RedirectAccept    int32  `col:"redirect_accept" doc:"1 where redirects of routers are followed."`
	RouterAdvAccept   int32  `col:"rtadv_accept" doc:"1 where advertisements of routers are followed."`
}

// InterfaceIPv6 has one row for each interface.
// Source: /proc/sys/net/ipv6/conf on Linux.
var InterfaceIPv6 = tables.Define[interfaceIPv6](tables.Spec{
	Name: "interface_ipv6", Doc: "IPv6 settings of network interfaces.",
	Category: tables.Network, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT interface FROM interface_ipv6 WHERE forwarding_enabled = 1"},
}, generateInterfaceIPv6)

// ipv6Settings are the values of one directory, as the kernel's ip-sysctl describes them; -1 where unknown.
type ipv6Settings struct{ hopLimit, forwarding, redirects, advertisements int32 }

// behaviour combines an interface's settings with those for all interfaces, which the kernel joins differently for each.
func (s ipv6Settings) behaviour(name string, all ipv6Settings) interfaceIPv6 {
	row := interfaceIPv6{Interface: name, HopLimit: s.hopLimit, ForwardingEnabled: s.forwarding}
	forwards := s.forwarding > 0
	redirects := s.redirects > 0 || all.redirects > 0
	if forwards {
		redirects = s.redirects > 0 && all.redirects > 0
	}
	row.RedirectAccept = oneIf(redirects)
	const evenWhenForwarding = 2
	row.RouterAdvAccept = oneIf(s.advertisements == evenWhenForwarding || s.advertisements > 0 && !forwards)
	return row
}

func oneIf(condition bool) int32 {
	if condition {
		return 1
	}
	return 0
}
