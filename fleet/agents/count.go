package agents

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlCountAgents = `
SELECT tenant_id, count(*) FROM agents WHERE tenant_id = ANY($1::int[]) AND state <> 'revoked' GROUP BY tenant_id`

// CountAgents gives how many agents tenants of the scope have, revoked ones left out; tenants without any are absent.
func (s *Service) CountAgents(ctx context.Context, tx *postgres.Tx, tenants []int32) (map[int32]int, error) {
	rows, err := tx.Query(ctx, sqlCountAgents, tenants)
	if err != nil {
		return nil, fmt.Errorf("count agents: %w", err)
	}
	counts := map[int32]int{}
	var tenant int32
	var n int
	_, err = pgx.ForEachRow(rows, []any{&tenant, &n}, func() error { counts[tenant] = n; return nil })
	if err != nil {
		return nil, fmt.Errorf("count agents: %w", err)
	}
	return counts, nil
}
