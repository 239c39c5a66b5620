package tenants

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Key is a place in the list: tenants are ordered by depth, then name, then key.
type Key struct {
	Depth int    `json:"d"`
	Name  string `json:"n"`
	ID    int32  `json:"i"`
}

// key of the tenant in the list.
func (t Tenant) place() Key { return Key{Depth: t.Depth, Name: t.Name, ID: t.key} }

const sqlColumns = `
SELECT t.id, t.public_id, p.public_id, t.name, t.slug, t.plan, t.status, cardinality(t.path) - 1, t.created_at, t.last_modified_at
  FROM tenants t LEFT JOIN tenants p ON p.id = t.parent_id`

const sqlListTenants = sqlColumns + `
 WHERE (cardinality(t.path) - 1, t.name, t.id) > ($1::int, $2::text, $3::int)
   AND CASE WHEN $5::text = '' THEN t.status <> 'archived' ELSE t.status = $5 END
   AND ($6::text = '' OR position(lower($6) IN lower(t.name)) > 0 OR position(lower($6) IN t.slug) > 0)
 ORDER BY cardinality(t.path) - 1, t.name, t.id
 LIMIT $4`

func listTenants(ctx context.Context, tx *postgres.Tx, after Key, filter Filter, limit int) ([]Tenant, error) {
	rows, err := tx.Query(ctx, sqlListTenants, after.Depth, after.Name, after.ID, limit, filter.Status, filter.Text)
	if err != nil {
		return nil, fmt.Errorf("list tenants: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanTenant)
	if err != nil {
		return nil, fmt.Errorf("list tenants: %w", err)
	}
	return list, nil
}

const sqlFindTenant = sqlColumns + `
 WHERE t.public_id = $1`

func findTenant(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (Tenant, error) {
	rows, err := tx.Query(ctx, sqlFindTenant, id)
	if err != nil {
		return Tenant{}, fmt.Errorf("find tenant: %w", err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, scanTenant)
	if errors.Is(err, pgx.ErrNoRows) {
		return Tenant{}, fault.New(fault.NotFound, "there is no such tenant, or you have no part in it")
	}
	if err != nil {
		return Tenant{}, fmt.Errorf("find tenant: %w", err)
	}
	return found, nil
}

func scanTenant(row pgx.CollectableRow) (Tenant, error) {
	var t Tenant
	err := row.Scan(&t.key, &t.ID, &t.ParentID, &t.Name, &t.Slug, &t.Plan, &t.Status, &t.Depth, &t.CreatedAt, &t.LastModifiedAt)
	return t, err
}

const sqlCreateTenant = `SELECT keeper.create_tenant($1, $2, $3, $4, $5, $6, $7)`

func createTenant(ctx context.Context, tx *postgres.Tx, parent int32, id uuid.UUID, n New) error {
	_, err := tx.Exec(ctx, sqlCreateTenant, parent, id, n.Name, n.Slug, string(n.Plan), tx.Scope.Actor.String(), tx.Now)
	var answered *pgconn.PgError
	if errors.As(err, &answered) {
		switch answered.ConstraintName {
		case "tenants_slug":
			return fault.Field(fault.Conflict, "body.slug", "is taken: choose another")
		case "tenants_path_check":
			return fault.Field(fault.Invalid, "body.parent_id", "is too deep: the tree has at most 16 levels")
		}
	}
	if err != nil {
		return fmt.Errorf("create tenant: %w", err)
	}
	return nil
}

const sqlLockTenant = `SELECT FROM tenants WHERE id = $1 FOR UPDATE`

// lockTenant reads the transaction's tenant, and keeps others from changing it until the transaction ends.
func lockTenant(ctx context.Context, tx *postgres.Tx) (Tenant, error) {
	if _, err := tx.Exec(ctx, sqlLockTenant, tx.Scope.Tenant); err != nil {
		return Tenant{}, fmt.Errorf("lock tenant: %w", err)
	}
	return findTenant(ctx, tx, tx.Scope.TenantID)
}

const sqlStoreTenant = `
UPDATE tenants SET name = $2, slug = $3, plan = $4, status = $5, last_modified_by = $6, last_modified_at = $7 WHERE id = $1`

func storeTenant(ctx context.Context, tx *postgres.Tx, t Tenant) error {
	_, err := tx.Exec(ctx, sqlStoreTenant, t.key, t.Name, t.Slug, string(t.Plan), t.Status, tx.Scope.Actor.String(), tx.Now)
	var answered *pgconn.PgError
	if errors.As(err, &answered) && answered.ConstraintName == "tenants_slug" {
		return fault.Field(fault.Conflict, "body.slug", "is taken: choose another")
	}
	if err != nil {
		return fmt.Errorf("store tenant: %w", err)
	}
	return nil
}

func moveTenant(ctx context.Context, tx *postgres.Tx, moved, parent int32) error {
	_, err := tx.Exec(ctx, `SELECT keeper.move_tenant($1, $2, $3, $4)`, moved, parent, tx.Scope.Actor.String(), tx.Now)
	var answered *pgconn.PgError
	if errors.As(err, &answered) {
		switch answered.ConstraintName {
		case "tenants_circle":
			return fault.Field(fault.Invalid, "body.parent_id", "is the tenant itself or below it")
		case "tenants_path_check":
			return fault.Field(fault.Invalid, "body.parent_id", "is too deep: the tree has at most 16 levels")
		}
	}
	if err != nil {
		return fmt.Errorf("move tenant: %w", err)
	}
	return nil
}

// setPlans gives tenants a plan and tells what they had.
func setPlans(ctx context.Context, tx *postgres.Tx, wanted []int32, plan access.Tier) (map[int32]access.Tier, error) {
	rows, err := tx.Query(ctx, `SELECT tenant_id, old_plan FROM keeper.set_plans($1, $2, $3, $4)`, wanted, string(plan), tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return nil, fmt.Errorf("set plans: %w", err)
	}
	before := map[int32]access.Tier{}
	var key int32
	var was access.Tier
	if _, err := pgx.ForEachRow(rows, []any{&key, &was}, func() error { before[key] = was; return nil }); err != nil {
		return nil, fmt.Errorf("set plans: %w", err)
	}
	return before, nil
}
