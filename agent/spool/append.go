package spool

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

// A batch holds at most so much, by the text of its cells; what a collection changes beyond that takes several batches.
// JSON and its escapes come on top, far below what a frame holds.
const (
	batchBytes = 2 << 20
	batchRows  = 10_000
	cellBytes  = 16 // that a cell costs beside its text
)

// Change is what one execution changed in its collection.
type Change struct {
	Header  protocol.BatchHeader // without identity, sequence, counts and root; Counter is that of the first batch
	Added   [][]tables.Value
	Removed []diff.Hash
	Before  int64 // rows that the fleet has of the collection when it gets the change; 0 where it is told the whole
}

// ErrFull tells that the spool is full: the transaction is to be given up, so that the state does not advance and the
// next execution finds the same change again.
var ErrFull = errors.New("the spool is full")

// Append spools a change within a transaction and gives the number of batches it took, which the collection's counter
// advances by. max is how many bytes the spool may hold.
//
// Of a snapshot that takes several batches only the first says that what it lacks is gone, and the others add to it. To
// the fleet the rows of the others then go and come back; a caller who knows what the fleet has asks Fits first and
// spools what differs instead.
func (s *Spool) Append(ctx context.Context, tx *sql.Tx, change Change, max int64) (batches int64, err error) {
	var next, held int64
	if err := tx.QueryRowContext(ctx, "SELECT next_sequence, spool_bytes FROM agent").Scan(&next, &held); err != nil {
		return 0, fmt.Errorf("spool: append: %w", err)
	}
	w := writer{spool: s, tx: tx, header: change.Header, next: next, room: max - held, rows: change.Before}
	added, removed := change.Added, change.Removed
	for first := true; first || len(added) > 0 || len(removed) > 0; first = false {
		n := fitting(added)
		m := min(len(removed), batchRows-n)
		if err := w.write(ctx, added[:n], removed[:m]); err != nil {
			return 0, err
		}
		added, removed = added[n:], removed[m:]
	}
	if _, err := tx.ExecContext(ctx, "UPDATE agent SET next_sequence = ?, spool_batches = spool_batches + ?, spool_bytes = spool_bytes + ?",
		w.next, w.next-next, w.bytes); err != nil {
		return 0, fmt.Errorf("spool: append: %w", err)
	}
	return w.next - next, nil
}

// Fits tells whether rows fit in one batch.
func Fits(rows [][]tables.Value) bool { return fitting(rows) == len(rows) }

// fitting is how many of the rows go into the next batch; of more than none at least one.
func fitting(rows [][]tables.Value) int {
	size := 0
	for i, row := range rows {
		for j := range row {
			size += len(row[j].Text) + cellBytes
		}
		if i > 0 && (size > batchBytes || i == batchRows) {
			return i
		}
	}
	return len(rows)
}

// CountDropped counts changes that were given up.
func (s *Spool) CountDropped(ctx context.Context, tx *sql.Tx, changes int64) error {
	if _, err := tx.ExecContext(ctx, "UPDATE agent SET spool_dropped = spool_dropped + ?", changes); err != nil {
		return fmt.Errorf("spool: count what was dropped: %w", err)
	}
	return nil
}

// writer writes the batches of one change.
type writer struct {
	spool  *Spool
	tx     *sql.Tx
	header protocol.BatchHeader
	next   int64 // sequence
	rows   int64 // that the fleet has after the batches so far
	room   int64
	bytes  int64
}

// write spools one batch, or several where it turns out not to fit into a frame.
func (w *writer) write(ctx context.Context, added [][]tables.Value, removed []diff.Hash) error {
	h := w.header
	h.TenantID, h.AgentID, h.Sequence = w.spool.signer.TenantID, w.spool.signer.AgentID, w.next
	h.AddedCount, h.RemovedCount = len(added), len(removed)
	if h.Mode == protocol.ModeDifferential && h.Execution.StatusCode == 0 {
		// The fleet compares with what it then has, so a batch that others follow tells of the rows up to itself.
		h.Execution.Rows = w.rows + int64(len(added)-len(removed))
	}
	batch := protocol.Batch{Added: added, Removed: make([][]byte, len(removed))}
	hasher := diff.NewHasher(h.Columns)
	leaves := make([]diff.Hash, 0, len(added)+len(removed))
	for _, row := range added {
		leaves = append(leaves, diff.Leaf(true, hasher.Row(row)))
	}
	for i := range removed {
		batch.Removed[i] = removed[i][:]
		leaves = append(leaves, diff.Leaf(false, removed[i]))
	}
	root := diff.Root(leaves)
	h.Root = root[:]
	var err error
	if batch.Header, err = protocol.Sign(w.spool.signer.Key, protocol.PurposeBatch, h); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	// The envelope names the sequence, for errors of a fleet that cannot read the batch.
	packed, err := frame.Encode(protocol.TypeBatch, strconv.FormatInt(w.next, 10), batch)
	if errors.Is(err, frame.ErrTooLarge) && len(added) > 1 {
		half := len(added) / 2
		if err := w.write(ctx, added[:half], removed); err != nil {
			return err
		}
		return w.write(ctx, added[half:], nil)
	}
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if w.bytes += int64(len(packed)); w.bytes > w.room {
		return ErrFull
	}
	if _, err := w.tx.ExecContext(ctx, "INSERT INTO batches (sequence, collection, frame) VALUES (?, ?, ?)", w.next, h.Collection, packed); err != nil {
		return fmt.Errorf("spool: append: %w", err)
	}
	w.next++
	if w.header.Mode == protocol.ModeSnapshot {
		w.rows = 0
	}
	w.rows += int64(len(added) - len(removed))
	w.header.Counter++
	if w.header.Mode == protocol.ModeSnapshot { // only the first batch can stand for the whole result
		w.header.Mode = protocol.ModeDifferential
	}
	return nil
}
