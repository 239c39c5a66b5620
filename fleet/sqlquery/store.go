package sqlquery

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// agent is an endpoint whose rows are asked.
type agent struct {
	tenant, key int32
	id          uuid.UUID
	hostname    string
	slug        string // of the tenant
}

// Revoked agents have no present, but they have a past.
const sqlAgents = `
SELECT a.tenant_id, a.id, a.public_id, a.hostname, t.slug
  FROM agents a JOIN tenants t ON t.id = a.tenant_id
 WHERE a.tenant_id = ANY($1::int[]) AND ($2 OR a.state = 'active')
   AND ($3::uuid[] IS NULL OR a.public_id = ANY($3)) AND ($4::text[] IS NULL OR a.platform = ANY($4)) AND ($5::text[] IS NULL OR a.tags && $5)
   AND ($6::uuid[] IS NULL OR EXISTS (SELECT FROM agent_group_members m
        WHERE m.tenant_id = ANY($1) AND m.group_id = ANY($6) AND m.agent_tenant = a.tenant_id AND m.agent_id = a.id))
 ORDER BY a.tenant_id, a.id`

func listAgents(ctx context.Context, tx *postgres.Tx, t Target, past bool) ([]agent, error) {
	rows, err := tx.Query(ctx, sqlAgents, tx.Scope.Visible, past, nilIfEmpty(t.AgentIDs), nilIfEmpty(t.Platforms), nilIfEmpty(t.Tags), nilIfEmpty(t.Groups))
	if err != nil {
		return nil, fmt.Errorf("list agents: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (agent, error) {
		var a agent
		err := row.Scan(&a.tenant, &a.key, &a.id, &a.hostname, &a.slug)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("list agents: %w", err)
	}
	return found, nil
}

func nilIfEmpty[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// standing is where a collection stands on an agent.
type standing struct {
	tenant, agent, collection int32
	name                      string
	rows                      int64
	at                        time.Time // of the last batch
	failed                    string    // why the last execution failed, "" for well
}

const sqlStandings = `
SELECT s.tenant_id, s.agent_id, s.collection_id, c.name, s.rows, s.last_batch_at, CASE WHEN s.status_code = 0 THEN '' ELSE s.execution_log END
  FROM collections c JOIN agent_collections s ON s.tenant_id = c.tenant_id AND s.collection_id = c.id
 WHERE c.tenant_id = ANY($1::int[]) AND c.name = ANY($2::text[])`

func listStandings(ctx context.Context, tx *postgres.Tx, collections []string) ([]standing, error) {
	rows, err := tx.Query(ctx, sqlStandings, tx.Scope.Visible, collections)
	if err != nil {
		return nil, fmt.Errorf("list collections: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (standing, error) {
		var s standing
		err := row.Scan(&s.tenant, &s.agent, &s.collection, &s.name, &s.rows, &s.at, &s.failed)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("list collections: %w", err)
	}
	return found, nil
}
