package auth_test

import (
	"context"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// The last SUPER_ADMIN has lost everything: role, activity, password, second factor. Rescue lets them in again, and their
// old session out.
func TestRescueLetsTheLastAdministratorIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.auth.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := w.auth.Login(t.Context(), auth.Credentials{Email: auth.FirstAdmin, Password: first}, home)
	if err != nil {
		t.Fatal(err)
	}
	if tokens, err = w.auth.ChangePassword(t.Context(), w.scope(t, tokens), first, good, home); err != nil {
		t.Fatal(err)
	}
	root := access.System(postgres.RootTenant, "test")
	err = w.db.InScope(t.Context(), root, func(ctx context.Context, tx *postgres.Tx) error {
		for _, text := range []string{
			`UPDATE users SET status = 'deactivated' WHERE tenant_id = 1`,
			`UPDATE memberships SET role = 'READONLY' WHERE tenant_id = 1`,
		} {
			if _, err := tx.Exec(ctx, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.auth.Login(t.Context(), auth.Credentials{Email: auth.FirstAdmin, Password: good}, home); err == nil {
		t.Fatal("a deactivated account signs in")
	}
	other := w.service(t) // the command runs beside the server
	password, err := other.Rescue(t.Context(), auth.FirstAdmin)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.advance(6e9)
	if _, err := w.auth.Authenticate(t.Context(), tokens.Access, "", false, home.Address); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("the old session: %v", err)
	}
	rescued, err := w.auth.Login(t.Context(), auth.Credentials{Email: auth.FirstAdmin, Password: password}, home)
	if err != nil || !rescued.MustChange {
		t.Fatalf("%+v, %v", rescued, err)
	}
	if scope := w.scope(t, rescued); scope.Role != access.SuperAdmin {
		t.Errorf("the role is %s", scope.Role)
	}
	if _, err := w.auth.Rescue(t.Context(), "nobody@tenantra.local"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an account that does not exist: %v", err)
	}
	var entries int
	err = w.db.InScope(t.Context(), root, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM audit_entries WHERE tenant_id = 1 AND action = 'auth.rescue'`).Scan(&entries)
	})
	if err != nil || entries != 1 {
		t.Errorf("%d entries in the log, %v", entries, err)
	}
}
