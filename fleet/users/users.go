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
	Status     string      `json:"status" enum:"active,deactivated"`
	CreatedAt  time.Time   `json:"created_at"`
	LastSeenAt *time.Time  `json:"last_seen_at" doc:"When a session of the person was last used; null when never."`

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
	if err := wanted.validate(); err != nil {
		return User{}, "", err
	}
	if wanted.Tenant != uuid.Nil && wanted.Tenant != scope.TenantID {
		if scope, err = s.accounts.ScopeAt(ctx, scope, wanted.Tenant); err != nil {
			return User{}, "", err
		}
	}
	switch {
	case !scope.Can(access.UsersManage):
		return User{}, "", fault.New(fault.Forbidden, "your role %s lacks the permission %s there", scope.Role, access.UsersManage)
	case !scope.CanGrant(wanted.Role):
		return User{}, "", fault.Field(fault.Forbidden, "body.role", "your role %s cannot give the role %s", scope.Role, wanted.Role)
	case wanted.Role == access.SuperAdmin && scope.Tenant != postgres.RootTenant:
		return User{}, "", fault.Field(fault.Invalid, "body.role", "SUPER_ADMIN exists at the root of the installation only")
	case wanted.Role != access.SuperAdmin && wanted.Role != access.MSPAdmin && wanted.Role != access.Admin && !scope.Tier.Has(access.RBAC):
		return User{}, "", fault.New(fault.TierRequired, "the plan %s has administrators only; roles need %s", scope.Tier, access.RBAC.Tier())
	}
	id, err := uuid.NewV7()
	if err != nil {
		return User{}, "", err
	}
	one, err := s.accounts.NewOneTime(ctx)
	if err != nil {
		return User{}, "", err
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		key, err := createUser(ctx, tx, id, wanted)
		if err != nil {
			return err
		}
		if err := s.accounts.StoreOneTime(ctx, tx, key, one); err != nil {
			return err
		}
		made = User{
			ID: id, TenantID: scope.TenantID, Email: wanted.Email, Name: wanted.Name, Role: wanted.Role, Status: "active", CreatedAt: tx.Now,
			tenant: scope.Tenant, key: key,
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "users.create", Object: "user:" + id.String(), Detail: map[string]string{"email": wanted.Email, "role": string(wanted.Role)},
		})
	})
	if err != nil {
		return User{}, "", err
	}
	return made, one.Password, nil
}

// Deactivate keeps a person from signing in and ends all their sessions. Nobody does it to themselves, to a stronger
// person, or to the last administrator of a tenant.
func (s *Service) Deactivate(ctx context.Context, scope access.Scope, id uuid.UUID) (User, error) {
	var found User
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		if found, err = lockUser(ctx, tx, id); err != nil {
			return err
		}
		switch {
		case id == scope.Actor.ID:
			return fault.New(fault.Conflict, "you cannot deactivate yourself: ask another administrator")
		case !scope.CanGrant(found.Role):
			return fault.New(fault.Forbidden, "your role %s cannot deactivate a person of role %s", scope.Role, found.Role)
		case found.Status == "deactivated":
			return nil
		}
		if found.Role.Has(access.UsersManage) {
			others, err := countOtherAdmins(ctx, tx, found)
			if err != nil {
				return err
			}
			if others == 0 {
				return fault.New(fault.Conflict, "this is the tenant's last administrator: add another first")
			}
		}
		if err := deactivateUser(ctx, tx, found); err != nil {
			return err
		}
		if err := s.accounts.EndSessions(ctx, tx, found.tenant, found.key, "deactivated"); err != nil {
			return err
		}
		found.Status = "deactivated"
		return audit.Record(ctx, tx, audit.Entry{Action: "users.deactivate", Object: "user:" + id.String(), Detail: map[string]string{"email": found.Email}})
	})
	return found, err
}
