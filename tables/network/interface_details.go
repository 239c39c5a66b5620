package network

import "github.com/tenantra/tenantra/tables"

// interfaceDetail is one network interface.
type interfaceDetail struct {
	Interface        string              `col:"interface" doc:"Name of the interface."`
	MAC              string              `col:"mac" collate:"NOCASE" doc:"Hardware address; zeros where it has none."`
	Type             int64               `col:"type" type:"INTEGER" doc:"Kind of hardware; on Linux the low byte of its ARP number: 1 Ethernet, 4 loopback."`
	MTU              int64               `col:"mtu" type:"INTEGER" doc:"Largest packet in bytes."`
	Metric           int64               `col:"metric" type:"INTEGER" doc:"Metric; always 0 on Linux."`
	Flags            int64               `col:"flags" type:"INTEGER" doc:"Flags as in netdevice(7): 1 up, 8 loopback, 256 promiscuous."`
	IPackets         int64               `col:"ipackets" doc:"Packets received."`
	OPackets         int64               `col:"opackets" doc:"Packets sent."`
	IBytes           int64               `col:"ibytes" doc:"Bytes received."`
	OBytes           int64               `col:"obytes" doc:"Bytes sent."`
	IErrors          int64               `col:"ierrors" doc:"Errors in receiving."`
	OErrors          int64               `col:"oerrors" doc:"Errors in sending."`
	IDrops           int64               `col:"idrops" doc:"Received packets that were dropped."`
	ODrops           int64               `col:"odrops" doc:"Packets dropped instead of sent."`
	Collisions       int64               `col:"collisions" doc:"Collisions in sending."`
	LastChange       int64               `col:"last_change" doc:"When it was changed, in Unix seconds; -1 where unknown."`
	LinkSpeed        int64               `col:"link_speed" os:"linux,darwin" doc:"Speed in Mbit/s; 0 where unknown."`
	PCISlot          tables.Null[string] `col:"pci_slot" os:"linux" doc:"Address of the device on its bus; -1 where the driver has none to tell."`
	FriendlyName     tables.Null[string] `col:"friendly_name" os:"windows" doc:"Name that people see."`
	Description      tables.Null[string] `col:"description" os:"windows" doc:"Description in one line."`
	Manufacturer     tables.Null[string] `col:"manufacturer" os:"windows" doc:"Maker of the adapter."`
	ConnectionID     tables.Null[string] `col:"connection_id" os:"windows" doc:"Name of the connection in the control panel."`
	ConnectionStatus tables.Null[string] `col:"connection_status" os:"windows" doc:"State of the connection."`
	Enabled          tables.Null[int64]  `col:"enabled" type:"INTEGER" os:"windows" doc:"1 where the adapter is enabled."`
	PhysicalAdapter  tables.Null[int64]  `col:"physical_adapter" type:"INTEGER" os:"windows" doc:"1 for hardware, 0 for a logical adapter."`
	Speed            tables.Null[int64]  `col:"speed" type:"INTEGER" os:"windows" doc:"Estimated bandwidth in bit/s."`
	Service          tables.Null[string] `col:"service" os:"windows" doc:"Service of the adapter."`
	DHCPEnabled      tables.Null[int64]  `col:"dhcp_enabled" type:"INTEGER" os:"windows" doc:"1 where DHCP sets its address."`
	DHCPExpires      tables.Null[string] `col:"dhcp_lease_expires" os:"windows" doc:"When its lease ends."`
	DHCPObtained     tables.Null[string] `col:"dhcp_lease_obtained" os:"windows" doc:"When its lease was obtained."`
	DHCPServer       tables.Null[string] `col:"dhcp_server" os:"windows" doc:"Address of the DHCP server."`
	DNSDomain        tables.Null[string] `col:"dns_domain" os:"windows" doc:"DNS domain of the adapter."`
	DNSSuffixes      tables.Null[string] `col:"dns_domain_suffix_search_order" os:"windows" doc:"DNS suffixes appended to names."`
	DNSHostName      tables.Null[string] `col:"dns_host_name" os:"windows" doc:"Host name used with DNS."`
	DNSServers       tables.Null[string] `col:"dns_server_search_order" os:"windows" doc:"Addresses of DNS servers."`
}

// InterfaceDetails has one row for each interface of the agent's network namespace. It is empty for a system at rest.
// Source: rtnetlink(7) and /sys/class/net on Linux.
var InterfaceDetails = tables.DefineByPlatform(tables.Spec{
	Name: "interface_details", Doc: "Network interfaces and their counters.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{
		"SELECT interface, mac, mtu, ibytes, obytes FROM interface_details",
		"SELECT interface FROM interface_details WHERE flags & 256",
	},
}, tables.Generators[interfaceDetail]{Darwin: generateDarwinInterfaceDetails}.OnBuild(generateInterfaceDetails))
