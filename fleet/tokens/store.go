package tokens

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// The count is of tokens that hold; the tenant's row is locked, so that of two at once the second counts the first.
const sqlCount = `
SELECT count(*) FROM api_tokens
 WHERE tenant_id = $1 AND revoked_at IS NULL AND expires_at > $2
   AND (user_tenant_id, user_id) IS NOT DISTINCT FROM ($3::int, $4::int)`

const sqlInsert = `
INSERT INTO api_tokens (tenant_id, public_id, hash, hint, name, user_tenant_id, user_id, role, permissions, addresses, expires_at, created_by, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''), $9, $10, $11, $12, $13)`

// insert stores a token; home is the tenant of the person whose it is, 0 for a service's.
func insert(ctx context.Context, tx *postgres.Tx, t Token, hash []byte, home int32) error {
	var owner, user *int32
	if home != 0 {
		key, err := userKey(ctx, tx, home)
		if err != nil {
			return err
		}
		owner, user = &home, &key
	}
	var held int
	if err := tx.QueryRow(ctx, sqlCount, tx.Scope.Tenant, tx.Now, owner, user).Scan(&held); err != nil {
		return fmt.Errorf("count tokens: %w", err)
	}
	if held >= tokensMost {
		return fault.New(fault.Conflict, "there are %d tokens already: revoke one first", held)
	}
	permissions := make([]string, len(t.Permissions))
	for i, p := range t.Permissions {
		permissions[i] = string(p)
	}
	_, err := tx.Exec(ctx, sqlInsert, tx.Scope.Tenant, t.ID, hash, t.Hint, t.Name, owner, user, string(t.Role), permissions, t.Addresses,
		t.ExpiresAt, t.CreatedBy, t.CreatedAt)
	if err != nil {
		return fmt.Errorf("store token: %w", err)
	}
	return nil
}

// userKey finds the caller in their home, which the transaction need not see.
func userKey(ctx context.Context, tx *postgres.Tx, home int32) (key int32, err error) {
	if err := tx.QueryRow(ctx, `SELECT keeper.user_key($1, $2)`, home, tx.Scope.Actor.ID).Scan(&key); err != nil {
		return 0, fmt.Errorf("find person: %w", err)
	}
	return key, nil
}

const sqlColumns = `
SELECT k.tenant_id, k.public_id, t.public_id, k.name, k.hint, coalesce(u.email, ''), k.user_id IS NULL, coalesce(k.role, ''), k.permissions, k.addresses,
       k.expires_at, k.last_used_at, coalesce(k.last_address, ''), k.revoked_at, k.created_by, k.created_at
  FROM api_tokens k
  JOIN tenants t ON t.id = k.tenant_id
  LEFT JOIN users u ON u.tenant_id = k.user_tenant_id AND u.id = k.user_id`

const sqlList = sqlColumns + `
 WHERE ($1::uuid = '00000000-0000-0000-0000-000000000000' OR k.public_id < $1)
 ORDER BY k.public_id DESC
 LIMIT $2`

func listTokens(ctx context.Context, tx *postgres.Tx, before uuid.UUID, limit int) ([]Token, error) {
	return collect(tx.Query(ctx, sqlList, before, limit))
}

const sqlOwn = sqlColumns + `
 WHERE k.user_tenant_id = $1 AND k.user_id = $2
 ORDER BY k.public_id DESC
 LIMIT 500`

func ownTokens(ctx context.Context, tx *postgres.Tx, home, user int32) ([]Token, error) {
	return collect(tx.Query(ctx, sqlOwn, home, user))
}

func collect(rows pgx.Rows, err error) ([]Token, error) {
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Token, error) {
		var t Token
		var service bool
		var permissions []string
		err := row.Scan(&t.tenant, &t.ID, &t.TenantID, &t.Name, &t.Hint, &t.Owner, &service, &t.Role, &permissions, &t.Addresses, &t.ExpiresAt,
			&t.LastUsedAt, &t.LastAddress, &t.RevokedAt, &t.CreatedBy, &t.CreatedAt)
		t.Kind = Personal
		if service {
			t.Kind = Service
		}
		for _, p := range permissions {
			t.Permissions = append(t.Permissions, access.Permission(p))
		}
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return list, nil
}

const sqlTenantOf = `SELECT tenant_id FROM api_tokens WHERE public_id = $1 AND ($2::int = 0 OR user_tenant_id = $2 AND user_id = $3)`

// tenantOf gives the tenant that a token is for; where user is not 0 the token must be theirs.
func tenantOf(ctx context.Context, tx *postgres.Tx, id uuid.UUID, home, user int32) (tenant int32, err error) {
	err = tx.QueryRow(ctx, sqlTenantOf, id, home, user).Scan(&tenant)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fault.New(fault.NotFound, "there is no such token here")
	}
	if err != nil {
		return 0, fmt.Errorf("find token: %w", err)
	}
	return tenant, nil
}

const sqlRevoke = `
UPDATE api_tokens SET revoked_at = $3, revoked_by = $4 WHERE tenant_id = $1 AND public_id = $2 AND revoked_at IS NULL
RETURNING name`

// revokeToken ends a token of the transaction's tenant; done tells that it had ended before.
func revokeToken(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (name string, done bool, err error) {
	err = tx.QueryRow(ctx, sqlRevoke, tx.Scope.Tenant, id, tx.Now, tx.Scope.Actor.String()).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", true, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("revoke token: %w", err)
	}
	return name, false, nil
}

// tenantsOf gives the caller's key and the tenants that their tokens are for, their home first.
func (k *Keeper) tenantsOf(ctx context.Context, home int32, person uuid.UUID) (user int32, tenants []int32, err error) {
	err = k.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT user_id, tenants FROM keeper.token_tenants($1, $2)`, home, person).Scan(&user, &tenants)
	})
	if err != nil {
		return 0, nil, fmt.Errorf("find own tokens: %w", err)
	}
	return user, tenants, nil
}
