package network

import (
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// arpEntry is a neighbour's hardware address.
type arpEntry struct {
	Address   string `col:"address" doc:"IPv4 address."`
	MAC       string `col:"mac" collate:"NOCASE" doc:"Hardware address; zeros while it is being asked for."`
	Interface string `col:"interface" doc:"Interface by which it is reached."`
	Permanent string `col:"permanent" doc:"1 where a person set it, 0 where it was learnt."`
}

// ARPCache has one row for each neighbour.
// Source: /proc/net/arp on Linux, proc(5).
var ARPCache = tables.DefineByPlatform(tables.Spec{
	Name: "arp_cache", Doc: "Hardware addresses of neighbours in the local networks.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{
		"SELECT address, mac, interface FROM arp_cache",
		"SELECT mac, count(DISTINCT address) AS addresses FROM arp_cache GROUP BY mac HAVING addresses > 1",
	},
}, tables.Generators[arpEntry]{Darwin: generateDarwinARPCache}.OnBuild(generateARPCache))

// parseARP reads a line of /proc/net/arp. It is false for the heading.
//
//	192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0
func parseARP(line string) (arpEntry, bool) {
	fields := strings.Fields(line)
	if len(fields) != 6 {
		return arpEntry{}, false
	}
	flags, err := strconv.ParseUint(fields[2], 0, 32)
	if err != nil {
		return arpEntry{}, false
	}
	row := arpEntry{Address: fields[0], MAC: fields[3], Interface: fields[5], Permanent: "0"}
	const permanent = 4 // ATF_PERM
	if flags&permanent != 0 {
		row.Permanent = "1"
	}
	return row, true
}
