package groups

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/queries/rules"
)

const sqlGroups = `
SELECT g.id, g.tenant_id, t.public_id, g.name, g.description, g.kind, g.rule, g.evaluated_at, g.error, g.created_at,
       (SELECT count(*) FROM agent_group_members m WHERE m.tenant_id = g.tenant_id AND m.group_id = g.id)
  FROM agent_groups g JOIN tenants t ON t.id = g.tenant_id
 WHERE g.tenant_id = ANY($1::int[])`

func collect(rows pgx.Rows, err error) ([]Group, error) {
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Group, error) {
		var g Group
		var at *time.Time
		err := row.Scan(&g.ID, &g.Tenant, &g.TenantID, &g.Name, &g.Description, &g.Kind, &g.Rule, &at, &g.Error, &g.CreatedAt, &g.Members)
		if at != nil {
			g.EvaluatedAt = *at
		}
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	return found, nil
}

// listGroups gives the groups of the scope's visible tenants by name, behind a place.
func listGroups(ctx context.Context, tx *postgres.Tx, after place, limit int) ([]Group, error) {
	const text = sqlGroups + ` AND (g.name, g.id) > ($2, $3) ORDER BY g.name, g.id LIMIT $4`
	return collect(tx.Query(ctx, text, tx.Scope.Visible, after.Name, after.ID, limit))
}

// place is a group's place in lists.
type place struct {
	Name string    `json:"n"`
	ID   uuid.UUID `json:"i"`
}

func findGroup(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (Group, error) {
	const text = sqlGroups + ` AND g.id = $2`
	found, err := collect(tx.Query(ctx, text, tx.Scope.Visible, id))
	if err != nil {
		return Group{}, err
	}
	if len(found) == 0 {
		return Group{}, fault.New(fault.NotFound, "no such group")
	}
	return found[0], nil
}

// findOwn is findGroup for a change: only the group's own tenant changes it.
func findOwn(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (Group, error) {
	g, err := findGroup(ctx, tx, id)
	if err == nil && g.Tenant != tx.Scope.Tenant {
		err = fault.New(fault.NotFound, "no such group")
	}
	return g, err
}

// putGroup stores a group of the scope's tenant. What its rule gave before stays until it is evaluated.
func putGroup(ctx context.Context, tx *postgres.Tx, id uuid.UUID, d Draft) error {
	const text = `
INSERT INTO agent_groups (tenant_id, id, name, description, kind, rule, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, $8)
ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, description = excluded.description, kind = excluded.kind, rule = excluded.rule,
       evaluated_at = NULL, error = '', last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`
	_, err := tx.Exec(ctx, text, tx.Scope.Tenant, id, d.Name, d.Description, string(d.Kind), d.Rule, tx.Scope.Actor.String(), tx.Now)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "agent_groups_name" {
		return fault.Field(fault.Conflict, "body.name", "the tenant has a group of this name")
	}
	if err != nil {
		return fmt.Errorf("store group: %w", err)
	}
	return nil
}

func deleteGroup(ctx context.Context, tx *postgres.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM agent_groups WHERE tenant_id = $1 AND id = $2`, tx.Scope.Tenant, id); err != nil {
		return fmt.Errorf("delete group: %w", err)
	}
	return nil
}

// noteEvaluation says when a group's rule was evaluated, and why it could not be.
func noteEvaluation(ctx context.Context, tx *postgres.Tx, id uuid.UUID, why string) error {
	const text = `UPDATE agent_groups SET evaluated_at = $3, error = $4 WHERE tenant_id = $1 AND id = $2`
	if _, err := tx.Exec(ctx, text, tx.Scope.Tenant, id, tx.Now, why); err != nil {
		return fmt.Errorf("note evaluation of a group: %w", err)
	}
	return nil
}

const (
	sqlLeave = `
DELETE FROM agent_group_members m USING agents a
 WHERE m.tenant_id = $1 AND m.group_id = $2 AND a.tenant_id = m.agent_tenant AND a.id = m.agent_id
   AND NOT (a.public_id = ANY($3::uuid[]) AND a.state = 'active')`
	sqlJoin = `
INSERT INTO agent_group_members (tenant_id, group_id, agent_tenant, agent_id, since)
SELECT $1, $2, a.tenant_id, a.id, $5 FROM agents a
 WHERE a.tenant_id = ANY($4::int[]) AND a.public_id = ANY($3::uuid[]) AND a.state = 'active'
ON CONFLICT DO NOTHING`
)

// setMembers makes the agents of the scope's visible tenants whose ids are given the members, and no others. It gives how
// many came and went.
func setMembers(ctx context.Context, tx *postgres.Tx, g Group, agents []uuid.UUID) (changed int64, err error) {
	if agents == nil {
		agents = []uuid.UUID{}
	}
	left, err := tx.Exec(ctx, sqlLeave, g.Tenant, g.ID, agents)
	if err != nil {
		return 0, fmt.Errorf("change members of a group: %w", err)
	}
	joined, err := tx.Exec(ctx, sqlJoin, g.Tenant, g.ID, agents, tx.Scope.Visible, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("change members of a group: %w", err)
	}
	return left.RowsAffected() + joined.RowsAffected(), nil
}

// Member is an agent of a group.
type Member struct {
	AgentID  uuid.UUID
	Hostname string
	Platform string
	Tenant   string // short name
	Since    time.Time
}

const sqlMembers = `
SELECT a.public_id, a.hostname, a.platform, t.slug, m.since
  FROM agent_group_members m JOIN agents a ON a.tenant_id = m.agent_tenant AND a.id = m.agent_id JOIN tenants t ON t.id = a.tenant_id
 WHERE m.tenant_id = ANY($2::int[]) AND m.group_id = $1 AND (a.hostname, a.public_id) > ($3, $4)
 ORDER BY a.hostname, a.public_id LIMIT $5`

func listMembers(ctx context.Context, tx *postgres.Tx, id uuid.UUID, after place, limit int) ([]Member, error) {
	rows, err := tx.Query(ctx, sqlMembers, id, tx.Scope.Visible, after.Name, after.ID, limit)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Member])
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return found, nil
}

const sqlMemberIDs = `
SELECT DISTINCT a.public_id FROM agent_group_members m JOIN agents a ON a.tenant_id = m.agent_tenant AND a.id = m.agent_id
 WHERE m.tenant_id = ANY($2::int[]) AND m.group_id = ANY($1::uuid[]) ORDER BY a.public_id`

// Members gives the ids of the agents in any of some groups, as far as the scope sees them. It is for other features.
func Members(ctx context.Context, tx *postgres.Tx, groups []uuid.UUID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, sqlMemberIDs, groups, tx.Scope.Visible)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return found, nil
}

const sqlFacts = `
SELECT public_id, hostname, platform, os_name, os_version, tags FROM agents WHERE tenant_id = ANY($1::int[]) AND state = 'active' ORDER BY public_id`

// listFacts gives what expressions see of the scope's active agents.
func listFacts(ctx context.Context, tx *postgres.Tx) (ids []uuid.UUID, facts []rules.Agent, err error) {
	rows, err := tx.Query(ctx, sqlFacts, tx.Scope.Visible)
	if err != nil {
		return nil, nil, fmt.Errorf("list facts of agents: %w", err)
	}
	var id uuid.UUID
	var a rules.Agent
	_, err = pgx.ForEachRow(rows, []any{&id, &a.Hostname, &a.Platform, &a.OSName, &a.OSVersion, &a.Tags}, func() error {
		a.ID = id.String()
		ids, facts = append(ids, id), append(facts, a)
		a.Tags = nil
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list facts of agents: %w", err)
	}
	return ids, facts, nil
}

type stale struct {
	tenant int32
	id     uuid.UUID
}

func lookupStale(ctx context.Context, tx pgx.Tx, before time.Time) ([]stale, error) {
	rows, err := tx.Query(ctx, `SELECT tenant_id, id FROM keeper.stale_groups($1)`, before)
	if err != nil {
		return nil, fmt.Errorf("find groups to evaluate: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s stale, err error) { return s, row.Scan(&s.tenant, &s.id) })
	if err != nil {
		return nil, fmt.Errorf("find groups to evaluate: %w", err)
	}
	return found, nil
}
