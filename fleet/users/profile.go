package users

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the host may have no zones
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Profile is a change of what people say about themselves; "" and nil leave a field as it is.
type Profile struct {
	Name     string
	TimeZone *string
	Theme    string
}

const sqlReadLook = `SELECT time_zone, theme FROM users WHERE tenant_id = $1 AND id = $2`

// readLook reads how the console looks to a person.
func readLook(ctx context.Context, tx *postgres.Tx, u User) (zone, theme string, err error) {
	if err := tx.QueryRow(ctx, sqlReadLook, u.tenant, u.key).Scan(&zone, &theme); err != nil {
		return "", "", fmt.Errorf("read profile: %w", err)
	}
	return zone, theme, nil
}

const sqlSetProfile = `
UPDATE users SET name = $3, time_zone = $4, theme = $5, last_modified_by = $6, last_modified_at = $7 WHERE tenant_id = $1 AND id = $2`

// ChangeProfile changes the caller's own profile.
func (s *Service) ChangeProfile(ctx context.Context, scope access.Scope, change Profile) error {
	change.Name = strings.TrimSpace(change.Name)
	switch {
	case utf8.RuneCountInString(change.Name) > 200 || strings.ContainsRune(change.Name, 0):
		return fault.Field(fault.Invalid, "body.name", "must have 1 to 200 characters")
	case change.Theme != "" && change.Theme != "system" && change.Theme != "light" && change.Theme != "dark":
		return fault.Field(fault.Invalid, "body.theme", "must be system, light or dark")
	case change.TimeZone != nil && !validZone(*change.TimeZone):
		return fault.Field(fault.Invalid, "body.time_zone", "is no time zone: write a name such as Europe/Berlin")
	}
	return s.asSelf(ctx, scope, func(ctx context.Context, tx *postgres.Tx, me User) error {
		zone, theme, err := readLook(ctx, tx, me)
		if err != nil {
			return err
		}
		before := map[string]any{"name": me.Name, "time_zone": zone, "theme": theme}
		if change.Name != "" {
			me.Name = change.Name
		}
		if change.TimeZone != nil {
			zone = *change.TimeZone
		}
		if change.Theme != "" {
			theme = change.Theme
		}
		if _, err := tx.Exec(ctx, sqlSetProfile, me.tenant, me.key, me.Name, zone, theme, tx.Scope.Actor.String(), tx.Now); err != nil {
			return fmt.Errorf("store profile: %w", err)
		}
		changes := audit.Changes(before, map[string]any{"name": me.Name, "time_zone": zone, "theme": theme})
		return audit.Record(ctx, tx, audit.Entry{Action: "profile.change", Object: "user:" + me.ID.String(), Detail: changes})
	})
}

func validZone(name string) bool {
	if name == "" {
		return true
	}
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local" && len(name) <= 64
}

const sqlSetEmail = `UPDATE users SET email = $3, last_modified_by = $4, last_modified_at = $5 WHERE tenant_id = $1 AND id = $2`

// ChangeEmail changes the address that the caller signs in with. Their other sessions end, and links are void.
func (s *Service) ChangeEmail(ctx context.Context, scope access.Scope, email string) error {
	email = strings.ToLower(strings.TrimSpace(email))
	if !mail.ValidAddress(email) {
		return fault.Field(fault.Invalid, "body.email", "is not an e-mail address")
	}
	return s.asSelf(ctx, scope, func(ctx context.Context, tx *postgres.Tx, me User) error {
		_, err := tx.Exec(ctx, sqlSetEmail, me.tenant, me.key, email, tx.Scope.Actor.String(), tx.Now)
		var answered *pgconn.PgError
		if errors.As(err, &answered) && answered.ConstraintName == "users_email" {
			return fault.Field(fault.Conflict, "body.email", "cannot be used: choose another address")
		}
		if err != nil {
			return fmt.Errorf("store address: %w", err)
		}
		if err := s.accounts.VoidLinks(ctx, tx, me.tenant, me.key); err != nil {
			return err
		}
		if err := s.accounts.EndSessions(ctx, tx, me.tenant, me.key, "e-mail address changed"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "profile.email", Object: "user:" + me.ID.String(), Detail: map[string]any{"email": audit.Change{Before: me.Email, After: email}}})
	})
}

// asSelf runs fn in the caller's own tenant, with their own row locked.
func (s *Service) asSelf(ctx context.Context, scope access.Scope, fn func(ctx context.Context, tx *postgres.Tx, me User) error) error {
	home, err := s.accounts.Home(ctx, scope)
	if err != nil {
		return err
	}
	own := access.System(home, "profile")
	own.Actor = scope.Actor
	return s.db.InScope(ctx, own, func(ctx context.Context, tx *postgres.Tx) error {
		me, err := lockUser(ctx, tx, scope.Actor.ID)
		if err != nil {
			return err
		}
		return fn(ctx, tx, me)
	})
}
