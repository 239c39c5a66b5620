package billing

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// dailyCost is what one query, pack or kind of statement cost on one day.
type dailyCost struct {
	Day        string  `col:"day" doc:"Day in UTC, YYYY-MM-DD."`
	Kind       string  `col:"kind" doc:"What is summed up: query, pack, check, or live for all live statements together."`
	Name       string  `col:"name" doc:"Name of the query with its pack, of the pack or of the check; empty for live statements."`
	Executions int64   `col:"executions" doc:"How often it ran."`
	Failures   int64   `col:"failures" doc:"How often it did not end well."`
	Rows       int64   `col:"rows" doc:"Rows of its results."`
	SizeBytes  int64   `col:"size_bytes" doc:"Bytes of its results."`
	WallTimeMS float64 `col:"wall_time_ms" doc:"Milliseconds that it took."`
	CPUTimeMS  float64 `col:"cpu_time_ms" doc:"Milliseconds of processor time, user and system together."`
}

// Costs has a row for each day and each query, pack and check that ran on it, by what the agent remembers: its latest thousand
// statements. A pack's row is the sum of its queries' rows.
var Costs = tables.Define[dailyCost](tables.Spec{
	Name: "tenantra_costs", Doc: "What each query, pack and check cost on this machine, by day.",
	Category: tables.Billing, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT day, name, executions, round(cpu_time_ms, 1) AS cpu_ms FROM tenantra_costs WHERE kind = 'pack' ORDER BY day DESC, cpu_time_ms DESC"},
}, generateCosts)

func generateCosts(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*dailyCost) error) error {
	executions, err := host.Self().Executions(ctx)
	if err != nil {
		return err
	}
	for _, row := range sumCosts(executions) {
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// sumCosts adds executions up, sorted by day, kind and name.
func sumCosts(executions []tables.Execution) []dailyCost {
	type key struct{ day, kind, name string }
	sums := map[key]*dailyCost{}
	add := func(k key, e tables.Execution) {
		sum := sums[k]
		if sum == nil {
			sum = &dailyCost{Day: k.day, Kind: k.kind, Name: k.name}
			sums[k] = sum
		}
		sum.Executions++
		if e.Status != "ok" {
			sum.Failures++
		}
		sum.Rows += e.Rows
		sum.SizeBytes += e.Bytes
		sum.WallTimeMS += e.Wall.Seconds() * 1e3
		sum.CPUTimeMS += e.CPU.Seconds() * 1e3
	}
	for _, e := range executions {
		day := e.At.UTC().Format(time.DateOnly)
		kind, name, _ := strings.Cut(e.Name, ":") // pack:PACK/QUERY or check:CHECK
		switch {
		case e.Kind == "live":
			add(key{day, "live", ""}, e)
		case kind == "pack":
			pack, _, _ := strings.Cut(name, "/")
			add(key{day, "pack", pack}, e)
			add(key{day, "query", name}, e)
		case kind == "check":
			name, _, _ = strings.Cut(name, "/") // CHECK/applies is part of the check
			add(key{day, "check", name}, e)
		default:
			add(key{day, "query", e.Name}, e)
		}
	}
	rows := make([]dailyCost, 0, len(sums))
	for _, sum := range sums {
		rows = append(rows, *sum)
	}
	slices.SortFunc(rows, func(a, b dailyCost) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return rows
}
