package rows

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// Cost is what a collection's query took when agents told of it last: its executions that found a change, which are those
// that are told. CPU and duration are milliseconds.
type Cost struct {
	Collection               string
	Agents, Failing          int64
	Rows                     int64 // of all agents together
	CPUP50, CPUP95           int64
	DurationP50, DurationP95 int64
	LastBatchAt              time.Time // the youngest
}

const sqlCosts = `
SELECT c.name, count(*), count(*) FILTER (WHERE s.status_code <> 0), coalesce(sum(s.rows), 0)::bigint,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY s.cpu_ms)::bigint,      percentile_cont(0.95) WITHIN GROUP (ORDER BY s.cpu_ms)::bigint,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY s.duration_ms)::bigint, percentile_cont(0.95) WITHIN GROUP (ORDER BY s.duration_ms)::bigint,
       max(s.last_batch_at)
  FROM agent_collections s
  JOIN agents a ON a.tenant_id = s.tenant_id AND a.id = s.agent_id AND a.state = 'active'
  JOIN collections c ON c.tenant_id = s.tenant_id AND c.id = s.collection_id
 WHERE s.tenant_id = ANY($1::int[]) AND starts_with(c.name, $2) AND c.name > $3
 GROUP BY c.name ORDER BY c.name LIMIT $4`

// Costs gives what the collections whose names begin with prefix cost the active agents of the scope's visible tenants, by
// name from after on.
func Costs(ctx context.Context, tx *postgres.Tx, prefix, after string, limit int) ([]Cost, error) {
	rows, err := tx.Query(ctx, sqlCosts, tx.Scope.Visible, prefix, after, limit)
	if err != nil {
		return nil, fmt.Errorf("add up costs: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Cost, err error) {
		return c, row.Scan(&c.Collection, &c.Agents, &c.Failing, &c.Rows, &c.CPUP50, &c.CPUP95, &c.DurationP50, &c.DurationP95, &c.LastBatchAt)
	})
	if err != nil {
		return nil, fmt.Errorf("add up costs: %w", err)
	}
	return found, nil
}
