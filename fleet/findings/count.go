package findings

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlCountOpen = `
SELECT a.public_id, count(*)
  FROM agents a
  JOIN findings f ON f.tenant_id = a.tenant_id AND f.agent_id = a.id
 WHERE a.public_id = ANY($1::uuid[]) AND f.state IN ('open', 'acknowledged')
 GROUP BY a.public_id`

// CountOpen gives how many findings of agents are not settled; agents without any are absent.
func (s *Service) CountOpen(ctx context.Context, tx *postgres.Tx, agents []uuid.UUID) (map[uuid.UUID]int, error) {
	rows, err := tx.Query(ctx, sqlCountOpen, agents)
	if err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	counts := map[uuid.UUID]int{}
	var id uuid.UUID
	var n int
	_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error { counts[id] = n; return nil })
	if err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	return counts, nil
}
