package network

import "github.com/tenantra/tenantra/tables"

// interfaceAddress is one address of an interface.
type interfaceAddress struct {
	Interface    string              `col:"interface" doc:"Name of the interface."`
	Address      string              `col:"address" doc:"Address; a link-local one ends in % and the interface."`
	Mask         string              `col:"mask" doc:"Network mask, written as an address."`
	Broadcast    tables.Null[string] `col:"broadcast" doc:"Broadcast address."`
	PointToPoint tables.Null[string] `col:"point_to_point" doc:"Address of the other end; of a loopback interface its own."`
	Type         string              `col:"type" doc:"How it was set: dhcp, manual, auto, other or unknown; on Linux unknown."`
	FriendlyName tables.Null[string] `col:"friendly_name" os:"windows" doc:"Name of the interface that people see."`
}

// InterfaceAddresses has one row for each address in the agent's network namespace. It is empty for a system at rest.
// Source: rtnetlink(7) on Linux.
var InterfaceAddresses = tables.DefineByPlatform(tables.Spec{
	Name: "interface_addresses", Doc: "Addresses of network interfaces.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT interface, address, mask FROM interface_addresses WHERE interface != 'lo'"},
}, tables.Generators[interfaceAddress]{Darwin: generateDarwinInterfaceAddresses}.OnBuild(generateInterfaceAddresses))
