package threat

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

// unrecorded serves tables of events that nothing in this agent can record: no row, and a warning in the log, as osquery has it
// where events are off. Public packs that ask for such events so run on, and osquery_events tells that they are not active.
func unrecorded[T any](table string) tables.Generators[T] {
	generate := func(ctx context.Context, host tables.Host, _ *tables.Query, _ func(*T) error) error {
		host.Log().WarnContext(ctx, "this agent cannot record these events: the table is empty", "table", table)
		return nil
	}
	return tables.Generators[T]{Linux: generate, Darwin: generate, Windows: generate}
}
