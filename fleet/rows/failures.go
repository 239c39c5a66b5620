package rows

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// Failure is a query that did not run well when an agent ran it last.
type Failure struct {
	Place       FailurePlace
	AgentID     uuid.UUID
	Hostname    string
	Tenant      string // slug
	Collection  string
	StatusCode  int // 1 the statement failed, 2 ended by a limit
	Log         string
	DurationMS  int64
	CPUMillis   int64
	LastBatchAt time.Time
}

// FailurePlace is a failure's place in lists.
type FailurePlace struct {
	Tenant     int32 `json:"t"`
	Agent      int32 `json:"a"`
	Collection int32 `json:"c"`
}

// FailureFilter narrows a list. Zero values do not filter.
type FailureFilter struct {
	StatusCode int
	Agent      *uuid.UUID
	Collection string
	After      FailurePlace
	Limit      int
}

const sqlFailures = `
SELECT s.tenant_id, s.agent_id, s.collection_id, a.public_id, a.hostname, t.slug, c.name, s.status_code, s.execution_log, s.duration_ms, s.cpu_ms, s.last_batch_at
  FROM agent_collections s
  JOIN agents a ON a.tenant_id = s.tenant_id AND a.id = s.agent_id AND a.state = 'active'
  JOIN collections c ON c.tenant_id = s.tenant_id AND c.id = s.collection_id
  JOIN tenants t ON t.id = s.tenant_id
 WHERE s.tenant_id = ANY($1::int[]) AND s.status_code <> 0 AND ($2 = 0 OR s.status_code = $2) AND ($3::uuid IS NULL OR a.public_id = $3)
   AND ($4 = '' OR c.name = $4) AND (s.tenant_id, s.agent_id, s.collection_id) > ($5, $6, $7)
 ORDER BY s.tenant_id, s.agent_id, s.collection_id LIMIT $8`

// Failures gives what does not run well on the active agents of the scope's visible tenants, by agent.
func Failures(ctx context.Context, tx *postgres.Tx, f FailureFilter) ([]Failure, error) {
	rows, err := tx.Query(ctx, sqlFailures, tx.Scope.Visible, f.StatusCode, f.Agent, f.Collection, f.After.Tenant, f.After.Agent, f.After.Collection, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list failures: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x Failure, err error) {
		return x, row.Scan(&x.Place.Tenant, &x.Place.Agent, &x.Place.Collection, &x.AgentID, &x.Hostname, &x.Tenant, &x.Collection, &x.StatusCode, &x.Log,
			&x.DurationMS, &x.CPUMillis, &x.LastBatchAt)
	})
	if err != nil {
		return nil, fmt.Errorf("list failures: %w", err)
	}
	return found, nil
}
