package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Session is a sign-in that lives, as its person sees it.
type Session struct {
	ID         uuid.UUID `json:"id"`
	Current    bool      `json:"current" doc:"The one that asks."`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	ExpiresAt  time.Time `json:"expires_at" doc:"However active."`
	Address    string    `json:"address"`
	UserAgent  string    `json:"user_agent"`
}

const sqlSessions = `
SELECT public_id, created_at, last_used_at, expires_at, address, user_agent
  FROM sessions
 WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 AND last_used_at > $4
 ORDER BY last_used_at DESC
 LIMIT 200`

// SessionsOf gives the living sessions of a person whose home is the given tenant, the last used first.
func (s *Service) SessionsOf(ctx context.Context, tx *postgres.Tx, tenant, user int32) ([]Session, error) {
	now := s.now()
	rows, err := tx.Query(ctx, sqlSessions, tenant, user, now, now.Add(-idleLife))
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Session, error) {
		var one Session
		err := row.Scan(&one.ID, &one.CreatedAt, &one.LastUsedAt, &one.ExpiresAt, &one.Address, &one.UserAgent)
		one.Current = one.ID == tx.Scope.Actor.Session
		return one, err
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// Sessions gives the caller's living sessions, the last used first.
func (s *Service) Sessions(ctx context.Context, scope access.Scope) ([]Session, error) {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return nil, err
	}
	var list []Session
	err = s.atHome(ctx, scope, st, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		list, err = s.SessionsOf(ctx, tx, st.tenant, st.user)
		return err
	})
	return list, err
}

const sqlEndOwn = `
UPDATE sessions SET ended_at = $4, end_reason = 'ended by its person'
 WHERE tenant_id = $1 AND user_id = $2 AND public_id = $3 AND ended_at IS NULL`

// EndSession ends one of the caller's sessions.
func (s *Service) EndSession(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return err
	}
	defer s.forget(id)
	return s.atHome(ctx, scope, st, func(ctx context.Context, tx *postgres.Tx) error {
		done, err := tx.Exec(ctx, sqlEndOwn, st.tenant, st.user, id, s.now())
		if err != nil {
			return fmt.Errorf("end session: %w", err)
		}
		if done.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "there is no such session of yours, or it has ended")
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.session_end", Object: "session:" + id.String()})
	})
}

const sqlEndOthers = `
UPDATE sessions SET ended_at = $4, end_reason = 'ended by its person'
 WHERE tenant_id = $1 AND user_id = $2 AND public_id <> $3 AND ended_at IS NULL
RETURNING public_id`

// EndOtherSessions ends all of the caller's sessions but the one that asks, and tells how many there were.
func (s *Service) EndOtherSessions(ctx context.Context, scope access.Scope) (ended int, err error) {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return 0, err
	}
	var ids []uuid.UUID
	err = s.atHome(ctx, scope, st, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, sqlEndOthers, st.tenant, st.user, scope.Actor.Session, s.now())
		if err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		if ids, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
			return fmt.Errorf("end sessions: %w", err)
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.session_end", Object: "user:" + st.person.String(), Detail: map[string]int{"sessions": len(ids)}})
	})
	for _, id := range ids {
		s.forget(id)
	}
	return len(ids), err
}

const sqlVerified = `UPDATE sessions SET verified_at = $3 WHERE tenant_id = $1 AND public_id = $2 AND ended_at IS NULL`

// StepUp notes that the caller has just shown again who they are: for some minutes they may do what is dangerous.
func (s *Service) StepUp(ctx context.Context, scope access.Scope, password, code string, from Origin) error {
	st, err := s.alive(ctx, scope.Actor)
	if err != nil {
		return err
	}
	account, err := s.verify(ctx, st.email, password, from.Address)
	if fault.CodeOf(err) == fault.Unauthenticated {
		return fault.Field(fault.Forbidden, "body.password", "is wrong")
	}
	if err != nil {
		return err
	}
	if _, err := s.passFactor(ctx, *account, st.email, code, from); err != nil {
		if fault.CodeOf(err) == fault.SecondFactor { // 401 would tell the console that its session has ended
			return fault.Field(fault.Forbidden, "body.code", "is missing or wrong: each code serves once")
		}
		return err
	}
	defer s.forget(scope.Actor.Session)
	return s.atHome(ctx, scope, st, func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, sqlVerified, st.tenant, scope.Actor.Session, s.now()); err != nil {
			return fmt.Errorf("note step-up: %w", err)
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "auth.step_up", Object: "session:" + scope.Actor.Session.String()})
	})
}
