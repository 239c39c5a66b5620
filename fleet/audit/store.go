package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// The first entry of a tenant follows 32 zero bytes. The row locks that this takes are what orders the chains; it gives the
// hash that each chain ends in, and the sequence that it will end in.
const sqlLockHeads = `
INSERT INTO audit_heads (tenant_id, seq, hash)
SELECT t, n, decode(repeat('00', 32), 'hex') FROM unnest($1::int[], $2::bigint[]) AS x(t, n) ORDER BY t
ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_heads.seq + excluded.seq
RETURNING tenant_id, seq, hash`

const sqlAppend = `
INSERT INTO audit_entries (tenant_id, seq, at, actor_kind, actor_id, actor_name, on_behalf, grant_id, action, object,
                           address, detail, detail_hash, previous_hash, hash)
SELECT * FROM unnest($1::int[], $2::bigint[], $3::timestamptz[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::uuid[], $9::text[], $10::text[],
                     $11::text[], $12::text[], $13::bytea[], $14::bytea[], $15::bytea[])`

const sqlMoveHeads = `UPDATE audit_heads h SET hash = x.hash FROM unnest($1::int[], $2::bytea[]) AS x(t, hash) WHERE h.tenant_id = x.t`

// chain is where a tenant's chain ends.
type chain struct {
	seq  int64
	hash []byte
}

// lockHeads makes room at the ends of the chains for so many entries of each tenant, and gives where they end before.
func lockHeads(ctx context.Context, tx *postgres.Tx, entries []Stored) (map[int32]*chain, error) {
	more := map[int32]int64{}
	for i := range entries {
		more[entries[i].Tenant]++
	}
	tenants := slices.Sorted(maps.Keys(more))
	counts := make([]int64, len(tenants))
	for i, tenant := range tenants {
		counts[i] = more[tenant]
	}
	rows, err := tx.Query(ctx, sqlLockHeads, tenants, counts)
	if err != nil {
		return nil, err
	}
	heads := map[int32]*chain{}
	var tenant int32
	var end chain
	_, err = pgx.ForEachRow(rows, []any{&tenant, &end.seq, &end.hash}, func() error {
		heads[tenant] = &chain{end.seq - more[tenant], slices.Clone(end.hash)}
		return nil
	})
	return heads, err
}

// extend gives each entry its place in its tenant's chain and stores it.
func extend(ctx context.Context, tx *postgres.Tx, entries []Stored) error {
	heads, err := lockHeads(ctx, tx, entries)
	if err != nil {
		return fmt.Errorf("lock audit chain: %w", err)
	}
	var c struct {
		tenants                                   []int32
		seqs                                      []int64
		at                                        []time.Time
		kinds, names, actions, objects, addresses []string
		actors, behalves, grants                  []*uuid.UUID
		details                                   []*string
		detailHashes, previous, hashes, endHash   [][]byte
		ends                                      []int32
	}
	for i := range entries {
		e := &entries[i]
		head := heads[e.Tenant]
		e.Seq, e.PreviousHash = head.seq+1, head.hash
		e.Hash = e.digest()
		head.seq, head.hash = e.Seq, e.Hash
		c.tenants, c.seqs, c.at = append(c.tenants, e.Tenant), append(c.seqs, e.Seq), append(c.at, e.At)
		c.kinds, c.names, c.actions = append(c.kinds, e.ActorKind), append(c.names, e.ActorName), append(c.actions, e.Action)
		c.objects, c.addresses = append(c.objects, e.Object), append(c.addresses, e.Address)
		c.actors, c.behalves, c.grants = append(c.actors, orNull(e.ActorID)), append(c.behalves, orNull(e.OnBehalf)), append(c.grants, orNull(e.Grant))
		c.details, c.detailHashes = append(c.details, textOrNull(e.Detail)), append(c.detailHashes, e.DetailHash)
		c.previous, c.hashes = append(c.previous, e.PreviousHash), append(c.hashes, e.Hash)
	}
	for tenant, head := range heads {
		c.ends, c.endHash = append(c.ends, tenant), append(c.endHash, head.hash)
	}
	var batch pgx.Batch
	batch.Queue(sqlAppend, c.tenants, c.seqs, c.at, c.kinds, c.actors, c.names, c.behalves, c.grants, c.actions, c.objects, c.addresses, c.details,
		c.detailHashes, c.previous, c.hashes)
	batch.Queue(sqlMoveHeads, c.ends, c.endHash)
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
