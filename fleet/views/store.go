package views

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

const sqlViews = `
SELECT v.id, v.page, v.name, v.search, v.shared, v.owner, v.owner_name, d.view_id IS NOT NULL, v.changed_at
  FROM saved_views v
  LEFT JOIN saved_view_defaults d ON d.tenant_id = v.tenant_id AND d.person = $2 AND d.page = v.page AND d.view_id = v.id
 WHERE v.tenant_id = $1 AND (v.owner = $2 OR v.shared)`

func collect(rows pgx.Rows, err error) ([]View, error) {
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[View])
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	return found, nil
}

// listViews gives the views of a list that the scope's person sees, their own first, by name.
func listViews(ctx context.Context, tx *postgres.Tx, page string) ([]View, error) {
	const text = sqlViews + ` AND v.page = $3 ORDER BY v.owner <> $2, v.name, v.id LIMIT 1000`
	return collect(tx.Query(ctx, text, tx.Scope.Tenant, tx.Scope.Actor.ID, page))
}

// findView gives a view that the scope's person sees, or fault.NotFound.
func findView(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (View, error) {
	const text = sqlViews + ` AND v.id = $3`
	found, err := collect(tx.Query(ctx, text, tx.Scope.Tenant, tx.Scope.Actor.ID, id))
	if err != nil {
		return View{}, err
	}
	if len(found) == 0 {
		return View{}, fault.New(fault.NotFound, "no such view")
	}
	return found[0], nil
}

func countOwn(ctx context.Context, tx *postgres.Tx) (own int, err error) {
	const text = `SELECT count(*) FROM saved_views WHERE tenant_id = $1 AND owner = $2`
	if err := tx.QueryRow(ctx, text, tx.Scope.Tenant, tx.Scope.Actor.ID).Scan(&own); err != nil {
		return 0, fmt.Errorf("count views: %w", err)
	}
	return own, nil
}

// putView stores a view of the scope's person in the scope's tenant.
func putView(ctx context.Context, tx *postgres.Tx, id uuid.UUID, page string, d Draft) error {
	const text = `
INSERT INTO saved_views (tenant_id, id, page, name, search, shared, owner, owner_name, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, search = excluded.search, shared = excluded.shared, changed_at = excluded.changed_at`
	actor := tx.Scope.Actor
	_, err := tx.Exec(ctx, text, tx.Scope.Tenant, id, page, d.Name, d.Search, d.Shared, actor.ID, actor.Name, tx.Now)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "saved_views_name" {
		return fault.Field(fault.Conflict, "body.name", "you have a view of this name")
	}
	if err != nil {
		return fmt.Errorf("store view: %w", err)
	}
	return nil
}

func deleteView(ctx context.Context, tx *postgres.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM saved_views WHERE tenant_id = $1 AND id = $2`, tx.Scope.Tenant, id); err != nil {
		return fmt.Errorf("delete view: %w", err)
	}
	return nil
}

// putDefault has the view's list open with it, for the scope's person.
func putDefault(ctx context.Context, tx *postgres.Tx, v View) error {
	const text = `
INSERT INTO saved_view_defaults (tenant_id, person, page, view_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, person, page) DO UPDATE SET view_id = excluded.view_id`
	if _, err := tx.Exec(ctx, text, tx.Scope.Tenant, tx.Scope.Actor.ID, v.Page, v.ID); err != nil {
		return fmt.Errorf("store default view: %w", err)
	}
	return nil
}

// dropDefault has the view's list open as it is, if it opened with this view.
func dropDefault(ctx context.Context, tx *postgres.Tx, v View) error {
	const text = `DELETE FROM saved_view_defaults WHERE tenant_id = $1 AND person = $2 AND view_id = $3`
	if _, err := tx.Exec(ctx, text, tx.Scope.Tenant, tx.Scope.Actor.ID, v.ID); err != nil {
		return fmt.Errorf("drop default view: %w", err)
	}
	return nil
}
