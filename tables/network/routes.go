package network

import "github.com/tenantra/tenantra/tables"

// route is one way to a destination.
type route struct {
	Destination string              `col:"destination" doc:"Address of the destination; 0.0.0.0 or :: for the default."`
	Netmask     int32               `col:"netmask" doc:"Length of the network prefix; 0 for a single address and for the default."`
	Gateway     tables.Null[string] `col:"gateway" doc:"Address of the next router."`
	Source      tables.Null[string] `col:"source" doc:"Preferred address to send from."`
	Flags       int64               `col:"flags" type:"INTEGER" doc:"Flags of the route, on Linux as in rtnetlink(7)."`
	Interface   tables.Null[string] `col:"interface" doc:"Interface to send by."`
	MTU         int64               `col:"mtu" type:"INTEGER" doc:"Largest packet in bytes; 0 where the route sets none."`
	Metric      int64               `col:"metric" type:"INTEGER" doc:"Cost; the lowest is preferred."`
	Type        string              `col:"type" opt:"additional" doc:"gateway, local, broadcast, anycast or other."`
	HopCount    int32               `col:"hopcount" os:"linux,darwin" doc:"Largest number of hops; 0 where the route sets none."`
}

// Routes has one row for each route of all routing tables in the agent's network namespace, and for each of its ways where
// it has several. It is empty for a system at rest.
// Source: rtnetlink(7) on Linux.
var Routes = tables.DefineByPlatform(tables.Spec{
	Name: "routes", Doc: "Routing tables.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{
		"SELECT destination, gateway, interface FROM routes WHERE type = 'gateway'",
		"SELECT gateway, interface FROM routes WHERE destination IN ('0.0.0.0', '::') AND gateway != ''",
	},
}, tables.Generators[route]{Darwin: generateDarwinRoutes}.OnBuild(generateRoutes))
