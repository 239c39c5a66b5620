package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// The first entry of a tenant follows 32 zero bytes. The row lock that this takes is what orders the chain.
const sqlNextSeq = `
INSERT INTO audit_heads (tenant_id, seq, hash)
VALUES ($1, 1, decode(repeat('00', 32), 'hex'))
ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_heads.seq + 1
RETURNING seq, hash`

const sqlAppend = `
INSERT INTO audit_entries (tenant_id, seq, at, actor_kind, actor_id, actor_name, on_behalf, grant_id, action, object,
                           address, detail, detail_hash, previous_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

const sqlMoveHead = `UPDATE audit_heads SET hash = $2 WHERE tenant_id = $1`

// extend gives the entry its place in the chain and stores it.
func extend(ctx context.Context, tx *postgres.Tx, entry *Stored) error {
	if err := tx.QueryRow(ctx, sqlNextSeq, entry.Tenant).Scan(&entry.Seq, &entry.PreviousHash); err != nil {
		return fmt.Errorf("lock audit chain: %w", err)
	}
	entry.Hash = entry.digest()
	var batch pgx.Batch
	batch.Queue(sqlAppend, entry.Tenant, entry.Seq, entry.At, entry.ActorKind, orNull(entry.ActorID), entry.ActorName,
		orNull(entry.OnBehalf), orNull(entry.Grant), entry.Action, entry.Object, entry.Address, textOrNull(entry.Detail),
		entry.DetailHash, entry.PreviousHash, entry.Hash)
	batch.Queue(sqlMoveHead, entry.Tenant, entry.Hash)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("append to audit chain: %w", err)
	}
	return nil
}

func orNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func textOrNull(detail []byte) *string {
	if detail == nil {
		return nil
	}
	text := string(detail)
	return &text
}

// Filter narrows ListEntries. Zero values do not filter.
type Filter struct {
	Before    int64  // entries with a smaller seq only: the key of the page before
	Action    string // "users.*": all that begin so
	Actor     uuid.UUID
	ActorName string
	Object    string // "user:*": all that begin so
	Grant     uuid.UUID
	Since     time.Time
	Until     time.Time
	Limit     int
}

const sqlColumns = `
SELECT tenant_id, seq, at, actor_kind, actor_id, actor_name, on_behalf, grant_id, action, object, address, detail,
       detail_hash, previous_hash, hash
  FROM audit_entries`

const sqlListEntries = sqlColumns + `
 WHERE tenant_id = $1
   AND ($2::bigint = 0 OR seq < $2)
   AND ($3::text = '' OR action = $3 OR right($3, 1) = '*' AND starts_with(action, left($3, -1)))
   AND ($4::uuid IS NULL OR actor_id = $4)
   AND ($5::text = '' OR object = $5 OR right($5, 1) = '*' AND starts_with(object, left($5, -1)))
   AND ($6::timestamptz IS NULL OR at >= $6)
   AND ($7::timestamptz IS NULL OR at < $7)
   AND ($9::text = '' OR lower(actor_name) = lower($9))
   AND ($10::uuid IS NULL OR grant_id = $10)
 ORDER BY seq DESC
 LIMIT $8`

// ListEntries gives entries of the scope's own tenant, newest first.
func ListEntries(ctx context.Context, tx *postgres.Tx, filter Filter) ([]Stored, error) {
	return collect(tx.Query(ctx, sqlListEntries, tx.Scope.Tenant, filter.Before, filter.Action, orNull(filter.Actor),
		filter.Object, timeOrNull(filter.Since), timeOrNull(filter.Until), filter.Limit,
		filter.ActorName, orNull(filter.Grant)))
}

func timeOrNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

const sqlEntriesAfter = sqlColumns + `
 WHERE tenant_id = $1 AND seq > $2
 ORDER BY seq
 LIMIT $3`

// entriesAfter gives entries in the order of the chain.
func entriesAfter(ctx context.Context, tx *postgres.Tx, seq int64, limit int) ([]Stored, error) {
	return collect(tx.Query(ctx, sqlEntriesAfter, tx.Scope.Tenant, seq, limit))
}

func collect(rows pgx.Rows, err error) ([]Stored, error) {
	if err != nil {
		return nil, fmt.Errorf("read audit entries: %w", err)
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Stored, error) {
		var entry Stored
		var actor, onBehalf, grant *uuid.UUID
		var detail *string
		err := row.Scan(&entry.Tenant, &entry.Seq, &entry.At, &entry.ActorKind, &actor, &entry.ActorName, &onBehalf, &grant,
			&entry.Action, &entry.Object, &entry.Address, &detail, &entry.DetailHash, &entry.PreviousHash, &entry.Hash)
		entry.ActorID, entry.OnBehalf, entry.Grant = orZero(actor), orZero(onBehalf), orZero(grant)
		if detail != nil {
			entry.Detail = []byte(*detail)
		}
		return entry, err
	})
	if err != nil {
		return nil, fmt.Errorf("read audit entries: %w", err)
	}
	return entries, nil
}

func orZero(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

const sqlHead = `SELECT seq, hash FROM audit_heads WHERE tenant_id = $1`

// head gives the end of the chain; seq 0 when nothing was ever recorded.
func head(ctx context.Context, tx *postgres.Tx) (seq int64, hash []byte, err error) {
	err = tx.QueryRow(ctx, sqlHead, tx.Scope.Tenant).Scan(&seq, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("read head of audit chain: %w", err)
	}
	return seq, hash, nil
}
