package layers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlLayers = `
SELECT l.tenant_id, t.public_id, l.kind, l.target,
       CASE l.kind WHEN 'tenant' THEN t.name
                   WHEN 'group' THEN coalesce((SELECT g.name FROM agent_groups g WHERE g.tenant_id = l.tenant_id AND g.id = l.target), '')
                   ELSE coalesce((SELECT a.hostname FROM agents a WHERE a.tenant_id = l.tenant_id AND a.public_id = l.target), '') END AS name,
       l.version, l.content, l.before, l.canary_percent, l.state, l.reason, l.failing_percent, l.cpu_ms_per_hour, l.last_modified_at, l.changed_by
  FROM config_layers l JOIN tenants t ON t.id = l.tenant_id
 WHERE l.tenant_id = ANY($1::int[])`

func collect(rows pgx.Rows, err error) ([]Layer, error) {
	if err != nil {
		return nil, fmt.Errorf("list configuration layers: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Layer, error) {
		var l Layer
		err := row.Scan(&l.Tenant, &l.TenantID, &l.Kind, &l.Target, &l.Name, &l.Version, &l.Content, &l.Before, &l.Canary, &l.State, &l.Reason,
			&l.Budget.FailingPercent, &l.Budget.CPUMillis, &l.ChangedAt, &l.ChangedBy)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("list configuration layers: %w", err)
	}
	return found, nil
}

// alongPath is the order in which layers are laid over one another: the farthest tenant first, in each tenant its own, its
// groups by name, its agents.
const alongPath = ` ORDER BY cardinality(t.path), CASE l.kind WHEN 'tenant' THEN 0 WHEN 'group' THEN 1 ELSE 2 END, name, l.target`

// listLayers gives the layers of tenants in the order in which they are laid.
func listLayers(ctx context.Context, tx *postgres.Tx, tenants []int32) ([]Layer, error) {
	return collect(tx.Query(ctx, sqlLayers+alongPath, tenants))
}

// findLayer gives a layer of the scope's own tenant, or fault.NotFound.
func findLayer(ctx context.Context, tx *postgres.Tx, kind Kind, target uuid.UUID) (Layer, error) {
	const text = sqlLayers + ` AND l.kind = $2 AND l.target = $3`
	found, err := collect(tx.Query(ctx, text, []int32{tx.Scope.Tenant}, string(kind), target))
	if err != nil {
		return Layer{}, err
	}
	if len(found) == 0 {
		return Layer{}, fault.New(fault.NotFound, "nothing is said here: the configuration is that of the layers above")
	}
	return found[0], nil
}

const sqlPutLayer = `
INSERT INTO config_layers AS l (tenant_id, kind, target, version, content, before, canary_percent, state, failing_percent, cpu_ms_per_hour, changed_by,
       created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11, $12)
ON CONFLICT (tenant_id, kind, target) DO UPDATE SET version = l.version + 1, content = excluded.content, before = excluded.before,
       canary_percent = excluded.canary_percent, state = excluded.state, reason = '', failing_percent = excluded.failing_percent,
       cpu_ms_per_hour = excluded.cpu_ms_per_hour, changed_by = excluded.changed_by, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

func putLayer(ctx context.Context, tx *postgres.Tx, kind Kind, target uuid.UUID, d Draft, before Content) error {
	state := Done
	if d.Canary < 100 {
		state = Rolling
	}
	actor := tx.Scope.Actor
	_, err := tx.Exec(ctx, sqlPutLayer, tx.Scope.Tenant, string(kind), target, d.Content, before, d.Canary, string(state), d.Budget.FailingPercent, d.Budget.CPUMillis,
		actor.Name, actor.String(), tx.Now)
	if err != nil {
		return fmt.Errorf("store configuration layer: %w", err)
	}
	return nil
}

func deleteLayer(ctx context.Context, tx *postgres.Tx, kind Kind, target uuid.UUID) error {
	const text = `DELETE FROM config_layers WHERE tenant_id = $1 AND kind = $2 AND target = $3`
	if _, err := tx.Exec(ctx, text, tx.Scope.Tenant, string(kind), target); err != nil {
		return fmt.Errorf("delete configuration layer: %w", err)
	}
	return nil
}

const sqlStopLayer = `
UPDATE config_layers SET state = 'stopped', reason = $4, last_modified_by = $6, last_modified_at = $7
 WHERE tenant_id = $1 AND kind = $2 AND target = $3 AND state = 'rolling' AND version = $5`

// stopLayer takes a layer back, unless it was changed meanwhile.
func stopLayer(ctx context.Context, tx *postgres.Tx, l Layer, reason string) (stopped bool, err error) {
	done, err := tx.Exec(ctx, sqlStopLayer, tx.Scope.Tenant, string(l.Kind), l.Target, reason, l.Version, tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return false, fmt.Errorf("stop configuration layer: %w", err)
	}
	return done.RowsAffected() == 1, nil
}

const sqlPath = `SELECT path FROM tenants WHERE id = $1`

// path gives a tenant and those above it, itself first.
func path(ctx context.Context, tx *postgres.Tx, tenant int32) (ids []int32, err error) {
	err = tx.QueryRow(ctx, sqlPath, tenant).Scan(&ids)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "no such tenant")
	}
	if err != nil {
		return nil, fmt.Errorf("read path of tenant %d: %w", tenant, err)
	}
	return ids, nil
}

const sqlMembers = `
SELECT m.group_id, m.agent_id FROM agent_group_members m
 WHERE m.tenant_id = ANY($1::int[]) AND m.agent_tenant = $2
   AND EXISTS (SELECT FROM config_layers l WHERE l.tenant_id = m.tenant_id AND l.kind = 'group' AND l.target = m.group_id)`

// membersOf gives, by agent of one tenant, those of its groups that a layer is for.
func membersOf(ctx context.Context, tx *postgres.Tx, tenants []int32, tenant int32) (map[int32][]uuid.UUID, error) {
	rows, err := tx.Query(ctx, sqlMembers, tenants, tenant)
	if err != nil {
		return nil, fmt.Errorf("list members of groups: %w", err)
	}
	members := map[int32][]uuid.UUID{}
	var group uuid.UUID
	var agent int32
	_, err = pgx.ForEachRow(rows, []any{&group, &agent}, func() error {
		members[agent] = append(members[agent], group)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list members of groups: %w", err)
	}
	return members, nil
}

// given is a configuration that one agent alone has.
type given struct {
	version int64
	content [32]byte
}

const sqlGiven = `SELECT agent_id, version, content_sha256 FROM agent_configs WHERE tenant_id = $1`

func listGiven(ctx context.Context, tx *postgres.Tx, tenant int32) (map[int32]given, error) {
	rows, err := tx.Query(ctx, sqlGiven, tenant)
	if err != nil {
		return nil, fmt.Errorf("list configurations of agents: %w", err)
	}
	all := map[int32]given{}
	var agent int32
	var g given
	var content []byte
	_, err = pgx.ForEachRow(rows, []any{&agent, &g.version, &content}, func() error {
		copy(g.content[:], content)
		all[agent] = g
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list configurations of agents: %w", err)
	}
	return all, nil
}

// The version is above what the tenant's agents have and at least the time, so that the agent takes it whatever it had.
const sqlGive = `
INSERT INTO agent_configs AS c (tenant_id, agent_id, version, content_sha256, changed_at)
VALUES ($1, $2, GREATEST($4 + 1, extract(epoch FROM $5::timestamptz)::bigint), $3, $5)
ON CONFLICT (tenant_id, agent_id) DO UPDATE SET version = GREATEST(c.version + 1, excluded.version), content_sha256 = excluded.content_sha256,
       changed_at = excluded.changed_at, taken_at = NULL
  WHERE c.content_sha256 <> excluded.content_sha256`

const sqlGivenTo = `SELECT version FROM agent_configs WHERE tenant_id = $1 AND agent_id = $2`

// give finds the version of what an agent is to have, a new one where the content is new.
func give(ctx context.Context, tx *postgres.Tx, agent int32, content [32]byte, above int64) (version int64, err error) {
	if _, err := tx.Exec(ctx, sqlGive, tx.Scope.Tenant, agent, content[:], above, tx.Now); err != nil {
		return 0, fmt.Errorf("store configuration of an agent: %w", err)
	}
	if err := tx.QueryRow(ctx, sqlGivenTo, tx.Scope.Tenant, agent).Scan(&version); err != nil {
		return 0, fmt.Errorf("read configuration of an agent: %w", err)
	}
	return version, nil
}

const sqlTaken = `
UPDATE agent_configs c SET taken_at = $2, taken_cpu_ms = p.cpu_ms
  FROM agent_presence p
 WHERE c.tenant_id = ANY($1::int[]) AND c.taken_at IS NULL AND p.tenant_id = c.tenant_id AND p.agent_id = c.agent_id AND p.config_version = c.version`

// noteTaken marks the configurations that agents say to have in force.
func noteTaken(ctx context.Context, tx *postgres.Tx, tenants []int32) error {
	if _, err := tx.Exec(ctx, sqlTaken, tenants, tx.Now); err != nil {
		return fmt.Errorf("note configurations that arrived: %w", err)
	}
	return nil
}

// trial is how one agent of a canary does.
type trial struct {
	id      uuid.UUID
	since   time.Time // when it took the configuration
	cpu     int64     // milliseconds since then; negative where its process started anew
	failing bool
}

const sqlTrials = `
SELECT a.public_id, c.taken_at, p.cpu_ms - c.taken_cpu_ms,
       EXISTS (SELECT FROM agent_collections s WHERE s.tenant_id = a.tenant_id AND s.agent_id = a.id AND s.status_code <> 0 AND s.last_batch_at >= c.taken_at)
  FROM agents a
  JOIN agent_configs c ON c.tenant_id = a.tenant_id AND c.agent_id = a.id AND c.taken_at >= $2
  JOIN agent_presence p ON p.tenant_id = a.tenant_id AND p.agent_id = a.id
 WHERE a.tenant_id = ANY($1::int[]) AND a.state = 'active'
   AND ($3::uuid IS NULL OR EXISTS (SELECT FROM agent_group_members m WHERE m.tenant_id = $4 AND m.group_id = $3 AND m.agent_tenant = a.tenant_id AND m.agent_id = a.id))`

// listTrials gives the layer's agents that took a configuration after the layer was changed.
func listTrials(ctx context.Context, tx *postgres.Tx, l Layer, tenants []int32) ([]trial, error) {
	var group *uuid.UUID
	if l.Kind == OfGroup {
		group = &l.Target
	}
	rows, err := tx.Query(ctx, sqlTrials, tenants, l.ChangedAt, group, l.Tenant)
	if err != nil {
		return nil, fmt.Errorf("look at a canary: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t trial, err error) {
		return t, row.Scan(&t.id, &t.since, &t.cpu, &t.failing)
	})
	if err != nil {
		return nil, fmt.Errorf("look at a canary: %w", err)
	}
	return found, nil
}

// rolling names a layer that is being tried.
type rolling struct {
	tenant int32
	kind   Kind
	target uuid.UUID
}

func lookupRolling(ctx context.Context, tx pgx.Tx) ([]rolling, error) {
	rows, err := tx.Query(ctx, `SELECT tenant_id, kind, target FROM keeper.rolling_layers()`)
	if err != nil {
		return nil, fmt.Errorf("find layers that are tried: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r rolling, err error) { return r, row.Scan(&r.tenant, &r.kind, &r.target) })
	if err != nil {
		return nil, fmt.Errorf("find layers that are tried: %w", err)
	}
	return found, nil
}

const sqlGroupIs = `SELECT EXISTS (SELECT FROM agent_groups WHERE tenant_id = $1 AND id = $2)`

// hasGroup tells whether the scope's own tenant has the group.
func hasGroup(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (is bool, err error) {
	if err := tx.QueryRow(ctx, sqlGroupIs, tx.Scope.Tenant, id).Scan(&is); err != nil {
		return false, fmt.Errorf("look for a group: %w", err)
	}
	return is, nil
}
