package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	sqlFindRescued = `SELECT id FROM users WHERE tenant_id = $1 AND lower(email) = lower($2)`
	sqlActivate    = `UPDATE users SET status = 'active', last_modified_by = $3, last_modified_at = $4 WHERE tenant_id = $1 AND id = $2`
	sqlRestoreRole = `
INSERT INTO memberships (tenant_id, user_tenant_id, user_id, role, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $1, $2, 'SUPER_ADMIN', $3, $4, $3, $4)
ON CONFLICT (tenant_id, user_tenant_id, user_id) DO UPDATE SET role = 'SUPER_ADMIN', last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`
	sqlUndeny = `DELETE FROM access_denies WHERE tenant_id = $1 AND user_tenant_id = $1 AND user_id = $2`
)

// Rescue lets an account of the root tenant in again when nobody else can: it is active, a SUPER_ADMIN without denials, its
// second factor and its sessions are gone, and it has the one-time password that is returned. FirstAdmin is made anew where
// it is missing; any other account that does not exist is fault.NotFound.
//
// Whoever calls it has the server's keys and database at hand, and could do as much by hand; that it was done stays in the
// audit log of the root tenant.
func (s *Service) Rescue(ctx context.Context, email string) (password string, err error) {
	one, err := s.NewOneTime(ctx)
	if err != nil {
		return "", err
	}
	err = s.db.InScope(ctx, access.System(postgres.RootTenant, "rescue"), func(ctx context.Context, tx *postgres.Tx) error {
		var user int32
		err := tx.QueryRow(ctx, sqlFindRescued, postgres.RootTenant, email).Scan(&user)
		switch {
		case errors.Is(err, pgx.ErrNoRows) && email == FirstAdmin:
			if user, err = s.createFirst(ctx, tx); err != nil {
				return err
			}
		case errors.Is(err, pgx.ErrNoRows):
			return fault.New(fault.NotFound, "the installation's own tenant has no account %s: leave the address out for %s", email, FirstAdmin)
		case err != nil:
			return fmt.Errorf("find account: %w", err)
		}
		by := tx.Scope.Actor.String()
		if _, err := tx.Exec(ctx, sqlActivate, postgres.RootTenant, user, by, tx.Now); err != nil {
			return fmt.Errorf("activate account: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlRestoreRole, postgres.RootTenant, user, by, tx.Now); err != nil {
			return fmt.Errorf("restore role: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlUndeny, postgres.RootTenant, user); err != nil {
			return fmt.Errorf("remove denials: %w", err)
		}
		had, err := s.DropFactor(ctx, tx, postgres.RootTenant, user)
		if err != nil {
			return err
		}
		if err := s.EndSessions(ctx, tx, postgres.RootTenant, user, "rescued"); err != nil {
			return err
		}
		if err := s.StoreOneTime(ctx, tx, user, one); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.rescue", Object: email, Detail: map[string]any{"second_factor_removed": had}})
	})
	if err != nil {
		return "", err
	}
	return one.Password, nil
}
