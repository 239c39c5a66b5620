package msp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// userKey finds the caller in their home, which the scope need not see.
func (s *Service) userKey(ctx context.Context, home int32, person uuid.UUID) (key int32, err error) {
	err = s.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT keeper.user_key($1, $2)`, home, person).Scan(&key)
	})
	if err != nil {
		return 0, fmt.Errorf("find person: %w", err)
	}
	return key, nil
}

const sqlFindUser = `
SELECT u.id, u.email, m.role
  FROM users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_tenant_id = u.tenant_id AND m.user_id = u.id
 WHERE u.tenant_id = $1 AND u.public_id = $2 AND u.status = 'active'`

// findUser finds an active person of the transaction's tenant.
func findUser(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (key int32, email string, role access.Role, err error) {
	err = tx.QueryRow(ctx, sqlFindUser, tx.Scope.Tenant, id).Scan(&key, &email, &role)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, "", "", fault.Field(fault.NotFound, "body.user_id", "there is no such active person of this tenant")
	}
	if err != nil {
		return 0, "", "", fmt.Errorf("find person: %w", err)
	}
	return key, email, role, nil
}

const sqlInsertGrant = `
INSERT INTO access_grants (tenant_id, public_id, actor_id, actor_name, session_id, user_id, role, reason, started_at, expires_at)
VALUES ($1, $2, $3, $4, $5, nullif($6, 0), $7, $8, $9, $10)`

func insertGrant(ctx context.Context, tx *postgres.Tx, g Grant, user int32, session uuid.UUID) error {
	_, err := tx.Exec(ctx, sqlInsertGrant, tx.Scope.Tenant, g.ID, g.ActorID, g.Actor, session, user, string(g.Role), g.Reason, g.StartedAt, g.ExpiresAt)
	if err != nil {
		return fmt.Errorf("store grant: %w", err)
	}
	return nil
}

const sqlNotified = `
SELECT t.name, ARRAY(
           SELECT u.email FROM users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_tenant_id = u.tenant_id AND m.user_id = u.id
            WHERE u.tenant_id = t.id AND u.status = 'active' AND m.role IN ('MSP_ADMIN', 'ADMIN') ORDER BY u.email LIMIT $2)
  FROM tenants t WHERE t.id = $1`

// readNotified gives the name of the transaction's tenant, and the administrators of its own.
func readNotified(ctx context.Context, tx *postgres.Tx) (name string, admins []string, err error) {
	if err := tx.QueryRow(ctx, sqlNotified, tx.Scope.Tenant, noticesMost).Scan(&name, &admins); err != nil {
		return "", nil, fmt.Errorf("read administrators: %w", err)
	}
	return name, admins, nil
}

const sqlGrants = `
SELECT g.tenant_id, g.public_id, t.public_id, t.name, g.actor_id, g.actor_name, u.public_id, coalesce(u.email, ''), g.role, g.reason, g.started_at,
       g.expires_at, g.ended_at, coalesce(g.ended_by, '')
  FROM access_grants g
  JOIN tenants t ON t.id = g.tenant_id
  LEFT JOIN users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id`

const sqlListGrants = sqlGrants + `
 WHERE ($1::uuid = '00000000-0000-0000-0000-000000000000' OR g.public_id < $1)
   AND (NOT $2 OR g.ended_at IS NULL AND g.expires_at > $3)
 ORDER BY g.public_id DESC
 LIMIT $4`

func listGrants(ctx context.Context, tx *postgres.Tx, before uuid.UUID, live bool, now time.Time, limit int) ([]Grant, error) {
	rows, err := tx.Query(ctx, sqlListGrants, before, live, now, limit)
	if err != nil {
		return nil, fmt.Errorf("list grants: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanGrant)
	if err != nil {
		return nil, fmt.Errorf("list grants: %w", err)
	}
	return list, nil
}

func scanGrant(row pgx.CollectableRow) (Grant, error) {
	var g Grant
	err := row.Scan(&g.tenant, &g.ID, &g.TenantID, &g.Tenant, &g.ActorID, &g.Actor, &g.UserID, &g.User, &g.Role, &g.Reason, &g.StartedAt, &g.ExpiresAt, &g.EndedAt, &g.EndedBy)
	return g, err
}

const sqlLockGrant = sqlGrants + `
 WHERE g.tenant_id = $1 AND g.public_id = $2
   FOR UPDATE OF g`

// lockGrant reads a grant of the transaction's tenant, and keeps others from ending it meanwhile.
func lockGrant(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (Grant, error) {
	rows, err := tx.Query(ctx, sqlLockGrant, tx.Scope.Tenant, id)
	if err != nil {
		return Grant{}, fmt.Errorf("find grant: %w", err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, scanGrant)
	if errors.Is(err, pgx.ErrNoRows) {
		return Grant{}, fault.New(fault.NotFound, "there is no such grant here")
	}
	if err != nil {
		return Grant{}, fmt.Errorf("find grant: %w", err)
	}
	return found, nil
}

func endGrant(ctx context.Context, tx *postgres.Tx, g Grant) error {
	_, err := tx.Exec(ctx, `UPDATE access_grants SET ended_at = $3, ended_by = $4 WHERE tenant_id = $1 AND public_id = $2`, g.tenant, g.ID, g.EndedAt, g.EndedBy)
	if err != nil {
		return fmt.Errorf("end grant: %w", err)
	}
	return nil
}
