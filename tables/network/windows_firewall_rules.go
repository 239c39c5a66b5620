package network

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

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
var WindowsFirewallRules = tables.Define[windowsFirewallRule](tables.Spec{
	Name: "windows_firewall_rules", Doc: "Rules of the Windows firewall.",
	Category: tables.Network, Platforms: tables.Windows, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT name, app_name, local_ports FROM windows_firewall_rules WHERE enabled = 1 AND direction = 'In' AND action = 'Allow'"},
}, generateWindowsFirewallRules)

// firewallRuleKeys are the machine's own rules, and those of the group policy.
var firewallRuleKeys = [...]string{
	`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules`,
	`HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall\FirewallRules`,
}

func generateWindowsFirewallRules(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*windowsFirewallRule) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	for _, path := range firewallRuleKeys {
		for _, v := range r.Key(path).Values() {
			row, ok := parseFirewallRule(v.Text())
			if !ok {
				continue
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// firewallProtocols are the numbers of IANA that rules use.
var firewallProtocols = map[string]string{
	"": "Any", "0": "HOPOPT", "1": "ICMPv4", "2": "IGMP", "6": "TCP", "17": "UDP", "41": "IPv6", "43": "IPv6-Route", "44": "IPv6-Frag",
	"47": "GRE", "58": "ICMPv6", "59": "IPv6-NoNxt", "60": "IPv6-Opts", "112": "VRRP", "113": "PGM", "115": "L2TP", "256": "Any",
}

// parseFirewallRule reads v2.30|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=80|…, where keys may come again. A rule
// without a profile is for all, one without addresses for all addresses.
func parseFirewallRule(text string) (windowsFirewallRule, bool) {
	version, rest, ok := strings.Cut(text, "|")
	if !ok || !strings.HasPrefix(version, "v") {
		return windowsFirewallRule{}, false
	}
	all := map[string][]string{}
	for field := range strings.SplitSeq(rest, "|") {
		if key, value, ok := strings.Cut(field, "="); ok {
			all[key] = append(all[key], value)
		}
	}
	join := func(missing string, keys ...string) string {
		var values []string
		for _, key := range keys {
			values = append(values, all[key]...)
		}
		if len(values) == 0 {
			return missing
		}
		return strings.Join(values, ",")
	}
	row := windowsFirewallRule{
		Name: join("", "Name"), AppName: join("", "App"), Action: join("Allow", "Action"), Grouping: join("", "EmbedCtxt"),
		Direction: join("In", "Dir"), LocalAddresses: join("*", "LA4", "LA6"), RemoteAddresses: join("*", "RA4", "RA6"),
		ICMPTypesCodes: join("", "ICMP4", "ICMP6"), ServiceName: join("", "Svc"),
	}
	protocol := join("", "Protocol")
	row.Protocol = protocol
	if name, known := firewallProtocols[protocol]; known {
		row.Protocol = name
	}
	if row.Protocol == "TCP" || row.Protocol == "UDP" {
		row.LocalPorts = join("*", "LPort", "LPort2_10", "LPort2_20", "LPort2_24")
		row.RemotePorts = join("*", "RPort", "RPort2_10")
	}
	if strings.EqualFold(join("FALSE", "Active"), "TRUE") {
		row.Enabled = 1
	}
	profiles := all["Profile"]
	if len(profiles) == 0 {
		row.ProfileDomain, row.ProfilePrivate, row.ProfilePublic = 1, 1, 1
	}
	for _, profile := range profiles {
		switch profile {
		case "Domain":
			row.ProfileDomain = 1
		case "Private":
			row.ProfilePrivate = 1
		case "Public":
			row.ProfilePublic = 1
		default: // older rules hold a bit mask
			if mask, err := strconv.ParseUint(profile, 0, 32); err == nil {
				row.ProfileDomain |= int32(mask & 1)
				row.ProfilePrivate |= int32(mask >> 1 & 1)
				row.ProfilePublic |= int32(mask >> 2 & 1)
			}
		}
	}
	return row, true
}
