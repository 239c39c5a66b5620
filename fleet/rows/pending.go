package rows

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// Pending is a collection of an agent that changed and waits for its judges.
type Pending struct {
	Tenant, Agent, Collection int32
	Name                      string // of the collection
	At                        time.Time
}

const sqlPending = `
SELECT p.tenant_id, p.agent_id, p.collection_id, c.name, p.at
  FROM pending_judgements p JOIN collections c ON c.tenant_id = p.tenant_id AND c.id = p.collection_id
 WHERE p.tenant_id = ANY($1::int[]) ORDER BY p.at, p.tenant_id, p.agent_id, p.collection_id LIMIT $2`

// ListPending gives what waits for judgement in the scope's visible tenants, the oldest first. It locks nothing.
func ListPending(ctx context.Context, tx *postgres.Tx, limit int) ([]Pending, error) {
	rows, err := tx.Query(ctx, sqlPending, tx.Scope.Visible, limit)
	if err != nil {
		return nil, fmt.Errorf("list pending judgements: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Pending, error) {
		var p Pending
		err := row.Scan(&p.Tenant, &p.Agent, &p.Collection, &p.Name, &p.At)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("list pending judgements: %w", err)
	}
	return found, nil
}

// Judged takes judged collections off the list, as the last statement of the transaction that stores the verdicts. One
// that changed since it was listed stays: its at is another.
func Judged(ctx context.Context, tx *postgres.Tx, judged []Pending) error {
	const text = `
DELETE FROM pending_judgements p USING unnest($1::int[], $2::int[], $3::int[], $4::timestamptz[]) AS s(t, a, c, at)
 WHERE p.tenant_id = s.t AND p.agent_id = s.a AND p.collection_id = s.c AND p.at = s.at`
	var t, a, c []int32
	var at []time.Time
	for _, p := range judged {
		t, a, c, at = append(t, p.Tenant), append(a, p.Agent), append(c, p.Collection), append(at, p.At)
	}
	if _, err := tx.Exec(ctx, text, t, a, c, at); err != nil {
		return fmt.Errorf("take judged collections off the list: %w", err)
	}
	return nil
}

// Rejudge puts every collection that the scope's tenant has under one of the names on the list: its rule has changed.
func Rejudge(ctx context.Context, tx *postgres.Tx, names []string) error {
	const text = `
INSERT INTO pending_judgements AS p (tenant_id, agent_id, collection_id, at)
SELECT s.tenant_id, s.agent_id, s.collection_id, $3
  FROM agent_collections s JOIN collections c ON c.tenant_id = s.tenant_id AND c.id = s.collection_id
 WHERE c.tenant_id = $1 AND c.name = ANY($2::text[])
 ORDER BY s.tenant_id, s.agent_id, s.collection_id
ON CONFLICT (tenant_id, agent_id, collection_id) DO UPDATE SET at = GREATEST(excluded.at, p.at + interval '1 microsecond')`
	if _, err := tx.Exec(ctx, text, tx.Scope.Tenant, names, tx.Now); err != nil {
		return fmt.Errorf("ask for new judgements: %w", err)
	}
	return nil
}
