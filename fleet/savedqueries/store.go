package savedqueries

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

// sqlQueries gives what a person sees: $1 the tenants on the path, $2 the tenant looked at, $3 the person.
const sqlQueries = `
SELECT q.id, q.tenant_id, t.public_id, q.name, q.description, q.sql, q.sharing, q.owner, q.owner_name, q.version, q.created_at, q.last_modified_at, q.modified_by_name
  FROM saved_queries q JOIN tenants t ON t.id = q.tenant_id
 WHERE q.tenant_id = ANY($1::int[]) AND (q.sharing = 'shared' OR q.tenant_id = $2 AND q.owner = $3)`

func collect(rows pgx.Rows, err error) ([]Query, error) {
	if err != nil {
		return nil, fmt.Errorf("list saved queries: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Query, error) {
		var q Query
		err := row.Scan(&q.ID, &q.Tenant, &q.TenantID, &q.Name, &q.Description, &q.SQL, &q.Sharing, &q.Owner, &q.OwnerName, &q.Version, &q.CreatedAt, &q.ModifiedAt, &q.ModifiedBy)
		return q, err
	})
	if err != nil {
		return nil, fmt.Errorf("list saved queries: %w", err)
	}
	return found, nil
}

// place is a query's place in lists.
type place struct {
	Name string    `json:"n"`
	ID   uuid.UUID `json:"i"`
}

// filter narrows a list; empty values do not.
type filter struct {
	sharing Sharing
	text    string // part of name, description or statement
	after   place
	limit   int
}

const sqlList = sqlQueries + `
   AND ($4 = '' OR q.sharing = $4) AND ($5 = '' OR strpos(lower(q.name || ' ' || q.description || ' ' || q.sql), lower($5)) > 0)
   AND (q.name, q.id) > ($6, $7)
 ORDER BY q.name, q.id LIMIT $8`

// listQueries gives what a person sees in a tenant, by name: its own and what is shared above it.
func listQueries(ctx context.Context, tx *postgres.Tx, scope access.Scope, f filter) ([]Query, error) {
	return collect(tx.Query(ctx, sqlList, tx.Scope.Visible, scope.Tenant, person(scope), string(f.sharing), f.text, f.after.Name, f.after.ID, f.limit))
}

func findQuery(ctx context.Context, tx *postgres.Tx, scope access.Scope, id uuid.UUID) (Query, error) {
	found, err := collect(tx.Query(ctx, sqlQueries+` AND q.id = $4`, tx.Scope.Visible, scope.Tenant, person(scope), id))
	if err != nil {
		return Query{}, err
	}
	if len(found) == 0 {
		return Query{}, fault.New(fault.NotFound, "no such saved query")
	}
	return found[0], nil
}

const sqlCount = `SELECT count(*) FROM saved_queries WHERE tenant_id = $1`

const sqlPut = `
INSERT INTO saved_queries AS q (tenant_id, id, name, description, sql, sharing, owner, owner_name, version, modified_by_name, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $8, $9, $10, $9, $10)
ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, description = excluded.description, sql = excluded.sql, sharing = excluded.sharing,
       version = q.version + (q.sql <> excluded.sql)::int, modified_by_name = excluded.modified_by_name,
       last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at
RETURNING q.version`

const sqlPutVersion = `
INSERT INTO saved_query_versions (tenant_id, query_id, number, name, sql, saved_by, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING`

const sqlDropVersions = `DELETE FROM saved_query_versions WHERE tenant_id = $1 AND query_id = $2 AND number <= $3`

// putQuery stores a query of the scope's tenant, and its text as a version where it is another than before.
func putQuery(ctx context.Context, tx *postgres.Tx, id uuid.UUID, d Draft) error {
	actor := tx.Scope.Actor
	var version int
	err := tx.QueryRow(ctx, sqlPut, tx.Scope.Tenant, id, d.Name, d.Description, d.SQL, string(d.Sharing), person(tx.Scope), actor.Name, actor.String(), tx.Now).Scan(&version)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.ConstraintName == "saved_queries_shared" || refused.ConstraintName == "saved_queries_mine") {
		return fault.Field(fault.Conflict, "body.name", "there is a saved query of this name")
	}
	if err != nil {
		return fmt.Errorf("store saved query: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlPutVersion, tx.Scope.Tenant, id, version, d.Name, d.SQL, actor.Name, actor.String(), tx.Now); err != nil {
		return fmt.Errorf("keep version of a saved query: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlDropVersions, tx.Scope.Tenant, id, version-versionsKept); err != nil {
		return fmt.Errorf("drop old versions of a saved query: %w", err)
	}
	return nil
}

func deleteQuery(ctx context.Context, tx *postgres.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM saved_queries WHERE tenant_id = $1 AND id = $2`, tx.Scope.Tenant, id); err != nil {
		return fmt.Errorf("delete saved query: %w", err)
	}
	return nil
}

const sqlVersions = `
SELECT number, name, sql, saved_by, created_at FROM saved_query_versions WHERE tenant_id = $1 AND query_id = $2 AND ($3 = 0 OR number = $3) ORDER BY number DESC`

// listVersions gives the texts that a query has had, the youngest first; number 0 gives all that are kept.
func listVersions(ctx context.Context, tx *postgres.Tx, q Query, number int) ([]Version, error) {
	rows, err := tx.Query(ctx, sqlVersions, q.Tenant, q.ID, number)
	if err != nil {
		return nil, fmt.Errorf("list versions of a saved query: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Version])
	if err != nil {
		return nil, fmt.Errorf("list versions of a saved query: %w", err)
	}
	if number > 0 && len(found) == 0 {
		return nil, fault.New(fault.NotFound, "the saved query has no version %d, or it is no longer kept", number)
	}
	return found, nil
}

const sqlPath = `SELECT path FROM tenants WHERE id = $1`

// path gives a tenant and those above it, itself first.
func path(ctx context.Context, tx *postgres.Tx, tenant int32) (ids []int32, err error) {
	if err := tx.QueryRow(ctx, sqlPath, tenant).Scan(&ids); err != nil {
		return nil, fmt.Errorf("read path of tenant %d: %w", tenant, err)
	}
	return ids, nil
}
