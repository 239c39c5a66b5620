package users

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Explanation says what a person may do at a tenant, and why.
type Explanation struct {
	UserID     uuid.UUID   `json:"user_id"`
	Email      string      `json:"email"`
	TenantID   uuid.UUID   `json:"tenant_id"`
	TenantName string      `json:"tenant_name"`
	Role       access.Role `json:"role" doc:"Empty: the person has no part in the tenant."`
	From       string      `json:"from" doc:"Name of the tenant whose membership gives the role."`
	Inherited  bool        `json:"inherited"`
	Summary    string      `json:"summary"`
	Rights     []Right     `json:"rights"`
}

// Right is one permission of an explanation.
type Right struct {
	Permission access.Permission `json:"permission"`
	May        bool              `json:"may"`
	Why        string            `json:"why" doc:"Such as: yes, ADMIN at Acme, inherited."`
}

// Explain says what a person may do at the scope's tenant, by the same reading of memberships that judges their calls.
func (s *Service) Explain(ctx context.Context, scope access.Scope, user string) (Explanation, error) {
	home, key, id, email, err := s.findPerson(ctx, scope, user)
	if err != nil {
		return Explanation{}, err
	}
	var me Me
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error { return readTenant(ctx, tx, &me) })
	if err != nil {
		return Explanation{}, err
	}
	out := Explanation{UserID: id, Email: email, TenantID: scope.TenantID, TenantName: me.Tenant.Name, Rights: []Right{}}
	standing, err := s.accounts.Standing(ctx, home, key, scope.TenantID)
	if err != nil {
		return Explanation{}, err
	}
	out.Role, out.From, out.Inherited = standing.Role, standing.From, standing.MemberOf != scope.Tenant
	given := fmt.Sprintf("%s at %s", standing.Role, standing.From)
	if out.Inherited {
		given += ", inherited"
	}
	switch {
	case standing.Role == "":
		out.Inherited, out.Summary = false, fmt.Sprintf("%s has no part in %s: no membership there or above, or all is denied", email, me.Tenant.Name)
		given = "no membership at or above " + me.Tenant.Name
	case !standing.Serves:
		out.Summary = fmt.Sprintf("%s is %s at %s, which is %s: nobody of it may do anything", email, given, me.Tenant.Name, standing.Status)
	default:
		out.Summary = fmt.Sprintf("%s is %s", email, given)
	}
	for _, p := range access.Permissions() {
		right := Right{Permission: p, May: standing.Rights.Has(p)}
		switch {
		case right.May:
			right.Why = "yes, " + given
		case standing.Role == "":
			right.Why = "no, " + given
		case !standing.Role.Has(p):
			right.Why = fmt.Sprintf("no, %s does not have it (%s)", standing.Role, given)
		case slices.Contains(standing.Denied, p):
			right.Why = "no, denied here or above, though " + given
		default:
			right.Why = fmt.Sprintf("no, the tenant is %s, though %s", standing.Status, given)
		}
		out.Rights = append(out.Rights, right)
	}
	return out, nil
}

// findPerson finds somebody whom the caller may know, by id or e-mail address: a member of the scope's tenant, or of a
// tenant whose people the caller may see.
func (s *Service) findPerson(ctx context.Context, scope access.Scope, user string) (home, key int32, id uuid.UUID, email string, err error) {
	list, err := s.Members(ctx, scope)
	if err != nil {
		return 0, 0, uuid.Nil, "", err
	}
	id, parsed := uuid.Parse(user)
	for _, m := range list {
		if m.UserID == id && parsed == nil || m.Email == user {
			return m.home, m.user, m.UserID, m.Email, nil
		}
	}
	nobody := fault.New(fault.NotFound, "there is no such person here: name one by id or e-mail address")
	var homeID *uuid.UUID
	err = s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT max(public_id::text)::uuid FROM keeper.home_of($1, $2)`, id, user).Scan(&homeID)
	})
	if err != nil {
		return 0, 0, uuid.Nil, "", fmt.Errorf("find person: %w", err)
	}
	if homeID == nil {
		return 0, 0, uuid.Nil, "", nobody
	}
	there, err := s.accounts.ScopeAt(ctx, scope, *homeID)
	if fault.CodeOf(err) == fault.NotFound || err == nil && !there.Can(access.UsersRead) {
		return 0, 0, uuid.Nil, "", nobody
	}
	if err != nil {
		return 0, 0, uuid.Nil, "", err
	}
	err = s.db.InScope(ctx, there, func(ctx context.Context, tx *postgres.Tx) error {
		const sql = `SELECT tenant_id, id, public_id, email FROM users WHERE public_id = $1 OR email = $2`
		return tx.QueryRow(ctx, sql, id, user).Scan(&home, &key, &id, &email)
	})
	if err != nil {
		return 0, 0, uuid.Nil, "", fmt.Errorf("find person: %w", err)
	}
	return home, key, id, email, nil
}
