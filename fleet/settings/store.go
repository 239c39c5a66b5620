package settings

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlPath = `SELECT path FROM tenants WHERE id = $1`

const sqlSaid = `
SELECT s.key, s.value, s.locked, s.tenant_id, t.public_id, t.name
  FROM settings s JOIN tenants t ON t.id = s.tenant_id
 WHERE s.tenant_id = ANY ($1::int[])`

// load reads what a tenant and those above it say, from the root down. Those above are read for the system: what they pass
// down is the tenant's to see, the rest of them is not.
func (s *Service) load(ctx context.Context, tenant int32) ([]said, error) {
	var path []int32
	err := s.DB.InScope(ctx, access.System(tenant, "settings"), func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, sqlPath, tenant).Scan(&path)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "no such tenant")
	}
	if err != nil {
		return nil, fmt.Errorf("read path of tenant %d: %w", tenant, err)
	}
	var list []said
	upwards := slices.Clone(path)
	slices.Reverse(upwards) // InTenants takes the first for its own
	err = s.DB.InTenants(ctx, upwards, access.Actor{Kind: access.KindSystem, Name: "settings"}, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, sqlSaid, path)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (said, error) {
			var one said
			var text string
			if err := row.Scan(&one.key, &text, &one.locked, &one.tenant, &one.public, &one.name); err != nil {
				return said{}, err
			}
			var err error
			one.value, err = decode(text)
			return one, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read settings of tenant %d: %w", tenant, err)
	}
	sortSaid(list, path)
	return list, nil
}

const sqlStore = `
INSERT INTO settings (tenant_id, key, value, locked, created_by, created_at, last_modified_by, last_modified_at) VALUES ($1, $2, $3, $4, $5, $6, $5, $6)
ON CONFLICT (tenant_id, key) DO UPDATE
   SET value = excluded.value, locked = excluded.locked, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

func store(ctx context.Context, tx *postgres.Tx, key, value string, locked bool) error {
	if _, err := tx.Exec(ctx, sqlStore, tx.Scope.Tenant, key, value, locked, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("store setting: %w", err)
	}
	return nil
}

func forget(ctx context.Context, tx *postgres.Tx, key string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM settings WHERE tenant_id = $1 AND key = $2`, tx.Scope.Tenant, key); err != nil {
		return fmt.Errorf("reset setting: %w", err)
	}
	return nil
}
