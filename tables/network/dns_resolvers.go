package network

import (
	"net/netip"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// dnsResolver is a server, search domain or sorting rule of the resolver.
type dnsResolver struct {
	ID               int32               `col:"id" doc:"Place among those of its type, from 0."`
	Type             string              `col:"type" doc:"nameserver, search or sortlist."`
	Address          string              `col:"address" doc:"Address of the server or network, or the domain to search."`
	Netmask          tables.Null[string] `col:"netmask" doc:"Network mask of a sortlist; 32 for servers."`
	Options          int64               `col:"options" doc:"Options of the resolver as the bits of resolv.h."`
	PIDWithNamespace int64               `col:"pid_with_namespace" type:"INTEGER" opt:"additional,hidden" os:"linux" doc:"Process in whose mount namespace to look; 0 is the host's."`
}

// DNSResolvers has one row for each server, search domain and sorting rule.
// Source: /etc/resolv.conf, resolv.conf(5).
var DNSResolvers = tables.DefineByPlatform(tables.Spec{
	Name: "dns_resolvers", Doc: "Servers and search domains that host names are resolved with.",
	Category: tables.Network, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT address FROM dns_resolvers WHERE type = 'nameserver'"},
}, tables.Generators[dnsResolver]{Darwin: generatePlainDNSResolvers}.OnBuild(generateDNSResolvers))

// resolverDefaults are RES_INIT and RES_DEFAULT: recursion, default names, search of domains.
const resolverDefaults = 0x2C1

// resolverOptions are the bits of options that are switches.
var resolverOptions = map[string]int64{
	"debug": 0x2, "use-vc": 0x8, "inet6": 0x2000, "rotate": 0x4000, "no-check-names": 0x8000, "edns0": 0x10_0000,
	"single-request": 0x20_0000, "single-request-reopen": 0x40_0000, "no-tld-query": 0x100_0000, "no-reload": 0x200_0000,
	"trust-ad": 0x400_0000, "no-aaaa": 0x800_0000,
}

// parseResolvers reads a resolv.conf. Servers come first, then sorting rules, then domains.
func parseResolvers(text string) []dnsResolver {
	var servers, sorts, searches []dnsResolver
	options := int64(resolverDefaults)
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.HasPrefix(fields[0], "#") || strings.HasPrefix(fields[0], ";") {
			continue
		}
		switch values := fields[1:]; fields[0] {
		case "nameserver":
			servers = append(servers, dnsResolver{Type: "nameserver", Address: values[0], Netmask: tables.Some("32")})
		case "sortlist":
			for _, value := range values {
				address, netmask, _ := strings.Cut(value, "/")
				if netmask == "" {
					netmask = classMask(address)
				}
				sorts = append(sorts, dnsResolver{Type: "sortlist", Address: address, Netmask: tables.Some(netmask)})
			}
		case "domain", "search": // the last line of both counts
			if fields[0] == "domain" {
				values = values[:1]
			}
			searches = searches[:0]
			for _, value := range values {
				searches = append(searches, dnsResolver{Type: "search", Address: value})
			}
		case "options":
			for _, value := range values {
				options |= resolverOptions[value]
			}
		}
	}
	var rows []dnsResolver
	for _, kind := range [][]dnsResolver{servers, sorts, searches} {
		for i := range kind {
			kind[i].ID, kind[i].Options = int32(i), options
		}
		rows = append(rows, kind...)
	}
	return rows
}

// classMask is the mask of an address's class, which a sortlist without one means.
func classMask(text string) string {
	address, err := netip.ParseAddr(text)
	if err != nil || !address.Is4() {
		return ""
	}
	switch first := address.As4()[0]; {
	case first < 128:
		return "255.0.0.0"
	case first < 192:
		return "255.255.0.0"
	default:
		return "255.255.255.0"
	}
}
