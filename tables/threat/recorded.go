package threat

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/tenantra/tenantra/tables"
)

// recorded serves a table of events from what the agent has recorded of it. identify puts the event's identifier into a row.
// Where nothing is recorded, the log says why, as osquery does, and the table has only what was recorded before.
func recorded[T any](table string, identify func(row *T, id string)) tables.Generators[T] {
	generate := func(ctx context.Context, host tables.Host, q *tables.Query, emit func(*T) error) error {
		if !host.Live() {
			host.Log().WarnContext(ctx, "events are of the running system: there are none of an image", "table", table)
			return nil
		}
		if err := warnInactive(ctx, host, table); err != nil {
			return err
		}
		return host.Self().Events(ctx, windowOf(table, q), func(e tables.Event) error {
			var row T
			if err := json.Unmarshal(e.Row, &row); err != nil {
				return fmt.Errorf("table %s: event %d is spoilt: %w", table, e.ID, err)
			}
			identify(&row, strconv.FormatInt(e.ID, 10))
			return emit(&row)
		})
	}
	return tables.Generators[T]{Linux: generate, Darwin: generate, Windows: generate}
}

// warnInactive says once a statement why nothing is recorded.
func warnInactive(ctx context.Context, host tables.Host, table string) error {
	list, err := host.Self().EventTables(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(t tables.EventTable) bool { return t.Name == table })
	switch {
	case i < 0:
		host.Log().WarnContext(ctx, "no events are recorded: the daemon (tenantra-agent run) does so where its configuration asks for the table", "table", table)
	case !list[i].Active:
		host.Log().WarnContext(ctx, "no events are recorded", "table", table, "reason", list[i].Reason)
	}
	return nil
}

// windowOf turns constraints on the time into what is read. The engine checks each row again.
func windowOf(table string, q *tables.Query) tables.EventQuery {
	out := tables.EventQuery{Table: table}
	low, high := q.Range("time")
	if at, err := strconv.ParseInt(low.Value, 10, 64); err == nil {
		out.From = at
	}
	if at, err := strconv.ParseInt(high.Value, 10, 64); err == nil && at > 0 {
		out.To = at
	}
	if times, constrained := q.EqualInt("time"); constrained && len(times) > 0 {
		out.From, out.To = max(out.From, slices.Min(times)), slices.Max(times)
	}
	return out
}
