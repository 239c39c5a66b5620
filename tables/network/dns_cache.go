package network

import "github.com/tenantra/tenantra/tables"

// dnsCacheEntry is one name that was looked up.
type dnsCacheEntry struct {
	Name  string `col:"name" class:"content" doc:"Name that was looked up."`
	Type  string `col:"type" doc:"Type of the record: A, AAAA, CNAME and others."`
	Flags int32  `col:"flags" doc:"Flags of the entry."`
}

// DNSCache has a row for each entry.
// Source: DnsGetCacheDataTable of dnsapi.dll.
var DNSCache = tables.Define[dnsCacheEntry](tables.Spec{
	Name: "dns_cache", Doc: "Names in the resolver's cache.",
	Category: tables.Network, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT name, type FROM dns_cache WHERE name LIKE '%.onion.%'"},
}, generateDNSCache)
