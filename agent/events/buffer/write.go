package buffer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Flush writes what is queued. What was recorded before it is on disk when it returns without an error.
func (b *Buffer) Flush(ctx context.Context) error {
	if b.readOnly {
		return nil
	}
	b.writing.Lock()
	defer b.writing.Unlock()
	b.mu.Lock()
	queue, limits := b.queue, b.limits
	b.queue, b.queued = nil, 0
	var changed []*source
	for _, s := range b.sources {
		if s.changed {
			changed = append(changed, s)
			s.changed = false
		}
	}
	b.mu.Unlock()
	if len(changed) == 0 {
		return nil
	}
	w := &writer{limits: limits, oldest: b.now().Add(-limits.Age).Unix(), deltas: map[*source]*delta{}}
	if err := b.write(ctx, w, queue, changed); err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, r := range queue {
			r.source.Recorded--
			r.source.drop(1, fmt.Sprintf("the buffer could not be written: %v", err))
		}
		for _, s := range changed {
			s.changed = true
		}
		return fmt.Errorf("event buffer: write: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for s, d := range w.deltas {
		d.to(s)
	}
	return nil
}

// writer is one transaction.
type writer struct {
	tx     *sql.Tx
	limits Limits
	oldest int64 // events before it are removed
	deltas map[*source]*delta
}

// delta is what a transaction changes in the counters of a source.
type delta struct{ id, rows, bytes, evicted, expired int64 }

func (d *delta) to(s *source) {
	s.id = d.id
	s.Rows += d.rows
	s.Bytes += d.bytes
	s.Evicted += d.evicted
	s.Expired += d.expired
}

func (b *Buffer) write(ctx context.Context, w *writer, queue []record, changed []*source) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after the commit
	w.tx = tx
	b.mu.Lock()
	for _, s := range changed {
		w.deltas[s] = &delta{id: s.id}
	}
	b.mu.Unlock()
	for s, d := range w.deltas {
		if d.id == 0 {
			if err := tx.QueryRowContext(ctx, "INSERT INTO sources (name) VALUES (?) RETURNING id", s.Name).Scan(&d.id); err != nil {
				return err
			}
		}
	}
	insert, err := tx.PrepareContext(ctx, "INSERT INTO events (source, id, at, row) VALUES (?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, r := range queue {
		d := w.deltas[r.source]
		if _, err := insert.ExecContext(ctx, d.id, r.id, r.at, r.row); err != nil {
			return err
		}
		d.rows++
		d.bytes += int64(len(r.row))
	}
	for _, s := range changed {
		b.mu.Lock()
		is := s.EventTable
		b.mu.Unlock()
		d := w.deltas[s]
		if err := w.trim(ctx, d, is.Rows, is.Bytes); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			UPDATE sources
			SET publisher = ?, active = ?, reason = ?, subscriptions = ?, refreshes = ?, recorded = ?, dropped = ?, last_drop = ?, evicted = ?, expired = ?,
				rows = ?, bytes = ?
			WHERE id = ?`,
			is.Publisher, is.Active, is.Reason, is.Subscriptions, is.Refreshes, is.Recorded, is.Dropped, is.LastDrop, is.Evicted+d.evicted, is.Expired+d.expired,
			is.Rows+d.rows, is.Bytes+d.bytes, d.id); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// trimStep is how many of the oldest events go at once where there are too many, so that not each write has to.
const trimStep = 1000

// trim removes what is too old, and then the oldest until the rest fits. had and hadBytes are what was there before the
// transaction.
func (w *writer) trim(ctx context.Context, d *delta, had, hadBytes int64) error {
	// Events are stored in the order of their time, as far as the clock allows: the first that is young enough ends it.
	young := int64(1) << 62
	if err := w.tx.QueryRowContext(ctx, "SELECT id FROM events WHERE source = ? AND at >= ? ORDER BY id LIMIT 1", d.id, w.oldest).Scan(&young); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	rows, bytes, err := w.remove(ctx, d.id, young-1)
	if err != nil {
		return err
	}
	d.rows, d.bytes, d.expired = d.rows-rows, d.bytes-bytes, d.expired+rows
	for had+d.rows > w.limits.Rows || hadBytes+d.bytes > w.limits.Bytes {
		step := min(trimStep, max(1, w.limits.Rows/10))
		var last int64
		if err := w.tx.QueryRowContext(ctx, "SELECT max(id) FROM (SELECT id FROM events WHERE source = ? ORDER BY id LIMIT ?)", d.id, step).Scan(&last); err != nil {
			return err
		}
		rows, bytes, err := w.remove(ctx, d.id, last)
		if err != nil {
			return err
		}
		if rows == 0 {
			return fmt.Errorf("the counters of source %d do not agree with its events", d.id)
		}
		d.rows, d.bytes, d.evicted = d.rows-rows, d.bytes-bytes, d.evicted+rows
	}
	return nil
}

// remove removes the events up to an identifier, and tells how many that were.
func (w *writer) remove(ctx context.Context, source, last int64) (rows, bytes int64, err error) {
	if err := w.tx.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(length(row)), 0) FROM events WHERE source = ? AND id <= ?", source, last).
		Scan(&rows, &bytes); err != nil || rows == 0 {
		return 0, 0, err
	}
	_, err = w.tx.ExecContext(ctx, "DELETE FROM events WHERE source = ? AND id <= ?", source, last)
	return rows, bytes, err
}

// Tidy removes what is too old, also of tables of which nothing is recorded now, and gives the room back to the disk.
func (b *Buffer) Tidy(ctx context.Context) error {
	b.mu.Lock()
	for _, s := range b.sources {
		s.changed = true
	}
	b.mu.Unlock()
	if err := b.Flush(ctx); err != nil {
		return err
	}
	b.writing.Lock()
	defer b.writing.Unlock()
	if _, err := b.db.ExecContext(ctx, "PRAGMA incremental_vacuum"); err != nil {
		return fmt.Errorf("event buffer: give room back: %w", err)
	}
	return nil
}

// Stop says of every table that nothing records it any more, and why.
func (b *Buffer) Stop(ctx context.Context, reason string) error {
	b.mu.Lock()
	for _, s := range b.sources {
		s.Active, s.Reason, s.changed = false, reason, true
	}
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return b.Flush(ctx)
}
