package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// FirstAdmin is the account that the first start makes.
const FirstAdmin = "admin@tenantra.local"

const oneTimeLife = 24 * time.Hour

// OneTime is a password that must be changed at the first sign-in.
type OneTime struct {
	Password string // shown once
	hash     string
	expires  time.Time
}

// NewOneTime makes a one-time password. It is slow on purpose: call it before the transaction that stores it.
func (s *Service) NewOneTime(ctx context.Context) (OneTime, error) {
	password := oneTimePassword()
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return OneTime{}, err
	}
	return OneTime{Password: password, hash: hash, expires: s.now().Add(oneTimeLife)}, nil
}

// StoreOneTime makes it the password of a person of the transaction's tenant.
func (s *Service) StoreOneTime(ctx context.Context, tx *postgres.Tx, user int32, one OneTime) error {
	return storeCredential(ctx, tx, tx.Scope.Tenant, user, one.hash, true, &one.expires)
}

// The first account is made when there is none; while its one-time password was never used, a start after its expiry
// makes a new one.
const sqlFirstState = `
SELECT u.id, u.email = $3 AND u.status = 'active' AND coalesce(c.must_change AND c.expires_at < $2, true)
  FROM users u LEFT JOIN credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
 WHERE u.tenant_id = $1
 ORDER BY u.email = $3 DESC
 LIMIT 1`

const sqlCreateFirst = `
INSERT INTO users (tenant_id, public_id, email, name, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 'Administrator', $4, $5, $4, $5)
RETURNING id`

const sqlFirstRole = `
INSERT INTO memberships (tenant_id, user_tenant_id, user_id, role, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $1, $2, 'SUPER_ADMIN', $3, $4, $3, $4)`

// bootstrapLock keeps servers that start at once from making the account twice.
const bootstrapLock = 0x74656e2d626f6f74

// Bootstrap makes the first account, a SUPER_ADMIN at the root, and gives its one-time password; "" when there is
// nothing to do.
func (s *Service) Bootstrap(ctx context.Context) (password string, err error) {
	scope := access.System(postgres.RootTenant, "bootstrap")
	var needed bool
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		_, needed, err = s.firstState(ctx, tx)
		return err
	})
	if err != nil || !needed {
		return "", err
	}
	one, err := s.NewOneTime(ctx)
	if err != nil {
		return "", err
	}
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		password = ""
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(bootstrapLock)); err != nil {
			return fmt.Errorf("make first account: %w", err)
		}
		user, needed, err := s.firstState(ctx, tx) // again, for another server may have been faster
		if err != nil || !needed {
			return err
		}
		if user == 0 {
			if user, err = s.createFirst(ctx, tx); err != nil {
				return err
			}
		}
		if err := s.StoreOneTime(ctx, tx, user, one); err != nil {
			return err
		}
		password = one.Password
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.bootstrap", Object: FirstAdmin})
	})
	return password, err
}

// firstState tells whether the first account needs a one-time password, and its id, 0 when there is none yet.
func (s *Service) firstState(ctx context.Context, tx *postgres.Tx) (user int32, needed bool, err error) {
	err = tx.QueryRow(ctx, sqlFirstState, postgres.RootTenant, s.now(), FirstAdmin).Scan(&user, &needed)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, true, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look for first account: %w", err)
	}
	return user, needed, nil
}

func (s *Service) createFirst(ctx context.Context, tx *postgres.Tx) (user int32, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return 0, fmt.Errorf("make first account: %w", err)
	}
	by := tx.Scope.Actor.String()
	if err := tx.QueryRow(ctx, sqlCreateFirst, postgres.RootTenant, id, FirstAdmin, by, tx.Now).Scan(&user); err != nil {
		return 0, fmt.Errorf("make first account: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlFirstRole, postgres.RootTenant, user, by, tx.Now); err != nil {
		return 0, fmt.Errorf("make first account: %w", err)
	}
	return user, nil
}
