package system

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// virtualMemoryInfo is the state of virtual memory, in pages since the start.
type virtualMemoryInfo struct {
	Free         int64 `col:"free" doc:"Pages that are free."`
	Active       int64 `col:"active" doc:"Pages in use."`
	Inactive     int64 `col:"inactive" doc:"Pages not used lately."`
	Speculative  int64 `col:"speculative" doc:"Pages read ahead."`
	Throttled    int64 `col:"throttled" doc:"Pages whose owner is held back."`
	Wired        int64 `col:"wired" doc:"Pages that cannot be paged out."`
	Purgeable    int64 `col:"purgeable" doc:"Pages that may be given up."`
	Faults       int64 `col:"faults" doc:"Page faults."`
	Copy         int64 `col:"copy" doc:"Pages copied on write."`
	ZeroFill     int64 `col:"zero_fill" doc:"Pages filled with zeros."`
	Reactivated  int64 `col:"reactivated" doc:"Pages brought back from the inactive ones."`
	Purged       int64 `col:"purged" doc:"Pages that were given up."`
	FileBacked   int64 `col:"file_backed" doc:"Pages of files."`
	Anonymous    int64 `col:"anonymous" doc:"Pages of no file."`
	Uncompressed int64 `col:"uncompressed" doc:"Pages that the compressor holds, uncompressed."`
	Compressor   int64 `col:"compressor" doc:"Pages that the compressor takes."`
	Decompressed int64 `col:"decompressed" doc:"Pages decompressed."`
	Compressed   int64 `col:"compressed" doc:"Pages compressed."`
	PageIns      int64 `col:"page_ins" doc:"Pages read in."`
	PageOuts     int64 `col:"page_outs" doc:"Pages written out."`
	SwapIns      int64 `col:"swap_ins" doc:"Pages read from swap."`
	SwapOuts     int64 `col:"swap_outs" doc:"Pages written to swap."`
}

// VirtualMemoryInfo has one row.
// Source: vm_stat(1) on a running system.
var VirtualMemoryInfo = tables.Define[virtualMemoryInfo](tables.Spec{
	Name: "virtual_memory_info", Doc: "Use of virtual memory, in pages.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT free, active, compressor, swap_outs FROM virtual_memory_info"},
}, generateVirtualMemoryInfo)

var virtualMemoryLines = map[string]func(*virtualMemoryInfo) *int64{
	"Pages free":                   func(r *virtualMemoryInfo) *int64 { return &r.Free },
	"Pages active":                 func(r *virtualMemoryInfo) *int64 { return &r.Active },
	"Pages inactive":               func(r *virtualMemoryInfo) *int64 { return &r.Inactive },
	"Pages speculative":            func(r *virtualMemoryInfo) *int64 { return &r.Speculative },
	"Pages throttled":              func(r *virtualMemoryInfo) *int64 { return &r.Throttled },
	"Pages wired down":             func(r *virtualMemoryInfo) *int64 { return &r.Wired },
	"Pages purgeable":              func(r *virtualMemoryInfo) *int64 { return &r.Purgeable },
	"\"Translation faults\"":       func(r *virtualMemoryInfo) *int64 { return &r.Faults },
	"Pages copy-on-write":          func(r *virtualMemoryInfo) *int64 { return &r.Copy },
	"Pages zero filled":            func(r *virtualMemoryInfo) *int64 { return &r.ZeroFill },
	"Pages reactivated":            func(r *virtualMemoryInfo) *int64 { return &r.Reactivated },
	"Pages purged":                 func(r *virtualMemoryInfo) *int64 { return &r.Purged },
	"File-backed pages":            func(r *virtualMemoryInfo) *int64 { return &r.FileBacked },
	"Anonymous pages":              func(r *virtualMemoryInfo) *int64 { return &r.Anonymous },
	"Pages stored in compressor":   func(r *virtualMemoryInfo) *int64 { return &r.Uncompressed },
	"Pages occupied by compressor": func(r *virtualMemoryInfo) *int64 { return &r.Compressor },
	"Decompressions":               func(r *virtualMemoryInfo) *int64 { return &r.Decompressed },
	"Compressions":                 func(r *virtualMemoryInfo) *int64 { return &r.Compressed },
	"Pageins":                      func(r *virtualMemoryInfo) *int64 { return &r.PageIns },
	"Pageouts":                     func(r *virtualMemoryInfo) *int64 { return &r.PageOuts },
	"Swapins":                      func(r *virtualMemoryInfo) *int64 { return &r.SwapIns },
	"Swapouts":                     func(r *virtualMemoryInfo) *int64 { return &r.SwapOuts },
}

func generateVirtualMemoryInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*virtualMemoryInfo) error) error {
	out, err := host.Run(ctx, "/usr/bin/vm_stat")
	if err != nil {
		hostfile.Skipped(ctx, host, "/usr/bin/vm_stat", err)
		return ctx.Err()
	}
	var row virtualMemoryInfo
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		column, known := virtualMemoryLines[name]
		if !known {
			continue
		}
		pages, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), "."), 10, 64)
		if err != nil {
			return fmt.Errorf("vm_stat: %s: %w", name, err)
		}
		*column(&row) = pages
	}
	return emit(&row)
}
