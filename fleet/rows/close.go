package rows

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Rows of agents that are revoked, and of collections that agents are told to collect no more, are nobody's state any more:
// they move to history. The agreed state goes with them, so that a collection that comes back begins with its whole state.

const (
	sqlClose = `
WITH hit AS MATERIALIZED (
    SELECT x.place, x.collection_id, x.agent_id, x.row_id, x.seen_from
      FROM unnest($2::int[], $3::int[]) AS s(a, c),
           LATERAL (SELECT ctid AS place, collection_id, agent_id, row_id, seen_from FROM agent_rows r
                     WHERE r.tenant_id = $1 AND r.collection_id = s.c AND r.agent_id = s.a OFFSET 0) x
), gone AS (
    DELETE FROM agent_rows WHERE ctid = ANY(ARRAY(SELECT place FROM hit))
), past AS (
    INSERT INTO agent_rows_past (tenant_id, collection_id, agent_id, row_id, seen_from, seen_to)
    SELECT $1, collection_id, agent_id, row_id, seen_from, GREATEST($4, seen_from) FROM hit
)
UPDATE agent_collections s SET rows = 0, counter = -1, changed_at = $4
  FROM unnest($2::int[], $3::int[]) AS k(a, c)
 WHERE s.tenant_id = $1 AND s.agent_id = k.a AND s.collection_id = k.c`

	// The cursor's lock, which ingest takes as well, keeps batches of the agent out until the transaction ends.
	sqlCloseLock = `
SELECT FROM agent_cursors WHERE tenant_id = $1 AND agent_id = ANY($2::int[]) ORDER BY agent_id FOR UPDATE`

	sqlOpenOf = `
SELECT agent_id, collection_id FROM agent_collections WHERE tenant_id = $1 AND agent_id = $2 AND rows > 0`

	sqlLeft = `
SELECT s.agent_id, s.collection_id
  FROM agent_collections s
  JOIN agents a ON a.tenant_id = s.tenant_id AND a.id = s.agent_id
  JOIN collections c ON c.tenant_id = s.tenant_id AND c.id = s.collection_id
 WHERE s.tenant_id = $1 AND s.rows > 0
   AND (a.state = 'revoked' OR a.platform = ANY($2::text[]) AND a.platform || '/' || c.name <> ALL($3::text[]))
 ORDER BY s.agent_id, s.collection_id LIMIT $4`
)

// closedAtOnce is how many collections of agents one transaction closes.
const closedAtOnce = 100

// CloseAgent moves the rows that an agent of the scope's tenant has to history: it tells nothing any more.
func CloseAgent(ctx context.Context, tx *postgres.Tx, agent int32) error {
	if _, err := tx.Exec(ctx, sqlCloseLock, tx.Scope.Tenant, []int32{agent}); err != nil {
		return fmt.Errorf("close rows of agent %d: %w", agent, err)
	}
	found, err := tx.Query(ctx, sqlOpenOf, tx.Scope.Tenant, agent)
	if err == nil {
		_, err = closeListed(ctx, tx, found)
	}
	if err != nil {
		return fmt.Errorf("close rows of agent %d: %w", agent, err)
	}
	return nil
}

// closeListed closes collections, listed with their agents, and gives their number.
func closeListed(ctx context.Context, tx *postgres.Tx, found pgx.Rows) (int, error) {
	var agents, collections []int32
	var agent, collection int32
	if _, err := pgx.ForEachRow(found, []any{&agent, &collection}, func() error {
		agents, collections = append(agents, agent), append(collections, collection)
		return nil
	}); err != nil || len(agents) == 0 {
		return 0, err
	}
	if _, err := tx.Exec(ctx, sqlCloseLock, tx.Scope.Tenant, agents); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, sqlClose, tx.Scope.Tenant, agents, collections, tx.Now); err != nil {
		return 0, err
	}
	return len(agents), nil
}

// closeLeft closes what revoked agents have left behind (a batch that was on its way) and the collections of a tenant that its
// agents are told to collect no more.
func (u *Upkeep) closeLeft(ctx context.Context, tenant int32) error {
	platforms, configured := []string{}, []string{} // nil would be NULL, which is unlike everything
	if u.config.Configured != nil {
		byPlatform, err := u.config.Configured(ctx, tenant)
		if err != nil {
			return fmt.Errorf("find what tenant %d collects: %w", tenant, err)
		}
		for platform, names := range byPlatform {
			platforms = append(platforms, platform)
			for _, name := range names {
				configured = append(configured, platform+"/"+name)
			}
		}
	}
	for {
		var closed int
		err := u.config.DB.InScope(ctx, access.System(tenant, "upkeep"), func(ctx context.Context, tx *postgres.Tx) error {
			found, err := tx.Query(ctx, sqlLeft, tenant, platforms, configured, closedAtOnce)
			if err != nil {
				return err
			}
			closed, err = closeListed(ctx, tx, found)
			return err
		})
		if err != nil {
			return fmt.Errorf("close what tenant %d collects no more: %w", tenant, err)
		}
		if closed < closedAtOnce {
			return nil
		}
	}
}
