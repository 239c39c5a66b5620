package auth

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Refresh trades a refresh token for new tokens. A token that was traded before ends the session: one of its two users
// stole it. Within the grace it only gives an access token, for two tabs may ask at once.
func (s *Service) Refresh(ctx context.Context, refresh string, from Origin) (Tokens, error) {
	tenant, id, hash, err := s.lookup(ctx, refresh)
	if err != nil {
		return Tokens{}, err
	}
	var held session
	var reused, dead, grace bool
	next, nextHash := newRefresh()
	err = s.db.InScope(ctx, s.systemFrom(tenant, from), func(ctx context.Context, tx *postgres.Tx) error {
		reused, dead, grace = false, false, false
		var err error
		if held, err = lockSession(ctx, tx, id); err != nil {
			return err
		}
		now := s.now()
		if held.ended || !held.active || !held.expires.After(now) || now.Sub(held.lastUsed) > idleLife {
			dead = true
			return nil
		}
		var replaced *time.Time
		if err := tx.QueryRow(ctx, sqlReplacedAt, tenant, hash).Scan(&replaced); err != nil {
			return fmt.Errorf("read refresh token: %w", err)
		}
		if replaced == nil {
			return replaceToken(ctx, tx, held, hash, nextHash, now)
		}
		if now.Sub(*replaced) <= refreshGrace {
			grace = true
			return nil
		}
		reused = true
		if err := endSession(ctx, tx, id, "refresh token used twice"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.refresh_reused", Object: "session:" + id.String()})
	})
	switch {
	case err != nil:
		return Tokens{}, err
	case reused:
		s.forget(id)
		s.log.WarnContext(ctx, "a refresh token was used twice, its session is ended", "session_id", id, "address", from.Address)
		return Tokens{}, unauthenticated()
	case dead:
		return Tokens{}, unauthenticated()
	case grace:
		return s.tokens(held, "")
	default:
		return s.tokens(held, next)
	}
}

// Logout ends the session of a refresh token. A token that names none is no error: the person is out either way.
func (s *Service) Logout(ctx context.Context, refresh string, from Origin) error {
	tenant, id, _, err := s.lookup(ctx, refresh)
	if fault.CodeOf(err) == fault.Unauthenticated {
		return nil
	}
	if err != nil {
		return err
	}
	defer s.forget(id)
	return s.db.InScope(ctx, s.systemFrom(tenant, from), func(ctx context.Context, tx *postgres.Tx) error {
		held, err := lockSession(ctx, tx, id)
		if err != nil || held.ended {
			return err
		}
		tx.Scope.Actor = access.Actor{Kind: access.KindUser, ID: held.userPublicID, Name: held.email, Address: from.Address}
		if err := endSession(ctx, tx, id, "signed out"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.logout", Object: "session:" + id.String()})
	})
}

func (s *Service) systemFrom(tenant int32, from Origin) access.Scope {
	scope := access.System(tenant, "auth")
	scope.Actor.Address = from.Address
	return scope
}

// lookup finds the session that a refresh token belongs or belonged to.
func (s *Service) lookup(ctx context.Context, refresh string) (tenant int32, id uuid.UUID, hash []byte, err error) {
	secret, err := protocol.ParseToken(refreshPrefix, refresh)
	if err != nil || len(secret) != 32 {
		return 0, uuid.Nil, nil, unauthenticated()
	}
	sum := sha256.Sum256(secret)
	err = s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tenant, id, err = findRefresh(ctx, tx, sum[:])
		return err
	})
	if err != nil {
		return 0, uuid.Nil, nil, err
	}
	if tenant == 0 {
		return 0, uuid.Nil, nil, unauthenticated()
	}
	return tenant, id, sum[:], nil
}

// ChangePassword sets a person's own password. All their sessions end; the tokens are those of a new one.
func (s *Service) ChangePassword(ctx context.Context, scope access.Scope, current, next string, from Origin) (Tokens, error) {
	email := scope.Actor.Name
	if scope.Actor.Kind != access.KindUser || scope.Actor.OnBehalf != uuid.Nil {
		return Tokens{}, fault.New(fault.Forbidden, "only the person themselves sets their password")
	}
	if err := checkPassword("body.new_password", next, email); err != nil {
		return Tokens{}, err
	}
	if current == next {
		return Tokens{}, fault.Field(fault.Invalid, "body.new_password", "is the same as before: choose another")
	}
	account, err := s.verify(ctx, email, current, from.Address)
	if fault.CodeOf(err) == fault.Unauthenticated {
		return Tokens{}, fault.Field(fault.Forbidden, "body.current_password", "is wrong")
	}
	if err != nil {
		return Tokens{}, err
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return Tokens{}, err
	}
	home := s.systemFrom(account.tenant, from)
	home.Actor = scope.Actor
	err = s.db.InScope(ctx, home, func(ctx context.Context, tx *postgres.Tx) error {
		if err := s.setPassword(ctx, tx, account.tenant, account.user, hash); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.password", Object: "user:" + account.publicID.String()})
	})
	if err != nil {
		return Tokens{}, err
	}
	s.forget(scope.Actor.Session)
	account.mustChange = false
	return s.begin(ctx, *account, email, from, "auth.login")
}
