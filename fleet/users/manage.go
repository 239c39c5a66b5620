package users

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// another gives a person of the scope's tenant, locked, whom the caller may manage: not themselves and nobody stronger.
func another(ctx context.Context, tx *postgres.Tx, id uuid.UUID, what string) (User, error) {
	found, err := lockUser(ctx, tx, id)
	switch {
	case err != nil:
		return User{}, err
	case id == tx.Scope.Actor.ID || id == tx.Scope.Actor.OnBehalf:
		return User{}, fault.New(fault.Conflict, "you cannot %s yourself: ask another administrator", what)
	case !tx.Scope.CanGrant(found.Role):
		return User{}, fault.New(fault.Forbidden, "your role %s cannot %s a person of role %s", tx.Scope.Role, what, found.Role)
	}
	return found, nil
}

// keepAdmin refuses what would leave the person's tenant without an administrator.
func keepAdmin(ctx context.Context, tx *postgres.Tx, found User) error {
	if !found.Role.Has(access.UsersManage) {
		return nil
	}
	others, err := countOtherAdmins(ctx, tx, found)
	if err == nil && others == 0 {
		err = fault.New(fault.Conflict, "this is the tenant's last administrator: add another first")
	}
	return err
}

// Deactivate keeps a person from signing in and ends all their sessions. Nobody does it to themselves, to a stronger
// person, or to the last administrator of a tenant. Their tokens end as well, for a token does what its person may.
func (s *Service) Deactivate(ctx context.Context, scope access.Scope, id uuid.UUID) (User, error) {
	var found User
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		if found, err = another(ctx, tx, id, "deactivate"); err != nil || found.Status == "deactivated" {
			return err
		}
		if err := keepAdmin(ctx, tx, found); err != nil {
			return err
		}
		if err := setStatus(ctx, tx, found, "deactivated"); err != nil {
			return err
		}
		if err := s.accounts.EndSessions(ctx, tx, found.tenant, found.key, "deactivated"); err != nil {
			return err
		}
		was := found.Status
		found.Status, found.LastModifiedAt = "deactivated", tx.Now
		return audit.Record(ctx, tx, audit.Entry{Action: "users.deactivate", Object: "user:" + id.String(),
			Detail: map[string]any{"email": found.Email, "status": audit.Change{Before: was, After: found.Status}}})
	})
	return found, err
}

// Activate lets a deactivated person sign in again, with the password that they had.
func (s *Service) Activate(ctx context.Context, scope access.Scope, id uuid.UUID) (User, error) {
	var found User
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		if found, err = another(ctx, tx, id, "activate"); err != nil || found.Status != "deactivated" {
			return err
		}
		if err := setStatus(ctx, tx, found, "active"); err != nil {
			return err
		}
		if found, err = findUser(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "users.activate", Object: "user:" + id.String(),
			Detail: map[string]any{"email": found.Email, "status": audit.Change{Before: "deactivated", After: found.Status}}})
	})
	return found, err
}

// Edit is a change of a person; "" leaves a field as it is.
type Edit struct {
	Name  string
	Role  access.Role
	Check func(modified time.Time) error // refuses the edit of a version that is not the present one
}

// anyVersion checks nothing.
func anyVersion(time.Time) error { return nil }

// Change edits a person. A new role ends their sessions, so that nothing goes on with rights of before.
func (s *Service) Change(ctx context.Context, scope access.Scope, id uuid.UUID, edit Edit) (User, error) {
	if edit.Name = strings.TrimSpace(edit.Name); utf8.RuneCountInString(edit.Name) > 200 || strings.ContainsRune(edit.Name, 0) {
		return User{}, fault.Field(fault.Invalid, "body.name", "must have 1 to 200 characters")
	}
	if edit.Role != "" {
		if err := mayGive(scope, edit.Role); err != nil {
			return User{}, err
		}
	}
	var found User
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		if found, err = another(ctx, tx, id, "change"); err != nil {
			return err
		}
		if err := edit.Check(found.LastModifiedAt); err != nil {
			return err
		}
		before := found
		if edit.Name != "" && edit.Name != found.Name {
			if err := setName(ctx, tx, found, edit.Name); err != nil {
				return err
			}
			found.Name = edit.Name
		}
		if edit.Role != "" && edit.Role != found.Role {
			if err := s.changeRole(ctx, tx, found, edit.Role); err != nil {
				return err
			}
		}
		if found, err = findUser(ctx, tx, id); err != nil {
			return err
		}
		changes := audit.Changes(before.facts(), found.facts())
		if len(changes) == 0 {
			return nil
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "users.change", Object: "user:" + id.String(), Detail: changes})
	})
	return found, err
}

func (u User) facts() map[string]any {
	return map[string]any{"name": u.Name, "role": u.Role, "email": u.Email}
}

// changeRole changes the role at the person's own tenant.
func (s *Service) changeRole(ctx context.Context, tx *postgres.Tx, found User, role access.Role) error {
	if !role.Has(access.UsersManage) {
		if err := keepAdmin(ctx, tx, found); err != nil {
			return err
		}
	}
	if err := putMembership(ctx, tx, found.tenant, found.key, role); err != nil {
		return err
	}
	if err := setName(ctx, tx, found, found.Name); err != nil { // it also notes on the person that they were changed
		return err
	}
	return s.accounts.EndSessions(ctx, tx, found.tenant, found.key, "role changed")
}

// Link makes a link for a person: an invitation where they have no password yet, else a reset. It is mailed, or given
// to the caller to hand over.
func (s *Service) Link(ctx context.Context, scope access.Scope, id uuid.UUID) (Invitation, error) {
	var found User
	var link auth.Link
	kind := auth.Reset
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		if found, err = another(ctx, tx, id, "reset the password of"); err != nil {
			return err
		}
		action := "users.reset_link"
		switch found.Status {
		case "deactivated":
			return fault.New(fault.Conflict, "the person is deactivated: activate them first")
		case "invited":
			kind, action = auth.Invite, "users.invite"
		}
		if link, err = s.accounts.NewLink(ctx, tx, kind, found.key); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "user:" + id.String(), Detail: map[string]string{"email": found.Email}})
	})
	if err != nil {
		return Invitation{}, err
	}
	return s.deliver(ctx, scope, kind, found.Email, link)
}

// DropFactor removes the second factor of a person who lost it, and ends their sessions.
func (s *Service) DropFactor(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		found, err := another(ctx, tx, id, "remove the second factor of")
		if err != nil {
			return err
		}
		had, err := s.accounts.DropFactor(ctx, tx, found.tenant, found.key)
		if err != nil {
			return err
		}
		if !had {
			return fault.New(fault.Conflict, "the person has no second factor")
		}
		if err := s.accounts.EndSessions(ctx, tx, found.tenant, found.key, "second factor removed"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "users.factor_off", Object: "user:" + id.String(), Detail: map[string]string{"email": found.Email}})
	})
}

// Sessions gives a person's living sessions.
func (s *Service) Sessions(ctx context.Context, scope access.Scope, id uuid.UUID) ([]auth.Session, error) {
	var list []auth.Session
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		found, err := findUser(ctx, tx, id)
		if err != nil {
			return err
		}
		list, err = s.accounts.SessionsOf(ctx, tx, found.tenant, found.key)
		return err
	})
	return list, err
}

// EndSessions ends all of a person's sessions; they may sign in again.
func (s *Service) EndSessions(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		found, err := another(ctx, tx, id, "end the sessions of")
		if err != nil {
			return err
		}
		if err := s.accounts.EndSessions(ctx, tx, found.tenant, found.key, "ended by an administrator"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "users.sessions_end", Object: "user:" + id.String(), Detail: map[string]string{"email": found.Email}})
	})
}
