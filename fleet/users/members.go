package users

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Member is somebody who has a role at a tenant, by a membership there or above.
type Member struct {
	UserID     uuid.UUID           `json:"user_id"`
	Email      string              `json:"email"`
	Name       string              `json:"name"`
	Active     bool                `json:"active"`
	Role       access.Role         `json:"role"`
	TenantID   uuid.UUID           `json:"tenant_id" doc:"Where the membership is."`
	TenantName string              `json:"tenant_name"`
	Inherited  bool                `json:"inherited" doc:"From a tenant above."`
	Denied     []access.Permission `json:"denied" doc:"What of the role does not hold here; * is everything."`

	home, user, memberOf int32
}

const sqlPeopleAt = `
SELECT home, user_id, public_id, email, name, active, role, member_of, member_public_id, member_name, denied
  FROM keeper.people_at($1)
 ORDER BY email`

// peopleAt gives everybody who has a role at the transaction's tenant.
func peopleAt(ctx context.Context, tx *postgres.Tx) ([]Member, error) {
	rows, err := tx.Query(ctx, sqlPeopleAt, tx.Scope.Tenant)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Member, error) {
		var m Member
		var denied []string
		err := row.Scan(&m.home, &m.user, &m.UserID, &m.Email, &m.Name, &m.Active, &m.Role, &m.memberOf, &m.TenantID, &m.TenantName, &denied)
		m.Inherited = m.memberOf != tx.Scope.Tenant
		m.Denied = []access.Permission{}
		for _, p := range denied {
			m.Denied = append(m.Denied, access.Permission(p))
		}
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return list, nil
}

// Members gives everybody who has a role at the scope's tenant, by e-mail address.
func (s *Service) Members(ctx context.Context, scope access.Scope) ([]Member, error) {
	var list []Member
	err := s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		list, err = peopleAt(ctx, tx)
		return err
	})
	return list, err
}

// target is a person whom a membership or a denial is about.
type target struct {
	home, user int32
	member     *Member // what they are at the tenant now; nil: nothing
}

// target finds a person whom the caller may know: a member here, or somebody of a tenant whose people the caller may see.
func (s *Service) target(ctx context.Context, scope access.Scope, id uuid.UUID) (target, error) {
	if id == scope.Actor.ID || id == scope.Actor.OnBehalf {
		return target{}, fault.New(fault.Forbidden, "nobody changes their own rights: ask another administrator")
	}
	list, err := s.Members(ctx, scope)
	if err != nil {
		return target{}, err
	}
	if i := slices.IndexFunc(list, func(m Member) bool { return m.UserID == id }); i >= 0 {
		m := list[i]
		if !scope.CanGrant(m.Role) {
			return target{}, fault.New(fault.Forbidden, "your role %s cannot change a person of role %s", scope.Role, m.Role)
		}
		return target{m.home, m.user, &m}, nil
	}
	nobody := fault.New(fault.NotFound, "there is no such person here")
	var found target
	var homeID uuid.UUID
	err = s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT tenant_id, tenant_public_id, user_id FROM keeper.user_home($1)`, id).Scan(&found.home, &homeID, &found.user)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return target{}, nobody
	}
	if err != nil {
		return target{}, fmt.Errorf("find person: %w", err)
	}
	there, err := s.accounts.ScopeAt(ctx, scope, homeID)
	if fault.CodeOf(err) == fault.NotFound || err == nil && !there.Can(access.UsersRead) {
		return target{}, nobody
	}
	return found, err
}

const sqlPutMembership = `
INSERT INTO memberships (tenant_id, user_tenant_id, user_id, role, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $5, $6)
ON CONFLICT (tenant_id, user_tenant_id, user_id) DO UPDATE
   SET role = excluded.role, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

// putMembership gives a person a role at the transaction's tenant.
func putMembership(ctx context.Context, tx *postgres.Tx, home, user int32, role access.Role) error {
	_, err := tx.Exec(ctx, sqlPutMembership, tx.Scope.Tenant, home, user, string(role), tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return fmt.Errorf("store membership: %w", err)
	}
	return nil
}

// PutMember gives a person a role at the scope's tenant and below, whatever they are above.
func (s *Service) PutMember(ctx context.Context, scope access.Scope, id uuid.UUID, role access.Role) (Member, error) {
	if err := mayGive(scope, role); err != nil {
		return Member{}, err
	}
	who, err := s.target(ctx, scope, id)
	if err != nil {
		return Member{}, err
	}
	if who.home == scope.Tenant { // the role of one's own tenant has rules of its own
		if _, err := s.Change(ctx, scope, id, Edit{Role: role, Check: anyVersion}); err != nil {
			return Member{}, err
		}
		return s.member(ctx, scope, id)
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if err := putMembership(ctx, tx, who.home, who.user, role); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "members.put", Object: "user:" + id.String(), Detail: map[string]any{"role": audit.Change{Before: who.role(), After: role}}})
	})
	if err != nil {
		return Member{}, err
	}
	if err := s.endElsewhere(ctx, scope, who); err != nil {
		return Member{}, err
	}
	return s.member(ctx, scope, id)
}

func (t target) role() any {
	if t.member == nil {
		return nil
	}
	return t.member.Role
}

// endElsewhere ends the sessions of a person of another tenant whose rights have changed.
func (s *Service) endElsewhere(ctx context.Context, scope access.Scope, who target) error {
	home := access.System(who.home, "users")
	home.Actor = scope.Actor
	return s.db.InScope(ctx, home, func(ctx context.Context, tx *postgres.Tx) error {
		return s.accounts.EndSessions(ctx, tx, who.home, who.user, "rights changed")
	})
}

func (s *Service) member(ctx context.Context, scope access.Scope, id uuid.UUID) (Member, error) {
	list, err := s.Members(ctx, scope)
	if err != nil {
		return Member{}, err
	}
	i := slices.IndexFunc(list, func(m Member) bool { return m.UserID == id })
	if i < 0 {
		return Member{}, fault.New(fault.NotFound, "there is no such member any more")
	}
	return list[i], nil
}

// RemoveMember takes a membership of the scope's tenant back. What the person inherits from above stays.
func (s *Service) RemoveMember(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	who, err := s.target(ctx, scope, id)
	switch {
	case err != nil:
		return err
	case who.member == nil:
		return fault.New(fault.NotFound, "there is no such member here")
	case who.member.Inherited:
		return fault.New(fault.Conflict, "the membership is of %s: remove it there, or deny here what they should not do", who.member.TenantName)
	case who.home == scope.Tenant:
		return fault.New(fault.Conflict, "this is the person's own tenant: deactivate them instead")
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM memberships WHERE tenant_id = $1 AND user_tenant_id = $2 AND user_id = $3`, tx.Scope.Tenant, who.home, who.user)
		if err != nil {
			return fmt.Errorf("remove membership: %w", err)
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "members.remove", Object: "user:" + id.String(), Detail: map[string]any{"role": audit.Change{Before: who.role()}}})
	})
	if err != nil {
		return err
	}
	return s.endElsewhere(ctx, scope, who)
}

// Everything is what a denial names that takes all rights: the tenant is as if it did not exist for the person.
const Everything access.Permission = "*"

const sqlPutDeny = `
INSERT INTO access_denies (tenant_id, user_tenant_id, user_id, permission, reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING`

// Deny takes a permission from a person at the scope's tenant and below, whatever their roles give them.
func (s *Service) Deny(ctx context.Context, scope access.Scope, id uuid.UUID, permission access.Permission, reason string) error {
	if permission != Everything && (!permission.Valid() || permission == access.SelfManage) {
		return fault.Field(fault.Invalid, "path.permission", "there is no permission %q that could be denied", permission)
	}
	who, err := s.target(ctx, scope, id)
	if err != nil {
		return err
	}
	if who.home == scope.Tenant && (permission == Everything || permission == access.UsersManage) {
		return fault.New(fault.Conflict, "this is the person's own tenant: change their role or deactivate them instead")
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		done, err := tx.Exec(ctx, sqlPutDeny, tx.Scope.Tenant, who.home, who.user, string(permission), reason, tx.Scope.Actor.String(), tx.Now)
		if err != nil {
			return fmt.Errorf("store denial: %w", err)
		}
		if done.RowsAffected() == 0 {
			return nil
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "members.deny", Object: "user:" + id.String(), Detail: map[string]any{"permission": permission, "reason": reason}})
	})
	if err != nil {
		return err
	}
	return s.endElsewhere(ctx, scope, who)
}

// Allow takes a denial of the scope's tenant back. Whoever has not the permission cannot give it back either.
func (s *Service) Allow(ctx context.Context, scope access.Scope, id uuid.UUID, permission access.Permission) error {
	who, err := s.target(ctx, scope, id)
	if err != nil {
		return err
	}
	if permission != Everything && !scope.Can(permission) {
		return fault.New(fault.Forbidden, "you do not have %s here yourself", permission)
	}
	return s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		done, err := tx.Exec(ctx, `DELETE FROM access_denies WHERE tenant_id = $1 AND user_tenant_id = $2 AND user_id = $3 AND permission = $4`,
			tx.Scope.Tenant, who.home, who.user, string(permission))
		if err != nil {
			return fmt.Errorf("remove denial: %w", err)
		}
		if done.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "there is no such denial here: one from above is taken back there")
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "members.allow", Object: "user:" + id.String(), Detail: map[string]any{"permission": permission}})
	})
}
