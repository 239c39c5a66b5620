package agents

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// lookupSecrets gives those of the secrets that enrol, by their hashes.
func lookupSecrets(ctx context.Context, tx pgx.Tx, hashes [][]byte) (map[[sha256.Size]byte]knownSecret, error) {
	rows, err := tx.Query(ctx, `SELECT hash, tenant, tenant_public, secret FROM keeper.enroll_secrets($1)`, hashes)
	if err != nil {
		return nil, fmt.Errorf("look up enrol secrets: %w", err)
	}
	found := map[[sha256.Size]byte]knownSecret{}
	var hash []byte
	var s knownSecret
	_, err = pgx.ForEachRow(rows, []any{&hash, &s.tenant, &s.tenantID, &s.id}, func() error {
		found[[sha256.Size]byte(hash)] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up enrol secrets: %w", err)
	}
	return found, nil
}

const sqlLockSecrets = `
SELECT s.tenant_id, s.id, s.max_uses - s.uses, s.needs_approval, s.expires_at
  FROM enroll_secrets s JOIN unnest($1::int[], $2::uuid[]) AS x(t, id) ON s.tenant_id = x.t AND s.id = x.id
 ORDER BY s.tenant_id, s.id FOR UPDATE OF s`

// lockSecrets gives what is left of the group's secrets, and keeps others from using them until the transaction ends.
func lockSecrets(ctx context.Context, tx *postgres.Tx, group []*applicant) (map[secretKey]*secretStock, error) {
	keys := make([]secretKey, len(group))
	for i, a := range group {
		keys[i] = a.secretKey()
	}
	var tenants []int32
	var ids []uuid.UUID
	for _, key := range inOrder(keys) {
		tenants, ids = append(tenants, key.tenant), append(ids, key.id)
	}
	rows, err := tx.Query(ctx, sqlLockSecrets, tenants, ids)
	if err != nil {
		return nil, fmt.Errorf("lock enrol secrets: %w", err)
	}
	stock := map[secretKey]*secretStock{}
	var key secretKey
	var s secretStock
	_, err = pgx.ForEachRow(rows, []any{&key.tenant, &key.id, &s.left, &s.needsApproval, &s.expiresAt}, func() error {
		one := s
		stock[key] = &one
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lock enrol secrets: %w", err)
	}
	return stock, nil
}

// isStored tells whether the applicant has become an agent.
func isStored(ctx context.Context, tx *postgres.Tx, a *applicant) (stored bool, err error) {
	const text = `SELECT EXISTS (SELECT FROM agents WHERE tenant_id = $1 AND public_id = $2)`
	if err := tx.QueryRow(ctx, text, a.secret.tenant, a.id).Scan(&stored); err != nil {
		return false, fmt.Errorf("look for an enrolment: %w", err)
	}
	return stored, nil
}

const (
	sqlUseSecrets = `
UPDATE enroll_secrets s SET uses = s.uses + x.n FROM unnest($1::int[], $2::uuid[], $3::int[]) AS x(t, id, n) WHERE s.tenant_id = x.t AND s.id = x.id`

	sqlCreateAgents = `
WITH made AS (
  INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id, tags,
         enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
  SELECT x.t, x.id, x.key, x.state, x.hostname, x.platform, x.arch, x.os_name, x.os_version, x.version, x.hardware, s.tags, x.secret, $1, x.actor, $1, x.actor, $1
    FROM unnest($2::int[], $3::uuid[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::uuid[], $14::text[])
         AS x(t, id, key, state, hostname, platform, arch, os_name, os_version, version, hardware, secret, actor)
    JOIN enroll_secrets s ON s.tenant_id = x.t AND s.id = x.secret
  RETURNING tenant_id, id, public_id
), seen AS (
  INSERT INTO agent_presence (tenant_id, agent_id, last_seen_at) SELECT tenant_id, id, $1 FROM made
)
SELECT id, public_id FROM made`
)

// createAgents stores the agents that are let in, counts the uses of their secrets, and gives the agents' ids inside the database.
func createAgents(ctx context.Context, tx *postgres.Tx, n *admission) (map[uuid.UUID]int32, error) {
	var used struct {
		tenants []int32
		ids     []uuid.UUID
		times   []int
	}
	for key, s := range n.secrets {
		if s.took > 0 {
			used.tenants, used.ids, used.times = append(used.tenants, key.tenant), append(used.ids, key.id), append(used.times, s.took)
		}
	}
	var c struct {
		tenants                                                                          []int32
		ids, secrets                                                                     []uuid.UUID
		keys                                                                             [][]byte
		states, hosts, platforms, archs, osNames, osVersions, versions, hardware, actors []string
	}
	for _, i := range n.in {
		a, f := n.group[i], &n.group[i].facts
		c.tenants, c.ids, c.keys = append(c.tenants, a.secret.tenant), append(c.ids, a.id), append(c.keys, a.key)
		c.states, c.hosts, c.platforms = append(c.states, string(n.ends[i].identity.State)), append(c.hosts, f.Hostname), append(c.platforms, f.Platform)
		c.archs, c.osNames, c.osVersions = append(c.archs, f.Arch), append(c.osNames, f.OSName), append(c.osVersions, f.OSVersion)
		c.versions, c.hardware = append(c.versions, f.Version), append(c.hardware, a.hardwareID)
		c.secrets, c.actors = append(c.secrets, a.secret.id), append(c.actors, a.actor().String())
	}
	keys := map[uuid.UUID]int32{}
	pipe := &pgx.Batch{}
	pipe.Queue(sqlUseSecrets, used.tenants, used.ids, used.times)
	pipe.Queue(sqlCreateAgents, tx.Now, c.tenants, c.ids, c.keys, c.states, c.hosts, c.platforms, c.archs, c.osNames, c.osVersions, c.versions, c.hardware,
		c.secrets, c.actors).Query(func(rows pgx.Rows) error {
		var key int32
		var id uuid.UUID
		_, err := pgx.ForEachRow(rows, []any{&key, &id}, func() error { keys[id] = key; return nil })
		return err
	})
	if err := tx.SendBatch(ctx, pipe).Close(); err != nil {
		return nil, fmt.Errorf("create agents: %w", err)
	}
	return keys, nil
}

const sqlSameHardware = `
SELECT x.n, a.public_id, a.hostname
  FROM unnest($1::int[], $2::int[], $3::text[]) AS x(n, t, hardware),
       LATERAL (SELECT a.id, a.public_id, a.hostname FROM agents a
         WHERE a.tenant_id = x.t AND a.hardware_id = x.hardware AND a.hardware_id <> '' AND a.state <> 'revoked' ORDER BY a.id LIMIT $4) a
 ORDER BY x.n, a.id`

// twin is another agent of the tenant on what seems to be the same machine.
type twin struct {
	ID       uuid.UUID
	Hostname string
}

// listTwins gives the agents that there are on the machines of those let in, by place in the group.
func listTwins(ctx context.Context, tx *postgres.Tx, group []*applicant, in []int) (map[int][]twin, error) {
	var places, tenants []int32
	var hardware []string
	for _, i := range in {
		if a := group[i]; a.hardwareID != "" {
			places, tenants, hardware = append(places, int32(i)), append(tenants, a.secret.tenant), append(hardware, a.hardwareID) // #nosec G115 -- below groupMax
		}
	}
	if len(places) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, sqlSameHardware, places, tenants, hardware, twinsMax)
	if err != nil {
		return nil, fmt.Errorf("look for the same hardware: %w", err)
	}
	found := map[int][]twin{}
	var place int
	var other twin
	_, err = pgx.ForEachRow(rows, []any{&place, &other.ID, &other.Hostname}, func() error {
		found[place] = append(found[place], other)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for the same hardware: %w", err)
	}
	return found, nil
}
