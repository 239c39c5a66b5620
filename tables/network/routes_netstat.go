package network

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
)

func generateDarwinRoutes(ctx context.Context, host tables.Host, q *tables.Query, emit func(*route) error) error {
	out, err := host.Run(ctx, "/usr/sbin/netstat", "-rnl")
	if err != nil {
		hostfile.Skipped(ctx, host, "/usr/sbin/netstat", err)
		return ctx.Err()
	}
	types := q.Equal("type")
	for _, row := range parseNetstatRoutes(string(out)) {
		if types != nil && !slices.Contains(types, row.Type) {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// routeFlags are the flags of net/route.h by the letters that netstat(1) writes.
var routeFlags = map[rune]int64{
	'U': 0x1, 'G': 0x2, 'H': 0x4, 'R': 0x8, 'D': 0x10, 'M': 0x20, 'C': 0x100, 'X': 0x200, 'L': 0x400, 'S': 0x800, 'B': 0x1000, '2': 0x4000, '1': 0x8000,
	'c': 0x10000, 'W': 0x20000, '3': 0x40000, 'l': 0x200000, 'b': 0x400000, 'm': 0x800000, 'I': 0x1000000, 'i': 0x4000000, 'Y': 0x8000000, 'r': 0x10000000,
	'g': 0x40000000,
}

// parseNetstatRoutes reads the tables of both families, whose columns are named in a line before them:
//
//	Destination  Gateway  Flags  Refs  Use  Mtu  Netif  Expire
func parseNetstatRoutes(text string) []route {
	var rows []route
	columns := map[string]int{}
	v6 := false
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) == 0:
			continue
		case strings.HasPrefix(f[0], "Internet"):
			v6 = f[0] == "Internet6:"
			continue
		case f[0] == "Destination":
			columns = map[string]int{}
			for i, name := range f {
				columns[name] = i
			}
			continue
		}
		if columns["Flags"] == 0 || columns["Netif"] == 0 || len(f) <= columns["Netif"] {
			continue
		}
		row, ok := netstatRoute(f[0], f[columns["Gateway"]], f[columns["Flags"]], v6)
		if !ok {
			continue
		}
		row.Interface = tables.Some(f[columns["Netif"]])
		if at := columns["Mtu"]; at > 0 {
			if mtu, err := strconv.ParseInt(f[at], 10, 32); err == nil {
				row.MTU = mtu
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func netstatRoute(destination, gateway, letters string, v6 bool) (row route, ok bool) {
	row.Destination, row.Netmask, ok = netstatDestination(destination, v6)
	if !ok {
		return row, false
	}
	for _, letter := range letters {
		row.Flags |= routeFlags[letter]
	}
	row.Gateway = tables.Some(gateway)
	row.Type = "other"
	for _, kind := range []struct{ letter, name string }{{"l", "local"}, {"G", "gateway"}, {"H", "host"}, {"S", "static"}, {"D", "dynamic"}, {"b", "broadcast"}} {
		if strings.Contains(letters, kind.letter) {
			row.Type = kind.name
			break
		}
	}
	return row, true
}

// netstatDestination reads default, an address, a network with its length, or one whose last parts are left out: 192.168.1.
func netstatDestination(text string, v6 bool) (address string, bits int32, ok bool) {
	if text == "default" {
		if v6 {
			return "::", 0, true
		}
		return "0.0.0.0", 0, true
	}
	name, length, hasLength := strings.Cut(text, "/")
	if hasLength {
		n, err := strconv.ParseUint(length, 10, 8)
		if err != nil || n > 128 {
			return "", 0, false
		}
		bits = int32(n)
	}
	if !v6 {
		parts := strings.Split(name, ".")
		if missing := 4 - len(parts); missing > 0 {
			if !hasLength {
				bits = int32(8 * len(parts))
			}
			name += strings.Repeat(".0", missing)
		}
	}
	ip, err := netip.ParseAddr(name)
	if err != nil {
		return "", 0, false
	}
	return ip.String(), bits, true
}

var arpLine = lazyregexp.New(`^\S+ \((\d+\.\d+\.\d+\.\d+)\) at (\S+) on (\S+)(.*)$`)

func generateDarwinARPCache(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*arpEntry) error) error {
	out, err := host.Run(ctx, "/usr/sbin/arp", "-an")
	if err != nil {
		hostfile.Skipped(ctx, host, "/usr/sbin/arp", err)
		return ctx.Err()
	}
	for line := range strings.Lines(string(out)) {
		row, ok := parseDarwinARP(strings.TrimSpace(line))
		if !ok {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// parseDarwinARP reads ? (192.0.2.1) at 0:11:22:33:44:55 on en0 ifscope permanent [ethernet].
func parseDarwinARP(line string) (row arpEntry, ok bool) {
	m := arpLine().FindStringSubmatch(line)
	if m == nil {
		return row, false
	}
	row = arpEntry{Address: m[1], MAC: "00:00:00:00:00:00", Interface: m[3], Permanent: "0"}
	if strings.Contains(m[4], "permanent") {
		row.Permanent = "1"
	}
	if m[2] != "(incomplete)" {
		parts := strings.Split(m[2], ":")
		for i, part := range parts {
			if len(part) == 1 {
				parts[i] = "0" + part
			}
		}
		row.MAC = strings.Join(parts, ":")
	}
	return row, true
}
