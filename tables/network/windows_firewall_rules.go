package network

import "github.com/tenantra/tenantra/tables"

// windowsFirewallRule is one rule of the firewall.
type windowsFirewallRule struct {
	Name            string `col:"name" doc:"Name of the rule, as its source holds it."`
	AppName         string `col:"app_name" doc:"Program that it is for."`
	Action          string `col:"action" doc:"Allow or Block."`
	Enabled         int32  `col:"enabled" doc:"1 where it is enabled."`
	Grouping        string `col:"grouping" doc:"Group of rules that it is in."`
	Direction       string `col:"direction" doc:"In or Out."`
	Protocol        string `col:"protocol" doc:"Protocol: TCP, UDP, ICMPv4, Any and others."`
	LocalAddresses  string `col:"local_addresses" doc:"Local addresses, joined by commas; * is all."`
	RemoteAddresses string `col:"remote_addresses" doc:"Remote addresses, joined by commas; * is all."`
	LocalPorts      string `col:"local_ports" doc:"Local ports, joined by commas."`
	RemotePorts     string `col:"remote_ports" doc:"Remote ports, joined by commas."`
	ICMPTypesCodes  string `col:"icmp_types_codes" doc:"Types and codes of ICMP."`
	ProfileDomain   int32  `col:"profile_domain" doc:"1 where it is for domain networks."`
	ProfilePrivate  int32  `col:"profile_private" doc:"1 where it is for private networks."`
	ProfilePublic   int32  `col:"profile_public" doc:"1 where it is for public networks."`
	ServiceName     string `col:"service_name" doc:"Service that it is for."`
}

// WindowsFirewallRules has a row for each rule.
// Source: FirewallPolicy\FirewallRules of the service SharedAccess and of the group policy, in the registry.
var WindowsFirewallRules = tables.DefineByPlatform(tables.Spec{
	Name: "windows_firewall_rules", Doc: "Rules of the Windows firewall.",
	Category: tables.Network, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT name, app_name, local_ports FROM windows_firewall_rules WHERE enabled = 1 AND direction = 'In' AND action = 'Allow'"},
}, tables.Generators[windowsFirewallRule]{})
