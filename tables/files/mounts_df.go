package files

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
)

// generateDarwinMounts joins what mount(8) and df(1) print.
func generateDarwinMounts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*mount) error) error {
	out, err := host.Run(ctx, "/sbin/mount")
	if err != nil {
		hostfile.Skipped(ctx, host, "/sbin/mount", err)
		return ctx.Err()
	}
	sizes := map[string]mount{}
	if q.WantsAny("blocks_size", "blocks", "blocks_free", "blocks_available", "inodes", "inodes_free") {
		if out, err := host.Run(ctx, "/bin/df", "-ki"); err != nil {
			hostfile.Skipped(ctx, host, "/bin/df", err)
		} else {
			sizes = parseDF(string(out))
		}
	}
	for line := range strings.Lines(string(out)) {
		m := mountLine().FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		row := sizes[m[2]]
		row.Device, row.DeviceAlias, row.Path = m[1], m[1], m[2]
		row.Type, row.Flags, _ = strings.Cut(m[3], ", ")
		row.Flags = strings.ReplaceAll(row.Flags, ", ", ",")
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

var (
	mountLine = lazyregexp.New(`^(.+?) on (/.*) \(([^()]*)\)$`)
	dfLine    = lazyregexp.New(`^.+?\s+(\d+)\s+(\d+)\s+(\d+)\s+(?:\d+%|-)\s+(\d+)\s+(\d+)\s+(?:\d+%|-)\s+(/.*)$`)
)

// parseDF gives sizes by directory. Lines are a name, kibibytes in all, used and available, the share, inodes used and
// free, the share, and the directory.
func parseDF(text string) map[string]mount {
	sizes := map[string]mount{}
	for line := range strings.Lines(text) {
		m := dfLine().FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		var n [5]int64
		valid := true
		for i := range n {
			v, err := strconv.ParseInt(m[i+1], 10, 64)
			n[i], valid = v, valid && err == nil
		}
		if !valid {
			continue
		}
		sizes[m[6]] = mount{
			BlocksSize: tables.Some(int64(1024)), Blocks: tables.Some(n[0]), BlocksFree: tables.Some(max(n[0]-n[1], 0)), BlocksAvailable: tables.Some(n[2]),
			Inodes: tables.Some(n[3] + n[4]), InodesFree: tables.Some(n[4]),
		}
	}
	return sizes
}
