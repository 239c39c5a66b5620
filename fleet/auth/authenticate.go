package auth

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// state is what is known of a session; user 0 when it has ended.
type state struct {
	tenant, user int32
	person       uuid.UUID
	email        string
	mustChange   bool
	read         time.Time
}

type scopeKey struct {
	session   uuid.UUID
	tenant    string
	recursive bool
}

// resolved is the part of a scope that depends on the tenant; tenant 0 when the person has no part in it.
type resolved struct {
	tenant  int32
	public  uuid.UUID
	role    access.Role
	tier    access.Tier
	visible []int32
	read    time.Time
}

var _ httpapi.Authenticator = (*Service)(nil)

func unauthenticated() error {
	return fault.New(fault.Unauthenticated, "the session has ended or the token does not hold: sign in again")
}

// Authenticate implements httpapi.Authenticator.
func (s *Service) Authenticate(ctx context.Context, bearer, tenant string, recursive bool, address string) (httpapi.Caller, error) {
	token, person, err := s.parse(bearer)
	if err != nil {
		return httpapi.Caller{}, fault.Wrap(fault.Unauthenticated, err, "the session has ended or the token does not hold: sign in again")
	}
	st, err := s.state(ctx, token.Session)
	if err != nil {
		return httpapi.Caller{}, err
	}
	if st.user == 0 || st.person != person {
		return httpapi.Caller{}, unauthenticated()
	}
	if tenant == "" {
		tenant = token.Tenant.String()
	}
	r, err := s.resolve(ctx, st, scopeKey{token.Session, strings.ToLower(tenant), recursive})
	if err != nil {
		return httpapi.Caller{}, err
	}
	if r.tenant == 0 {
		return httpapi.Caller{}, notFound()
	}
	return httpapi.Caller{
		Scope: access.Scope{
			Tenant: r.tenant, Visible: r.visible, TenantID: r.public, Role: r.role, Tier: r.tier,
			Actor: access.Actor{Kind: access.KindUser, ID: person, Name: st.email, Address: address, Session: token.Session},
		},
		MustChangePassword: st.mustChange,
	}, nil
}

// ScopeAt gives the caller's scope at another tenant: rights differ from tenant to tenant, so they are judged anew.
func (s *Service) ScopeAt(ctx context.Context, scope access.Scope, tenant uuid.UUID) (access.Scope, error) {
	st, err := s.state(ctx, scope.Actor.Session)
	if err != nil {
		return access.Scope{}, err
	}
	if st.user == 0 {
		return access.Scope{}, unauthenticated()
	}
	r, err := s.resolve(ctx, st, scopeKey{scope.Actor.Session, tenant.String(), false})
	if err != nil {
		return access.Scope{}, err
	}
	if r.tenant == 0 {
		return access.Scope{}, notFound()
	}
	scope.Tenant, scope.Visible, scope.TenantID, scope.Role, scope.Tier = r.tenant, r.visible, r.public, r.role, r.tier
	return scope, nil
}

// Home gives the tenant that the caller belongs to.
func (s *Service) Home(ctx context.Context, scope access.Scope) (tenant int32, err error) {
	st, err := s.state(ctx, scope.Actor.Session)
	if err != nil {
		return 0, err
	}
	if st.user == 0 {
		return 0, unauthenticated()
	}
	return st.tenant, nil
}

// Alive implements httpapi.Authenticator.
func (s *Service) Alive(ctx context.Context, scope access.Scope) error {
	st, err := s.state(ctx, scope.Actor.Session)
	if err != nil {
		return err
	}
	if st.user == 0 {
		return unauthenticated()
	}
	return nil
}

// state reads a session, or remembers what it read a moment ago.
func (s *Service) state(ctx context.Context, id uuid.UUID) (state, error) {
	if st, found := s.states.Get(id); found && time.Since(st.read) < stateAge {
		return st, nil
	}
	st := state{read: time.Now()}
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, sqlSessionState, id, s.now()).Scan(&st.tenant, &st.user, &st.person, &st.mustChange)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read session: %w", err)
		}
		return nil
	})
	if err != nil {
		return state{}, err
	}
	if st.user != 0 {
		err := s.db.InScope(ctx, access.System(st.tenant, "auth"), func(ctx context.Context, tx *postgres.Tx) error {
			if err := tx.QueryRow(ctx, sqlEmail, st.tenant, st.user).Scan(&st.email); err != nil {
				return fmt.Errorf("read person: %w", err)
			}
			return nil
		})
		if err != nil {
			return state{}, err
		}
	}
	s.states.Add(id, st)
	return st, nil
}

var slugText = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// resolve finds the tenant and what the person may do there, or remembers what it found a moment ago.
func (s *Service) resolve(ctx context.Context, st state, key scopeKey) (resolved, error) {
	if r, found := s.scopes.Get(key); found && time.Since(r.read) < stateAge {
		return r, nil
	}
	var wantedID *uuid.UUID
	var wantedSlug *string
	if id, err := uuid.Parse(key.tenant); err == nil {
		wantedID = &id
	} else if slugText.MatchString(key.tenant) {
		wantedSlug = &key.tenant
	} else {
		return resolved{}, notFound()
	}
	var r resolved
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		r = resolved{read: time.Now()}
		err := tx.QueryRow(ctx, sqlResolve, st.tenant, st.user, wantedID, wantedSlug).Scan(&r.tenant, &r.public, &r.role, &r.tier)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find tenant: %w", err)
		}
		r.visible = []int32{r.tenant}
		if !key.recursive {
			return nil
		}
		if err := tx.QueryRow(ctx, sqlSubtree, r.tenant).Scan(&r.visible); err != nil {
			return fmt.Errorf("find subtree: %w", err)
		}
		return nil
	})
	if err != nil {
		return resolved{}, err
	}
	s.scopes.Add(key, r)
	return r, nil
}

// forget drops what is remembered of a session, for the server that ended it.
func (s *Service) forget(id uuid.UUID) { s.states.Remove(id) }
