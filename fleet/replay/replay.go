// Package replay remembers the answers of calls that named an Idempotency-Key: sent again within a day, because their
// answer was lost on the way, they get the same answer and do nothing.
package replay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	kept    = 24 * time.Hour
	running = 2 * time.Minute // a call that runs longer died with its server: the next one runs
)

// Sealer keeps answers, which may hold secrets that are shown once; pki.Sealer implements it.
type Sealer interface {
	Seal(secret []byte, p pki.Place) (string, error)
	Open(text string, p pki.Place) ([]byte, error)
}

// Service keeps answers in the database. It implements httpapi.Replays.
type Service struct {
	db     *postgres.DB
	sealer Sealer
}

var _ httpapi.Replays = (*Service)(nil)

// New makes a Service.
func New(db *postgres.DB, sealer Sealer) *Service { return &Service{db, sealer} }

const purpose = "tenantra/v1/idempotency-key\x00"

// hashOf names a key in the database. Keys are of the actor and the tenant that the call acts in.
func hashOf(key string) []byte {
	sum := sha256.Sum256([]byte(purpose + key))
	return sum[:]
}

func place(tenant int32, hash []byte) pki.Place {
	return pki.Place{Tenant: tenant, Table: "replays", Column: "answer", Row: hex.EncodeToString(hash)}
}

const sqlSweep = `
DELETE FROM replays WHERE (tenant_id, actor, key_hash) IN (SELECT tenant_id, actor, key_hash FROM replays WHERE tenant_id = $1 AND created_at < $2 LIMIT 100)`

// A key that a dead server left running is taken over.
const sqlReserve = `
INSERT INTO replays AS r (tenant_id, actor, key_hash, fingerprint, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, actor, key_hash) DO UPDATE SET fingerprint = excluded.fingerprint, created_at = excluded.created_at
  WHERE r.status IS NULL AND r.created_at < $6
RETURNING true`

const sqlRead = `SELECT fingerprint, status, coalesce(etag, ''), coalesce(answer, '') FROM replays WHERE tenant_id = $1 AND actor = $2 AND key_hash = $3`

// Begin implements httpapi.Replays.
func (s *Service) Begin(ctx context.Context, scope access.Scope, key string, fingerprint [sha256.Size]byte) (*httpapi.Reply, error) {
	hash, actor := hashOf(key), scope.Actor.String()
	var mine bool
	var before []byte
	var status *int
	var etag, sealed string
	err := s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, sqlSweep, scope.Tenant, tx.Now.Add(-kept)); err != nil {
			return fmt.Errorf("sweep answers: %w", err)
		}
		err := tx.QueryRow(ctx, sqlReserve, scope.Tenant, actor, hash, fingerprint[:], tx.Now, tx.Now.Add(-running)).Scan(&mine)
		if mine = err == nil; mine {
			return nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("reserve key: %w", err)
		}
		if err := tx.QueryRow(ctx, sqlRead, scope.Tenant, actor, hash).Scan(&before, &status, &etag, &sealed); err != nil {
			return fmt.Errorf("read answer: %w", err)
		}
		return nil
	})
	switch {
	case err != nil || mine:
		return nil, err
	case string(before) != string(fingerprint[:]):
		return nil, fault.Field(fault.Conflict, "header.Idempotency-Key", "was used for another call: take a new one")
	case status == nil:
		return nil, fault.Field(fault.Conflict, "header.Idempotency-Key", "is of a call that still runs: repeat it in a moment")
	}
	reply := &httpapi.Reply{Status: *status, ETag: etag}
	if sealed != "" {
		if reply.Body, err = s.sealer.Open(sealed, place(scope.Tenant, hash)); err != nil {
			return nil, err
		}
	}
	return reply, nil
}

const sqlFinish = `UPDATE replays SET status = $4, etag = $5, answer = $6 WHERE tenant_id = $1 AND actor = $2 AND key_hash = $3`

// Finish implements httpapi.Replays.
func (s *Service) Finish(ctx context.Context, scope access.Scope, key string, answer httpapi.Reply) error {
	hash := hashOf(key)
	sealed := ""
	if len(answer.Body) > 0 {
		var err error
		if sealed, err = s.sealer.Seal(answer.Body, place(scope.Tenant, hash)); err != nil {
			return err
		}
	}
	return s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, sqlFinish, scope.Tenant, scope.Actor.String(), hash, answer.Status, answer.ETag, sealed); err != nil {
			return fmt.Errorf("keep answer: %w", err)
		}
		return nil
	})
}

const sqlAbandon = `DELETE FROM replays WHERE tenant_id = $1 AND actor = $2 AND key_hash = $3 AND status IS NULL`

// Abandon implements httpapi.Replays.
func (s *Service) Abandon(ctx context.Context, scope access.Scope, key string) error {
	return s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, sqlAbandon, scope.Tenant, scope.Actor.String(), hashOf(key)); err != nil {
			return fmt.Errorf("forget call: %w", err)
		}
		return nil
	})
}
