package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// state is what is known of a session or of an API token. Neither user nor token: it has ended.
type state struct {
	tenant, user int32 // the person's home and key; of a service's token user is 0
	person       uuid.UUID
	email        string
	mustChange   bool
	verified     time.Time   // when password and second factor were last given, of sessions
	factor       bool        // has a second factor
	powerful     bool        // has somewhere a role over other tenants
	token        *tokenState // of API tokens
	within       int32       // only this tenant and those below are reached; 0: all
	read         time.Time
}

func (st *state) ended() bool { return st.user == 0 && st.token == nil }

var _ httpapi.Authenticator = (*Service)(nil)

func unauthenticated() error {
	return fault.New(fault.Unauthenticated, "the session has ended or the token does not hold: sign in again")
}

// Authenticate implements httpapi.Authenticator.
func (s *Service) Authenticate(ctx context.Context, bearer, tenant string, recursive bool, address string) (httpapi.Caller, error) {
	if strings.HasPrefix(bearer, tokenPrefix) {
		return s.authenticateToken(ctx, bearer, tenant, recursive, address)
	}
	token, person, err := s.parse(bearer)
	if err != nil {
		return httpapi.Caller{}, fault.Wrap(fault.Unauthenticated, err, "the session has ended or the token does not hold: sign in again")
	}
	actor := access.Actor{Kind: access.KindUser, ID: person, Address: address, Session: token.Session}
	st, err := s.state(ctx, actor)
	if err != nil {
		return httpapi.Caller{}, err
	}
	if st.ended() || st.person != person {
		return httpapi.Caller{}, unauthenticated()
	}
	actor.Name = st.email
	if token.Grant != nil {
		actor.Grant = *token.Grant
		return s.grantCaller(ctx, actor, st, tenant, recursive)
	}
	if tenant == "" {
		tenant = token.Tenant.String()
	}
	caller, err := s.caller(ctx, actor, st, tenant, recursive)
	if err != nil {
		return httpapi.Caller{}, err
	}
	caller.MustChangePassword, caller.Verified = st.mustChange, st.verified
	caller.LacksFactor = st.powerful && !st.factor
	caller.MustEnrolFactor = caller.LacksFactor && s.require
	return caller, nil
}

// caller gives an actor's scope at a tenant.
func (s *Service) caller(ctx context.Context, actor access.Actor, st state, tenant string, recursive bool) (httpapi.Caller, error) {
	r, err := s.reach(ctx, st, reachKey{actor.Session, actor.Grant, strings.ToLower(tenant), recursive})
	if err != nil {
		return httpapi.Caller{}, err
	}
	return httpapi.Caller{Scope: r.scope(actor), Rights: r.rights}, nil
}

// ScopeAt gives the caller's scope at another tenant: rights differ from tenant to tenant, so they are judged anew.
func (s *Service) ScopeAt(ctx context.Context, scope access.Scope, tenant uuid.UUID) (access.Scope, error) {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return access.Scope{}, err
	}
	caller, err := s.caller(ctx, scope.Actor, st, tenant.String(), false)
	return caller.Scope, err
}

// Home gives the tenant that the caller belongs to: a person's, for their tokens too; a service's token belongs to its own.
func (s *Service) Home(ctx context.Context, scope access.Scope) (tenant int32, err error) {
	st, err := s.alive(ctx, scope.Actor)
	return st.tenant, err
}

// Alive implements httpapi.Authenticator.
func (s *Service) Alive(ctx context.Context, scope access.Scope) error {
	_, err := s.alive(ctx, scope.Actor)
	return err
}

// alive gives the state of an actor's session or token, fault.Unauthenticated when it has ended.
func (s *Service) alive(ctx context.Context, actor access.Actor) (state, error) {
	st, err := s.state(ctx, actor)
	if err != nil {
		return state{}, err
	}
	if st.ended() {
		return state{}, unauthenticated()
	}
	if actor.Grant != uuid.Nil {
		if _, err := s.aliveGrant(ctx, actor); err != nil {
			return state{}, err
		}
	}
	return st, nil
}

// state reads a session or a token, or remembers what it read a moment ago.
func (s *Service) state(ctx context.Context, actor access.Actor) (state, error) {
	if st, found := s.states.Get(actor.Session); found && time.Since(st.read) < stateAge {
		return st, nil
	}
	read := s.readSession
	if actor.Kind == access.KindToken {
		read = s.readToken
	}
	st, err := read(ctx, actor.Session)
	if err != nil {
		return state{}, err
	}
	s.states.Add(actor.Session, st)
	return st, nil
}

func (s *Service) readSession(ctx context.Context, id uuid.UUID) (state, error) {
	st := state{read: time.Now()}
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, sqlSessionState, id, s.now()).Scan(&st.tenant, &st.user, &st.person, &st.mustChange, &st.verified, &st.factor, &st.powerful)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read session: %w", err)
		}
		return nil
	})
	if err != nil || st.user == 0 {
		return st, err
	}
	st.email, err = s.email(ctx, st.tenant, st.user)
	return st, err
}

// email reads a person's address.
func (s *Service) email(ctx context.Context, tenant, user int32) (email string, err error) {
	err = s.db.InScope(ctx, access.System(tenant, "auth"), func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.QueryRow(ctx, sqlEmail, tenant, user).Scan(&email); err != nil {
			return fmt.Errorf("read person: %w", err)
		}
		return nil
	})
	return email, err
}

// forget drops what is remembered of a session or token, for the server that ended it.
func (s *Service) forget(id uuid.UUID) { s.states.Remove(id) }
