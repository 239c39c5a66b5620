// Package users keeps the people of a tenant: who they are and what they are there. It adds and deactivates them; what
// they sign in with is fleet/auth's.
package users

import (
	"context"
	"net/mail"
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

// User is a person as their tenant sees them.
type User struct {
	ID         uuid.UUID   `json:"id"`
	TenantID   uuid.UUID   `json:"tenant_id" doc:"The tenant that the person belongs to and has the role at."`
	Email      string      `json:"email"`
	Name       string      `json:"name"`
	Role       access.Role `json:"role" enum:"SUPER_ADMIN,MSP_ADMIN,ADMIN,MANAGER,USER,READONLY,BILLING_VIEWER"`
	Status     string      `json:"status" enum:"active,invited,deactivated" doc:"Invited: no password was set yet."`
	CreatedAt  time.Time   `json:"created_at"`
	LastSeenAt *time.Time  `json:"last_seen_at" doc:"When a session of the person was last used; null when never."`

	LastModifiedAt time.Time `json:"last_modified_at"`

	tenant, key int32
}

// New is what a person is made from.
type New struct {
	Tenant uuid.UUID // zero: the tenant acted in
	Email  string
	Name   string
	Role   access.Role
}

// Accounts is what people sign in with; fleet/auth implements it.
type Accounts interface {
	ScopeAt(ctx context.Context, scope access.Scope, tenant uuid.UUID) (access.Scope, error)
	Home(ctx context.Context, scope access.Scope) (tenant int32, err error)
	NewOneTime(ctx context.Context) (auth.OneTime, error)
	StoreOneTime(ctx context.Context, tx *postgres.Tx, user int32, one auth.OneTime) error
	NewLink(ctx context.Context, tx *postgres.Tx, kind auth.LinkKind, user int32) (auth.Link, error)
	MailLink(ctx context.Context, kind auth.LinkKind, to, inviter, tenant string, link auth.Link) (sent bool)
	VoidLinks(ctx context.Context, tx *postgres.Tx, tenant, user int32) error
	DropFactor(ctx context.Context, tx *postgres.Tx, tenant, user int32) (had bool, err error)
	SessionsOf(ctx context.Context, tx *postgres.Tx, tenant, user int32) ([]auth.Session, error)
	Standing(ctx context.Context, home, user int32, tenant uuid.UUID) (auth.Standing, error)
	EndSessions(ctx context.Context, tx *postgres.Tx, tenant, user int32, reason string) error
}

// Service lists, adds and deactivates people.
type Service struct {
	db       *postgres.DB
	accounts Accounts
}

// NewService makes the service.
func NewService(db *postgres.DB, accounts Accounts) *Service {
	return &Service{db: db, accounts: accounts}
}

func (n *New) validate() error {
	n.Email = strings.ToLower(strings.TrimSpace(n.Email))
	n.Name = strings.TrimSpace(n.Name)
	address, err := mail.ParseAddress(n.Email)
	switch {
	case err != nil || address.Address != n.Email || len(n.Email) > 254 || strings.ContainsRune(n.Email, 0):
		return fault.Field(fault.Invalid, "body.email", "is not an e-mail address")
	case n.Name == "" || utf8.RuneCountInString(n.Name) > 200 || strings.ContainsRune(n.Name, 0):
		return fault.Field(fault.Invalid, "body.name", "must have 1 to 200 characters")
	case !n.Role.Valid():
		return fault.Field(fault.Invalid, "body.role", "is not a role")
	}
	return nil
}

// List gives a page of the people of the scope's visible tenants, by e-mail address.
func (s *Service) List(ctx context.Context, scope access.Scope, after string, limit int) ([]User, error) {
	var list []User
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		list, err = listUsers(ctx, tx, after, limit)
		return err
	})
	return list, err
}

// Find gives a person of the scope's visible tenants.
func (s *Service) Find(ctx context.Context, scope access.Scope, id uuid.UUID) (User, error) {
	var found User
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		found, err = findUser(ctx, tx, id)
		return err
	})
	return found, err
}

// Create adds a person to the tenant acted in, or to another where the caller's rights are judged anew. The password
// is shown once and must be changed within a day.
func (s *Service) Create(ctx context.Context, scope access.Scope, wanted New) (made User, password string, err error) {
	if scope, err = s.mayAdd(ctx, scope, &wanted); err != nil {
		return User{}, "", err
	}
	one, err := s.accounts.NewOneTime(ctx)
	if err != nil {
		return User{}, "", err
	}
	made, err = s.add(ctx, scope, wanted, "users.create", func(ctx context.Context, tx *postgres.Tx, key int32) error {
		return s.accounts.StoreOneTime(ctx, tx, key, one)
	})
	return made, one.Password, err
}

// Invitation is a link on its way to a person.
type Invitation struct {
	Mailed    bool      `json:"mailed" doc:"It was sent by e-mail."`
	URL       string    `json:"url" doc:"Where it was not: shown once, hand it over. Empty when it was mailed."`
	ExpiresAt time.Time `json:"expires_at"`
}

// Invite adds a person who sets their password by a link, which is mailed where the installation sends mail.
func (s *Service) Invite(ctx context.Context, scope access.Scope, wanted New) (made User, invitation Invitation, err error) {
	if scope, err = s.mayAdd(ctx, scope, &wanted); err != nil {
		return User{}, Invitation{}, err
	}
	var link auth.Link
	made, err = s.add(ctx, scope, wanted, "users.invite", func(ctx context.Context, tx *postgres.Tx, key int32) error {
		var err error
		link, err = s.accounts.NewLink(ctx, tx, auth.Invite, key)
		return err
	})
	if err != nil {
		return User{}, Invitation{}, err
	}
	made.Status = "invited"
	invitation, err = s.deliver(ctx, scope, auth.Invite, made.Email, link)
	return made, invitation, err
}

// deliver mails a link, or gives it to whoever made it.
func (s *Service) deliver(ctx context.Context, scope access.Scope, kind auth.LinkKind, to string, link auth.Link) (Invitation, error) {
	var me Me
	err := s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error { return readTenant(ctx, tx, &me) })
	if err != nil {
		return Invitation{}, err
	}
	out := Invitation{ExpiresAt: link.ExpiresAt}
	if out.Mailed = s.accounts.MailLink(ctx, kind, to, scope.Actor.Name, me.Tenant.Name, link); !out.Mailed {
		out.URL = link.URL
	}
	return out, nil
}

// mayAdd gives the scope in which a person is added, if the caller may.
func (s *Service) mayAdd(ctx context.Context, scope access.Scope, wanted *New) (access.Scope, error) {
	if err := wanted.validate(); err != nil {
		return access.Scope{}, err
	}
	if wanted.Tenant != uuid.Nil && wanted.Tenant != scope.TenantID {
		var err error
		if scope, err = s.accounts.ScopeAt(ctx, scope, wanted.Tenant); err != nil {
			return access.Scope{}, err
		}
	}
	if !scope.Can(access.UsersManage) {
		return access.Scope{}, fault.New(fault.Forbidden, "your role %s lacks the permission %s there", scope.Role, access.UsersManage)
	}
	return scope, mayGive(scope, wanted.Role)
}

// mayGive tells whether the caller may give a role at the scope's tenant.
func mayGive(scope access.Scope, role access.Role) error {
	switch {
	case !scope.CanGrant(role):
		return fault.Field(fault.Forbidden, "body.role", "your role %s cannot give the role %s", scope.Role, role)
	case role == access.SuperAdmin && scope.Tenant != postgres.RootTenant:
		return fault.Field(fault.Invalid, "body.role", "SUPER_ADMIN exists at the root of the installation only")
	case role != access.SuperAdmin && role != access.MSPAdmin && role != access.Admin && !scope.Tier.Has(access.RBAC):
		return fault.New(fault.TierRequired, "the plan %s does not have %s: it has administrators only; %s has it", scope.Tier, access.RBAC, access.RBAC.Tier())
	}
	return nil
}

// add stores a person of the scope's tenant; credential stores what they get in with.
func (s *Service) add(ctx context.Context, scope access.Scope, wanted New, action string, credential func(ctx context.Context, tx *postgres.Tx, key int32) error) (made User, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return User{}, err
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		key, err := createUser(ctx, tx, id, wanted)
		if err != nil {
			return err
		}
		if err := credential(ctx, tx, key); err != nil {
			return err
		}
		made = User{
			ID: id, TenantID: scope.TenantID, Email: wanted.Email, Name: wanted.Name, Role: wanted.Role, Status: "active", CreatedAt: tx.Now,
			LastModifiedAt: tx.Now, tenant: scope.Tenant, key: key,
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: action, Object: "user:" + id.String(), Detail: map[string]string{"email": wanted.Email, "role": string(wanted.Role)},
		})
	})
	if err != nil {
		return User{}, err
	}
	return made, nil
}
