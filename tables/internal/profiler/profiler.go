// Package profiler asks the System Profiler of a running macOS. It knows much that else needs a framework; it is slow, so
// each table asks for one kind of data.
package profiler

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// Command is the program.
const Command = "/usr/sbin/system_profiler"

// Items gives the items of one kind of data, such as SPDisplaysDataType; none where the system does not run.
func Items(ctx context.Context, host tables.Host, dataType string) []plist.Dict {
	return Report(ctx, host, dataType).Dicts("_items")
}

// Report gives the whole answer for one kind of data: _items, _versionInfo and what else it tells.
func Report(ctx context.Context, host tables.Host, dataType string) plist.Dict {
	printed, _ := plist.Command(ctx, host, Command, "-xml", dataType)
	for _, report := range plist.Dicts(printed) {
		if report.Text("_dataType") == dataType {
			return report
		}
	}
	return nil
}
