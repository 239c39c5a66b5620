package tenants

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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
SELECT t.id, t.public_id, p.public_id, t.name, t.slug, t.plan, t.status, cardinality(t.path) - 1, t.created_at
  FROM tenants t LEFT JOIN tenants p ON p.id = t.parent_id`

const sqlListTenants = sqlColumns + `
 WHERE (cardinality(t.path) - 1, t.name, t.id) > ($1::int, $2::text, $3::int)
 ORDER BY cardinality(t.path) - 1, t.name, t.id
 LIMIT $4`

func listTenants(ctx context.Context, tx *postgres.Tx, after Key, limit int) ([]Tenant, error) {
	rows, err := tx.Query(ctx, sqlListTenants, after.Depth, after.Name, after.ID, limit)
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
	err := row.Scan(&t.key, &t.ID, &t.ParentID, &t.Name, &t.Slug, &t.Plan, &t.Status, &t.Depth, &t.CreatedAt)
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
