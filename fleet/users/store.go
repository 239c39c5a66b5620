package users

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

const sqlColumns = `
SELECT u.public_id, t.public_id, u.email, u.name, m.role, CASE WHEN u.status = 'active' AND c.user_id IS NULL THEN 'invited' ELSE u.status END, u.created_at,
       (SELECT max(s.last_used_at) FROM sessions s WHERE s.tenant_id = u.tenant_id AND s.user_id = u.id), u.last_modified_at, u.tenant_id, u.id
  FROM users u
  JOIN tenants t ON t.id = u.tenant_id
  LEFT JOIN credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
  JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_tenant_id = u.tenant_id AND m.user_id = u.id`

const sqlListUsers = sqlColumns + `
 WHERE u.email > $1
 ORDER BY u.email
 LIMIT $2`

func listUsers(ctx context.Context, tx *postgres.Tx, after string, limit int) ([]User, error) {
	rows, err := tx.Query(ctx, sqlListUsers, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanUser)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return list, nil
}

const sqlFindUser = sqlColumns + `
 WHERE u.public_id = $1`

const sqlLockUser = sqlFindUser + `
   FOR UPDATE OF u`

func findUser(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (User, error) {
	return oneUser(tx.Query(ctx, sqlFindUser, id))
}

// lockUser is findUser that keeps others from changing the person until the transaction ends.
func lockUser(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (User, error) {
	return oneUser(tx.Query(ctx, sqlLockUser, id))
}

func oneUser(rows pgx.Rows, err error) (User, error) {
	if err != nil {
		return User{}, fmt.Errorf("find user: %w", err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, scanUser)
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, fault.New(fault.NotFound, "there is no such person here")
	}
	if err != nil {
		return User{}, fmt.Errorf("find user: %w", err)
	}
	return found, nil
}

func scanUser(row pgx.CollectableRow) (User, error) {
	var u User
	err := row.Scan(&u.ID, &u.TenantID, &u.Email, &u.Name, &u.Role, &u.Status, &u.CreatedAt, &u.LastSeenAt, &u.LastModifiedAt, &u.tenant, &u.key)
	return u, err
}

const sqlCreateUser = `
INSERT INTO users (tenant_id, public_id, email, name, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $5, $6)
RETURNING id`

const sqlCreateMembership = `
INSERT INTO memberships (tenant_id, user_tenant_id, user_id, role, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $1, $2, $3, $4, $5, $4, $5)`

func createUser(ctx context.Context, tx *postgres.Tx, id uuid.UUID, n New) (key int32, err error) {
	by := tx.Scope.Actor.String()
	err = tx.QueryRow(ctx, sqlCreateUser, tx.Scope.Tenant, id, n.Email, n.Name, by, tx.Now).Scan(&key)
	var answered *pgconn.PgError
	if errors.As(err, &answered) && answered.ConstraintName == "users_email" {
		return 0, fault.Field(fault.Conflict, "body.email", "cannot be used: choose another address")
	}
	if err != nil {
		return 0, fmt.Errorf("create user: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlCreateMembership, tx.Scope.Tenant, key, string(n.Role), by, tx.Now); err != nil {
		return 0, fmt.Errorf("create membership: %w", err)
	}
	return key, nil
}

const sqlSetStatus = `UPDATE users SET status = $3, last_modified_by = $4, last_modified_at = $5 WHERE tenant_id = $1 AND id = $2`

func setStatus(ctx context.Context, tx *postgres.Tx, u User, status string) error {
	if _, err := tx.Exec(ctx, sqlSetStatus, u.tenant, u.key, status, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("set status of user: %w", err)
	}
	return nil
}

const sqlSetName = `UPDATE users SET name = $3, last_modified_by = $4, last_modified_at = $5 WHERE tenant_id = $1 AND id = $2`

func setName(ctx context.Context, tx *postgres.Tx, u User, name string) error {
	if _, err := tx.Exec(ctx, sqlSetName, u.tenant, u.key, name, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("rename user: %w", err)
	}
	return nil
}

// The rows are locked, so that two administrators cannot deactivate each other at once.
const sqlOtherAdmins = `
SELECT count(*)
  FROM (SELECT u.id
          FROM users u
          JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_tenant_id = u.tenant_id AND m.user_id = u.id
         WHERE u.tenant_id = $1 AND u.id <> $2 AND u.status = 'active' AND m.role IN ('SUPER_ADMIN', 'MSP_ADMIN', 'ADMIN')
         ORDER BY u.id
           FOR UPDATE OF u) others`

func countOtherAdmins(ctx context.Context, tx *postgres.Tx, u User) (n int, err error) {
	if err := tx.QueryRow(ctx, sqlOtherAdmins, u.tenant, u.key).Scan(&n); err != nil {
		return 0, fmt.Errorf("count administrators: %w", err)
	}
	return n, nil
}

const sqlReadTenant = `SELECT public_id, name, slug, plan, status FROM tenants WHERE id = $1`

// readTenant fills in the tenant acted in.
func readTenant(ctx context.Context, tx *postgres.Tx, me *Me) error {
	t := &me.Tenant
	if err := tx.QueryRow(ctx, sqlReadTenant, tx.Scope.Tenant).Scan(&t.ID, &t.Name, &t.Slug, &t.Plan, &t.Status); err != nil {
		return fmt.Errorf("read tenant: %w", err)
	}
	return nil
}
