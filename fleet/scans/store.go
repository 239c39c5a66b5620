package scans

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	sqlPath = `SELECT path FROM tenants WHERE id = $1`

	// The nearest tenant first: its path is the longest.
	sqlTenants   = `SELECT id, public_id FROM tenants WHERE id = ANY($1::int[]) ORDER BY cardinality(path)`
	sqlPacks     = `SELECT p.tenant_id, p.name, p.yaml FROM packs p JOIN tenants t ON t.id = p.tenant_id WHERE p.tenant_id = ANY($1::int[]) ORDER BY cardinality(t.path) DESC, p.name`
	sqlSchedules = `SELECT s.tenant_id, s.pack, s.enabled FROM pack_schedules s JOIN tenants t ON t.id = s.tenant_id WHERE s.tenant_id = ANY($1::int[]) ORDER BY cardinality(t.path) DESC, s.pack`
)

// load reads what a tenant and the tenants above it say. Those above are read for the system: what they pass down is the
// tenant's to see, the rest of them is not.
func (s *Service) load(ctx context.Context, tenant int32) (stored, error) {
	var path []int32
	err := s.DB.InScope(ctx, access.System(tenant, "scans"), func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, sqlPath, tenant).Scan(&path)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return stored{}, fault.New(fault.NotFound, "no such tenant")
	}
	if err != nil {
		return stored{}, fmt.Errorf("read path of tenant %d: %w", tenant, err)
	}
	var out stored
	actor := access.Actor{Kind: access.KindSystem, Name: "scans"}
	slices.Reverse(path) // the tenant itself first: InTenants takes the first for its own
	err = s.DB.InTenants(ctx, path, actor, func(ctx context.Context, tx *postgres.Tx) error {
		out = stored{}
		pipe := &pgx.Batch{}
		var l link
		each(pipe.Queue(sqlTenants, path), []any{&l.id, &l.public}, func() { out.path = append(out.path, l) })
		var p storedPack
		each(pipe.Queue(sqlPacks, path), []any{&p.tenant, &p.name, &p.yaml}, func() { out.packs = append(out.packs, p) })
		var c storedSchedule
		each(pipe.Queue(sqlSchedules, path), []any{&c.tenant, &c.pack, &c.enabled}, func() { out.schedules = append(out.schedules, c) })
		return tx.SendBatch(ctx, pipe).Close()
	})
	if err != nil {
		return stored{}, fmt.Errorf("read packs of tenant %d: %w", tenant, err)
	}
	return out, nil
}

// each scans every row of a queued statement's answer into the targets and calls fn.
func each(q *pgx.QueuedQuery, targets []any, fn func()) {
	q.Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, targets, func() error { fn(); return nil })
		return err
	})
}

func (s stored) public(tenant int32) uuid.UUID {
	for _, l := range s.path {
		if l.id == tenant {
			return l.public
		}
	}
	return uuid.Nil
}

const sqlPutPack = `
INSERT INTO packs (tenant_id, name, yaml, created_by, created_at, last_modified_by, last_modified_at) VALUES ($1, $2, $3, $4, $5, $4, $5)
ON CONFLICT (tenant_id, name) DO UPDATE SET yaml = excluded.yaml, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

func putPack(ctx context.Context, tx *postgres.Tx, name, yaml string) error {
	if _, err := tx.Exec(ctx, sqlPutPack, tx.Scope.Tenant, name, yaml, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("store pack: %w", err)
	}
	return nil
}

func deletePack(ctx context.Context, tx *postgres.Tx, name string) error {
	done, err := tx.Exec(ctx, `DELETE FROM packs WHERE tenant_id = $1 AND name = $2`, tx.Scope.Tenant, name)
	if err != nil {
		return fmt.Errorf("delete pack: %w", err)
	}
	if done.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "this tenant has no pack of this name: inherited ones are switched off by their schedule")
	}
	return nil
}

const sqlPutSchedule = `
INSERT INTO pack_schedules (tenant_id, pack, enabled, created_by, created_at, last_modified_by, last_modified_at) VALUES ($1, $2, $3, $4, $5, $4, $5)
ON CONFLICT (tenant_id, pack) DO UPDATE SET enabled = excluded.enabled, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

func putSchedule(ctx context.Context, tx *postgres.Tx, pack string, enabled bool) error {
	if _, err := tx.Exec(ctx, sqlPutSchedule, tx.Scope.Tenant, pack, enabled, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("store schedule: %w", err)
	}
	return nil
}

// The version is at least the time, so that it goes on growing where the database was set back to a backup: agents refuse
// a lower one than they have.
const sqlPutVersion = `
INSERT INTO config_versions AS v (tenant_id, platform, version, content_sha256, changed_at)
VALUES ($1, $2, extract(epoch FROM $4::timestamptz)::bigint, $3, $4)
ON CONFLICT (tenant_id, platform) DO UPDATE SET version = GREATEST(v.version + 1, excluded.version), content_sha256 = excluded.content_sha256, changed_at = excluded.changed_at
  WHERE v.content_sha256 <> excluded.content_sha256`

const sqlVersion = `SELECT version FROM config_versions WHERE tenant_id = $1 AND platform = $2`

// versionOf gives the version of a configuration's content, a new one where the content is new.
func versionOf(ctx context.Context, tx *postgres.Tx, platform string, content [32]byte) (int64, error) {
	var version int64
	if _, err := tx.Exec(ctx, sqlPutVersion, tx.Scope.Tenant, platform, content[:], tx.Now); err != nil {
		return 0, fmt.Errorf("store version: %w", err)
	}
	if err := tx.QueryRow(ctx, sqlVersion, tx.Scope.Tenant, platform).Scan(&version); err != nil {
		return 0, fmt.Errorf("read version: %w", err)
	}
	return version, nil
}

const sqlSubtree = `SELECT public_id FROM tenants WHERE path @> ARRAY[$1::int] ORDER BY id`

// subtree gives the public ids of a tenant and all below it.
func (s *Service) subtree(ctx context.Context, tenant int32) ([]uuid.UUID, error) {
	ids, err := s.DB.Subtree(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var found []uuid.UUID
	actor := access.Actor{Kind: access.KindSystem, Name: "scans"}
	err = s.DB.InTenants(ctx, ids, actor, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, sqlSubtree, tenant)
		if err != nil {
			return err
		}
		found, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list subtree: %w", err)
	}
	return found, nil
}
