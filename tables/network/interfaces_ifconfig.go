package network

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/ifconfig"
)

func generateDarwinInterfaceAddresses(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*interfaceAddress) error) error {
	for _, i := range ifconfig.All(ctx, host) {
		for _, a := range i.Addresses {
			row := interfaceAddress{
				Interface: i.Name, Address: a.Address, Mask: a.Mask, Type: "unknown", Broadcast: tables.Null[string]{V: a.Broadcast, Valid: a.Broadcast != ""},
				PointToPoint: tables.Null[string]{V: a.PointToPoint, Valid: a.PointToPoint != ""},
			}
			if a.Auto {
				row.Type = "auto"
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// darwinInterfaceTypes are the numbers of net/if_types.h by the letters of a name; other interfaces are 1, of no kind.
var darwinInterfaceTypes = map[string]int64{"lo": 24, "en": 6, "awdl": 6, "llw": 6, "ap": 6, "anpi": 6, "bridge": 209, "gif": 55, "stf": 57, "vlan": 135, "bond": 136}

func generateDarwinInterfaceDetails(ctx context.Context, host tables.Host, q *tables.Query, emit func(*interfaceDetail) error) error {
	counters := map[string]interfaceDetail{}
	if q.WantsAny("ipackets", "opackets", "ibytes", "obytes", "ierrors", "oerrors", "odrops", "collisions") {
		if out, err := host.Run(ctx, "/usr/sbin/netstat", "-ibdn"); err != nil {
			hostfile.Skipped(ctx, host, "/usr/sbin/netstat", err)
		} else {
			counters = parseInterfaceCounters(string(out))
		}
	}
	for _, i := range ifconfig.All(ctx, host) {
		row := counters[i.Name]
		row.Interface, row.MAC, row.MTU, row.Flags, row.LastChange = i.Name, i.MAC, i.MTU, i.Flags, -1
		if row.MAC == "" {
			row.MAC = "00:00:00:00:00:00"
		}
		if row.Type = darwinInterfaceTypes[strings.TrimRight(i.Name, "0123456789")]; row.Type == 0 {
			row.Type = 1
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// parseInterfaceCounters reads the lines of netstat that are of an interface as a whole:
//
//	en0 1500 <Link#11> aa:bb:cc:dd:ee:ff 1000 0 200000 900 0 100000 0 5
//
// The address may be missing. The numbers are packets, errors and bytes received, the same sent, collisions and drops.
func parseInterfaceCounters(text string) map[string]interfaceDetail {
	counters := map[string]interfaceDetail{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		const numbers = 8
		if len(f) < 3+numbers || !strings.HasPrefix(f[2], "<Link#") {
			continue
		}
		var row interfaceDetail
		columns := []*int64{&row.IPackets, &row.IErrors, &row.IBytes, &row.OPackets, &row.OErrors, &row.OBytes, &row.Collisions, &row.ODrops}
		for i, word := range f[len(f)-numbers:] {
			if n, err := strconv.ParseInt(word, 10, 64); err == nil {
				*columns[i] = n
			}
		}
		counters[strings.TrimSuffix(f[0], "*")] = row // a star marks one that is down
	}
	return counters
}
