package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// account is what a sign-in is judged by.
type account struct {
	tenant     int32
	user       int32
	publicID   uuid.UUID
	active     bool
	hash       string
	mustChange bool
	expires    *time.Time // of a one-time password
	guarded    bool       // a password alone is not enough from where this one came
	serves     bool       // the person's tenant, neither suspended nor archived
}

const sqlFindLogin = `SELECT tenant_id, user_id, public_id, active, hash, must_change, expires_at, serves FROM keeper.find_login($1)`

// findLogin gives nil for an unknown address.
func findLogin(ctx context.Context, tx pgx.Tx, email string) (*account, error) {
	var a account
	err := tx.QueryRow(ctx, sqlFindLogin, email).Scan(&a.tenant, &a.user, &a.publicID, &a.active, &a.hash, &a.mustChange, &a.expires, &a.serves)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	return &a, nil
}

const sqlBegin = `SELECT keeper.login_begin($1, $2, $3, $4)`

const sqlRight = `SELECT keeper.login_right($1, $2, $3, $4)`

// session is a sign-in of a person.
type session struct {
	id             uuid.UUID
	tenant         int32 // the person's home
	tenantPublicID uuid.UUID
	user           int32
	userPublicID   uuid.UUID
	email          string
	lastUsed       time.Time
	expires        time.Time
	ended          bool
	active         bool // the person
	mustChange     bool
}

const sqlCreateSession = `
INSERT INTO sessions (tenant_id, public_id, user_id, created_at, verified_at, last_used_at, expires_at, address, user_agent)
VALUES ($1, $2, $3, $4, $4, $4, $5, $6, $7)`

const sqlCreateToken = `INSERT INTO session_tokens (tenant_id, hash, session_id, created_at) VALUES ($1, $2, $3, $4)`

func createSession(ctx context.Context, tx *postgres.Tx, s session, hash []byte, now time.Time, address, userAgent string) error {
	var batch pgx.Batch
	batch.Queue(sqlCreateSession, s.tenant, s.id, s.user, now, s.expires, address, userAgent)
	batch.Queue(sqlCreateToken, s.tenant, hash, s.id, now)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	return nil
}

const sqlFindRefresh = `SELECT tenant_id, session_id FROM keeper.find_refresh($1)`

// findRefresh gives the session of a refresh token; tenant 0 when there is none.
func findRefresh(ctx context.Context, tx pgx.Tx, hash []byte) (tenant int32, id uuid.UUID, err error) {
	err = tx.QueryRow(ctx, sqlFindRefresh, hash).Scan(&tenant, &id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, uuid.Nil, nil
	}
	if err != nil {
		return 0, uuid.Nil, fmt.Errorf("find session: %w", err)
	}
	return tenant, id, nil
}

// The session's row is locked, so that of two uses of one token the second sees what the first did.
const sqlLockSession = `
SELECT s.public_id, s.tenant_id, t.public_id, s.user_id, u.public_id, u.email, s.last_used_at, s.expires_at,
       s.ended_at IS NOT NULL, u.status = 'active', c.must_change
  FROM sessions s
  JOIN tenants t ON t.id = s.tenant_id
  JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
  JOIN credentials c ON c.tenant_id = s.tenant_id AND c.user_id = s.user_id
 WHERE s.tenant_id = $1 AND s.public_id = $2
   FOR UPDATE OF s`

func lockSession(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (session, error) {
	var s session
	err := tx.QueryRow(ctx, sqlLockSession, tx.Scope.Tenant, id).Scan(&s.id, &s.tenant, &s.tenantPublicID, &s.user,
		&s.userPublicID, &s.email, &s.lastUsed, &s.expires, &s.ended, &s.active, &s.mustChange)
	if err != nil {
		return session{}, fmt.Errorf("lock session: %w", err)
	}
	return s, nil
}

const sqlReplacedAt = `SELECT replaced_at FROM session_tokens WHERE tenant_id = $1 AND hash = $2`

const sqlReplaceToken = `UPDATE session_tokens SET replaced_at = $3 WHERE tenant_id = $1 AND hash = $2`

const sqlUseSession = `UPDATE sessions SET last_used_at = $3 WHERE tenant_id = $1 AND public_id = $2`

// replaceToken puts a new refresh token in the place of the old one.
func replaceToken(ctx context.Context, tx *postgres.Tx, s session, old, next []byte, now time.Time) error {
	var batch pgx.Batch
	batch.Queue(sqlReplaceToken, s.tenant, old, now)
	batch.Queue(sqlCreateToken, s.tenant, next, s.id, now)
	batch.Queue(sqlUseSession, s.tenant, s.id, now)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("replace refresh token: %w", err)
	}
	return nil
}

const sqlEndSession = `
UPDATE sessions SET ended_at = $3, end_reason = $4 WHERE tenant_id = $1 AND public_id = $2 AND ended_at IS NULL`

const sqlEndSessions = `
UPDATE sessions SET ended_at = $3, end_reason = $4 WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL`

func endSession(ctx context.Context, tx *postgres.Tx, id uuid.UUID, reason string) error {
	if _, err := tx.Exec(ctx, sqlEndSession, tx.Scope.Tenant, id, tx.Now, reason); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndSessions ends every session of a person whose home is the given tenant; open streams follow within seconds.
func (s *Service) EndSessions(ctx context.Context, tx *postgres.Tx, tenant, user int32, reason string) error {
	if _, err := tx.Exec(ctx, sqlEndSessions, tenant, user, tx.Now, reason); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// Sessions that ended go after a month, with their tokens.
const sqlSweepSessions = `
DELETE FROM sessions
 WHERE (tenant_id, public_id) IN (
        SELECT tenant_id, public_id FROM sessions
         WHERE tenant_id = $1 AND user_id = $2 AND least(ended_at, expires_at) < $3
         LIMIT 100)`

const sqlStoreCredential = `
INSERT INTO credentials (tenant_id, user_id, hash, must_change, expires_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, user_id) DO UPDATE
   SET hash = excluded.hash, must_change = excluded.must_change, expires_at = excluded.expires_at, changed_at = excluded.changed_at`

func storeCredential(ctx context.Context, tx *postgres.Tx, tenant, user int32, hash string, mustChange bool, expires *time.Time) error {
	if _, err := tx.Exec(ctx, sqlStoreCredential, tenant, user, hash, mustChange, expires, tx.Now); err != nil {
		return fmt.Errorf("store credential: %w", err)
	}
	return nil
}

const sqlRehash = `UPDATE credentials SET hash = $3 WHERE tenant_id = $1 AND user_id = $2 AND hash = $4`

const sqlHome = `SELECT public_id, keeper.powerful(id, $2) FROM tenants WHERE id = $1`

// readHome gives the public id of a person's home tenant, and whether they have anywhere a role over other tenants.
func readHome(ctx context.Context, tx *postgres.Tx, user int32) (tenant uuid.UUID, powerful bool, err error) {
	if err := tx.QueryRow(ctx, sqlHome, tx.Scope.Tenant, user).Scan(&tenant, &powerful); err != nil {
		return uuid.Nil, false, fmt.Errorf("read home: %w", err)
	}
	return tenant, powerful, nil
}

const sqlSessionState = `SELECT tenant_id, user_id, user_public_id, must_change, verified_at, factor, powerful FROM keeper.session_state($1, $2)`

const sqlEmail = `SELECT email FROM users WHERE tenant_id = $1 AND id = $2`
