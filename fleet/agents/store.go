package agents

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlCreateSecret = `
INSERT INTO enroll_secrets (tenant_id, id, secret_sha256, tags, needs_approval, max_uses, expires_at, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $9)`

func createSecret(ctx context.Context, tx *postgres.Tx, s Secret, hash [32]byte) error {
	_, err := tx.Exec(ctx, sqlCreateSecret, tx.Scope.Tenant, s.ID, hash[:], s.Tags, s.NeedsApproval, s.MaxUses, s.ExpiresAt, s.CreatedBy, s.CreatedAt)
	if err != nil {
		return fmt.Errorf("create enrol secret: %w", err)
	}
	return nil
}

const sqlListSecrets = `
SELECT id, tags, needs_approval, max_uses, uses, expires_at, created_by, created_at FROM enroll_secrets
 WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`

// listSecrets gives the tenant's secrets, the newest first (ids grow with time), before an id.
func listSecrets(ctx context.Context, tx *postgres.Tx, before *uuid.UUID, limit int) ([]Secret, error) {
	rows, err := tx.Query(ctx, sqlListSecrets, tx.Scope.Tenant, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list enrol secrets: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Secret, error) {
		var s Secret
		err := row.Scan(&s.ID, &s.Tags, &s.NeedsApproval, &s.MaxUses, &s.Uses, &s.ExpiresAt, &s.CreatedBy, &s.CreatedAt)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("list enrol secrets: %w", err)
	}
	return found, nil
}

func deleteSecret(ctx context.Context, tx *postgres.Tx, id uuid.UUID) error {
	done, err := tx.Exec(ctx, `DELETE FROM enroll_secrets WHERE tenant_id = $1 AND id = $2`, tx.Scope.Tenant, id)
	if err != nil {
		return fmt.Errorf("delete enrol secret: %w", err)
	}
	if done.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "no such enrol secret")
	}
	return nil
}

// knownSecret is a secret as the look-up before a tenant is known finds it.
type knownSecret struct {
	tenant   int32
	tenantID uuid.UUID
	id       uuid.UUID
}

const sqlAgents = `
SELECT a.public_id, a.tenant_id, a.id, t.public_id, t.name, a.hostname, a.platform, a.arch, a.os_name, a.os_version, a.version, x.status,
       a.tags, a.enrolled_at, p.last_seen_at, p.config_version, p.uptime_seconds, p.rss_bytes, p.cpu_ms, p.spool_batches, p.spool_bytes, p.spool_dropped,
       coalesce(a.key_made_at, a.enrolled_at), CASE WHEN a.next_key IS NOT NULL THEN 'offered' WHEN a.rekey_order IS NOT NULL THEN 'ordered' ELSE '' END
  FROM agents a
  JOIN agent_presence p ON p.tenant_id = a.tenant_id AND p.agent_id = a.id
  JOIN tenants t ON t.id = a.tenant_id,
       LATERAL (SELECT CASE WHEN a.decommissioned_at IS NOT NULL THEN 'decommissioned' WHEN a.state <> 'active' THEN a.state WHEN p.last_seen_at > $1 THEN 'online' ELSE 'offline' END AS status) x
 WHERE a.tenant_id = ANY($2::int[])`

const sqlListAgents = sqlAgents + `
   AND CASE WHEN $3 = '' THEN a.decommissioned_at IS NULL ELSE x.status = $3 END AND ($4 = '' OR a.platform = $4) AND ($5 = '' OR strpos(lower(a.hostname), lower($5)) > 0)
   AND ($6::uuid IS NULL OR (a.hostname, a.public_id) > ($7, $6)) AND ($9 = '' OR a.tags @> ARRAY[$9]::text[])
   AND ($10::uuid IS NULL OR EXISTS (SELECT FROM agent_group_members m
        WHERE m.tenant_id = ANY($2) AND m.group_id = $10 AND m.agent_tenant = a.tenant_id AND m.agent_id = a.id))
 ORDER BY a.hostname, a.public_id LIMIT $8`

// ListAgents gives agents of the scope's visible tenants by host name.
func ListAgents(ctx context.Context, tx *postgres.Tx, f Filter) ([]Agent, error) {
	var after *uuid.UUID
	if f.After.ID != uuid.Nil {
		after = &f.After.ID
	}
	var group *uuid.UUID
	if f.Group != uuid.Nil {
		group = &f.Group
	}
	return collectAgents(tx.Query(ctx, sqlListAgents, tx.Now.Add(-OnlineFor), tx.Scope.Visible, string(f.Status), f.Platform, f.Query, after, f.After.Hostname, f.Limit, f.Tag, group))
}

// FindAgent gives one agent of the scope's visible tenants, or fault.NotFound.
func FindAgent(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (Agent, error) {
	found, err := collectAgents(tx.Query(ctx, sqlAgents+` AND a.public_id = $3`, tx.Now.Add(-OnlineFor), tx.Scope.Visible, id))
	if err != nil {
		return Agent{}, err
	}
	if len(found) == 0 {
		return Agent{}, fault.New(fault.NotFound, "no such agent")
	}
	return found[0], nil
}

const sqlChosenAgents = sqlAgents + `
   AND a.state = 'active'
   AND (cardinality($3::uuid[]) = 0 OR a.public_id = ANY($3)) AND (cardinality($4::text[]) = 0 OR a.platform = ANY($4))
   AND (cardinality($5::text[]) = 0 OR a.tags && $5)
 ORDER BY a.tenant_id, a.id`

// ChooseAgents gives the active agents of the scope's visible tenants that every list which is not empty names: by id, by
// platform, by one of the tags. An id that is not visible chooses nothing.
func ChooseAgents(ctx context.Context, tx *postgres.Tx, ids []uuid.UUID, platforms, tags []string) ([]Agent, error) {
	return collectAgents(tx.Query(ctx, sqlChosenAgents, tx.Now.Add(-OnlineFor), tx.Scope.Visible, orEmpty(ids), orEmpty(platforms), orEmpty(tags)))
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func collectAgents(rows pgx.Rows, err error) ([]Agent, error) {
	if err != nil {
		return nil, fmt.Errorf("list agents: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Agent, error) {
		var a Agent
		h, f := &a.Health, &a.Facts
		err := row.Scan(&a.ID, &a.Tenant, &a.Key, &a.TenantID, &a.TenantName, &f.Hostname, &f.Platform, &f.Arch, &f.OSName, &f.OSVersion, &f.Version,
			&a.Status, &a.Tags, &a.EnrolledAt, &a.LastSeenAt, &h.ConfigVersion, &h.UptimeSeconds, &h.RSSBytes, &h.CPUMillis, &h.SpoolBatches, &h.SpoolBytes, &h.SpoolDropped,
			&a.KeyMadeAt, &a.KeyChange)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("list agents: %w", err)
	}
	return found, nil
}

// setState moves an agent of the scope's own tenant from one of some states to another.
func setState(ctx context.Context, tx *postgres.Tx, id uuid.UUID, to State, from ...State) error {
	const text = `
UPDATE agents SET state = $3, revoked_at = CASE WHEN $3 = 'revoked' THEN $4::timestamptz END, last_modified_by = $5, last_modified_at = $4
 WHERE tenant_id = $1 AND public_id = $2 AND state = ANY($6::text[])`
	done, err := tx.Exec(ctx, text, tx.Scope.Tenant, id, string(to), tx.Now, tx.Scope.Actor.String(), from)
	if err != nil {
		return fmt.Errorf("change state of agent %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "the agent's state does not allow this: it may be revoked, or approved already")
	}
	return nil
}

func decommission(ctx context.Context, tx *postgres.Tx, id uuid.UUID) error {
	const text = `
UPDATE agents SET decommissioned_at = $3, last_modified_by = $4, last_modified_at = $3
 WHERE tenant_id = $1 AND public_id = $2 AND state = 'revoked' AND decommissioned_at IS NULL`
	done, err := tx.Exec(ctx, text, tx.Scope.Tenant, id, tx.Now, tx.Scope.Actor.String())
	if err != nil {
		return fmt.Errorf("decommission agent %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "the agent is decommissioned already")
	}
	return nil
}

func putTags(ctx context.Context, tx *postgres.Tx, id uuid.UUID, tags []string) error {
	const text = `UPDATE agents SET tags = $3, last_modified_by = $4, last_modified_at = $5 WHERE tenant_id = $1 AND public_id = $2`
	if _, err := tx.Exec(ctx, text, tx.Scope.Tenant, id, tags, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("tag agent %s: %w", id, err)
	}
	return nil
}

const sqlPutFacts = `
UPDATE agents SET hostname = $3, platform = $4, arch = $5, os_name = $6, os_version = $7, version = $8, last_modified_by = $9, last_modified_at = $10
 WHERE tenant_id = $1 AND id = $2
   AND (hostname, platform, arch, os_name, os_version, version) IS DISTINCT FROM ($3, $4, $5, $6, $7, $8)`

func putFacts(ctx context.Context, tx *postgres.Tx, agent int32, f protocol.Facts) error {
	_, err := tx.Exec(ctx, sqlPutFacts, tx.Scope.Tenant, agent, f.Hostname, f.Platform, f.Arch, f.OSName, f.OSVersion, f.Version, tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return fmt.Errorf("update facts: %w", err)
	}
	return nil
}

// changed is when something that lists show changed; it is told to consoles.
type changed struct {
	tenantID, agentID uuid.UUID
	status            Status
	at                time.Time
}
