package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// grantState is what is known of a grant of access; tenant 0 when it has ended.
type grantState struct {
	tenant   int32 // it reaches this tenant and those below
	tenantID uuid.UUID
	actor    uuid.UUID
	session  uuid.UUID
	user     int32     // acted for, 0: with a role
	person   uuid.UUID // their public id
	role     access.Role
	read     time.Time
}

// withheld is what no grant gives: credentials of others, tokens, and a grant from within a grant.
func withheld() access.Rights {
	return access.RightsOf(access.UsersManage, access.TokensManage, access.TenantsImpersonate)
}

// GrantToken mints the access token of a grant that the caller was given: it holds as long as grant and session do, and
// cannot be renewed.
func (s *Service) GrantToken(ctx context.Context, scope access.Scope, grant uuid.UUID, person, tenant uuid.UUID, until time.Time) (token string, life time.Duration, err error) {
	if _, err := s.alive(ctx, scope.Actor); err != nil {
		return "", 0, err
	}
	now := s.now()
	life = until.Sub(now)
	subject := person
	if subject == uuid.Nil {
		subject = scope.Actor.ID
	}
	token, err = s.sign(claims{Session: scope.Actor.Session, Tenant: tenant, Grant: &grant, Actor: &actorClaim{scope.Actor.ID.String()}}, subject, now, life)
	return token, life, err
}

const sqlGrantState = `
SELECT tenant_id, tenant_public_id, actor_id, session_id, coalesce(user_id, 0), user_public_id, role FROM keeper.grant_state($1, $2)`

// grant reads a grant, or remembers what it read a moment ago.
func (s *Service) grant(ctx context.Context, id uuid.UUID) (grantState, error) {
	if g, found := s.grants.Get(id); found && time.Since(g.read) < stateAge {
		return g, nil
	}
	g := grantState{read: time.Now()}
	var person *uuid.UUID
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, sqlGrantState, id, s.now()).Scan(&g.tenant, &g.tenantID, &g.actor, &g.session, &g.user, &person, &g.role)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read grant: %w", err)
		}
		return nil
	})
	if err != nil {
		return grantState{}, err
	}
	if person != nil {
		g.person = *person
	}
	if g.tenant != 0 && s.support != nil {
		allowed, err := s.support(ctx, g.tenant)
		if err != nil {
			return grantState{}, err
		}
		if !allowed {
			g.tenant = 0 // switched off while it ran: it has ended
		}
	}
	s.grants.Add(id, g)
	return g, nil
}

// aliveGrant gives an actor's grant, fault.Unauthenticated when it has ended.
func (s *Service) aliveGrant(ctx context.Context, actor access.Actor) (grantState, error) {
	g, err := s.grant(ctx, actor.Grant)
	if err != nil {
		return grantState{}, err
	}
	if g.tenant == 0 || g.actor != actor.ID || g.session != actor.Session {
		return grantState{}, fault.New(fault.Unauthenticated, "the grant of access is over: go on as yourself")
	}
	return g, nil
}

// readGrantReach is readReach for somebody who acts with a grant: what they may do there themselves, of what the grant
// gives, in the grant's tenant and below.
func (s *Service) readGrantReach(ctx context.Context, st state, g grantState, key reachKey) (reached, error) {
	st.within = g.tenant
	own, err := s.readReach(ctx, st, key)
	if err != nil || own.tenant == 0 {
		return own, err
	}
	given := func(int32) access.Rights { return g.role.Rights() }
	own.without |= access.All &^ own.role.Rights() // from here on the role is another
	own.role = g.role
	if g.user != 0 {
		key.recursive = true // for the rights in each tenant
		theirs, err := s.readReach(ctx, state{tenant: g.tenant, user: g.user, within: g.tenant}, key)
		if err != nil {
			return reached{}, err
		}
		if theirs.tenant == 0 {
			return reached{read: own.read}, nil
		}
		own.role = theirs.role
		given = func(tenant int32) access.Rights { return theirs.rights[tenant] }
	}
	own.without |= access.All&^given(own.tenant) | withheld()
	for tenant, rights := range own.rights {
		own.rights[tenant] = rights & given(tenant) &^ withheld()
	}
	return own, nil
}

// grantCaller gives the caller of an access token that carries a grant.
func (s *Service) grantCaller(ctx context.Context, actor access.Actor, st state, tenant string, recursive bool) (httpapi.Caller, error) {
	g, err := s.aliveGrant(ctx, actor)
	if err != nil {
		return httpapi.Caller{}, err
	}
	if tenant == "" {
		tenant = g.tenantID.String()
	}
	actor.OnBehalf = g.person
	return s.caller(ctx, actor, st, tenant, recursive)
}
