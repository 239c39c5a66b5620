// Package spool keeps batches on disk until the fleet acknowledges them. A batch enters in the transaction that advances
// its collection's state, gets its sequence number there, and leaves only when the fleet has committed or refused it.
package spool

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tenantra/tenantra/agent/state"
)

// DefaultMax is how many bytes of packed batches are kept where the configuration does not say.
const DefaultMax = 256 << 20

// Signer makes what an agent says its own.
type Signer struct {
	AgentID, TenantID string
	Key               ed25519.PrivateKey
}

// Spool is the queue of batches. It is safe for concurrent use.
type Spool struct {
	db     *state.DB
	signer Signer
	added  chan struct{}
}

// New makes the spool of a state file.
func New(db *state.DB, signer Signer) *Spool {
	return &Spool{db: db, signer: signer, added: make(chan struct{}, 1)}
}

// Added gets a value when batches were added; one value may stand for many.
func (s *Spool) Added() <-chan struct{} { return s.added }

// Notify tells the receiver of Added that a transaction with new batches is committed.
func (s *Spool) Notify() {
	select {
	case s.added <- struct{}{}:
	default:
	}
}

// Item is a spooled batch: a packed frame, as it goes over the wire.
type Item struct {
	Sequence   int64
	Collection string
	Frame      []byte
}

// After gives the next batches after a sequence number, oldest first, at most limit of them.
func (s *Spool) After(ctx context.Context, sequence int64, limit int) ([]Item, error) {
	rows, err := s.db.Queries().QueryContext(ctx, "SELECT sequence, collection, frame FROM batches WHERE sequence > ? ORDER BY sequence LIMIT ?", sequence, limit)
	if err != nil {
		return nil, fmt.Errorf("spool: read: %w", err)
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var item Item
		if err := rows.Scan(&item.Sequence, &item.Collection, &item.Frame); err != nil {
			return nil, fmt.Errorf("spool: read: %w", err)
		}
		items = append(items, item)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("spool: read: %w", err)
	}
	return items, nil
}

// Acknowledge ends the life of batches. One that is not there any more was acknowledged before.
func (s *Spool) Acknowledge(ctx context.Context, sequences ...int64) error {
	if len(sequences) == 0 {
		return nil
	}
	return s.db.Update(ctx, func(tx *sql.Tx) error {
		for _, sequence := range sequences {
			if _, err := remove(ctx, tx, sequence); err != nil {
				return err
			}
		}
		return nil
	})
}

// Refuse ends the life of a batch that the fleet will never take. What its collection says later builds on it, so the
// collection is told anew at its next execution. It gives the collection's name, "" where the batch is gone already.
func (s *Spool) Refuse(ctx context.Context, sequence int64) (collection string, err error) {
	err = s.db.Update(ctx, func(tx *sql.Tx) error {
		if collection, err = remove(ctx, tx, sequence); err != nil || collection == "" {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE collections SET stale = 1, status_code = -1 WHERE name = ?", collection); err != nil {
			return fmt.Errorf("spool: refuse %d: %w", sequence, err)
		}
		return nil
	})
	return collection, err
}

func remove(ctx context.Context, tx *sql.Tx, sequence int64) (collection string, err error) {
	var size int64
	err = tx.QueryRowContext(ctx, "DELETE FROM batches WHERE sequence = ? RETURNING collection, length(frame)", sequence).Scan(&collection, &size)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("spool: remove %d: %w", sequence, err)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE agent SET spool_batches = spool_batches - 1, spool_bytes = spool_bytes - ?", size); err != nil {
		return "", fmt.Errorf("spool: remove %d: %w", sequence, err)
	}
	return collection, nil
}

// Stats are the spool's counters.
type Stats struct{ Batches, Bytes, Dropped int64 }

// Stats gives the counters.
func (s *Spool) Stats(ctx context.Context) (Stats, error) {
	var out Stats
	err := s.db.Queries().QueryRowContext(ctx, "SELECT spool_batches, spool_bytes, spool_dropped FROM agent").Scan(&out.Batches, &out.Bytes, &out.Dropped)
	if err != nil {
		return Stats{}, fmt.Errorf("spool: read counters: %w", err)
	}
	return out, nil
}

// Overtaken compares with the highest sequence number that the fleet has of this agent. Where the fleet knows of batches
// that this state never made, the state was lost or an old copy was restored: sequence numbers go on after the fleet's,
// what is spooled is given up since its numbers are taken, and every collection is told anew.
func (s *Spool) Overtaken(ctx context.Context, last int64) (overtaken bool, err error) {
	err = s.db.Update(ctx, func(tx *sql.Tx) error {
		var next int64
		if err := tx.QueryRowContext(ctx, "SELECT next_sequence FROM agent").Scan(&next); err != nil {
			return fmt.Errorf("spool: read sequence: %w", err)
		}
		if overtaken = next <= last; !overtaken {
			return nil
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM batches"); err != nil {
			return fmt.Errorf("spool: start after %d: %w", last, err)
		}
		if _, err := tx.ExecContext(ctx, "UPDATE agent SET next_sequence = ? + 1, spool_batches = 0, spool_bytes = 0", last); err != nil {
			return fmt.Errorf("spool: start after %d: %w", last, err)
		}
		if _, err := tx.ExecContext(ctx, "UPDATE collections SET stale = 1"); err != nil {
			return fmt.Errorf("spool: start after %d: %w", last, err)
		}
		return nil
	})
	return overtaken, err
}

// Shrink gives the disk the room of batches that are gone.
func (s *Spool) Shrink(ctx context.Context) error {
	if _, err := s.db.Queries().ExecContext(ctx, "PRAGMA incremental_vacuum(2000)"); err != nil {
		return fmt.Errorf("spool: shrink: %w", err)
	}
	return nil
}
