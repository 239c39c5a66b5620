package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/queries/diff"
)

// Collection is where a collection stands: what the fleet was told last.
type Collection struct {
	Name         string
	QueryVersion string
	Mode         protocol.Mode
	Stale        bool // the whole state must be told anew, in a new epoch; true of an unknown collection
	Epoch        int64
	Counter      int64 // of the next batch
	StatusCode   int
	StatusLog    string

	id int64 // 0 for one that is not stored yet
}

// ErrChanged tells that somebody else changed a collection meanwhile: a resync came. The execution counts for nothing
// and is to be repeated.
var ErrChanged = errors.New("the collection was reset meanwhile")

// Collection gives a collection by its name.
func (db *DB) Collection(ctx context.Context, name string) (Collection, error) {
	c := Collection{Name: name, Stale: true}
	err := db.sql.QueryRowContext(ctx, `
		SELECT id, query_version, mode, stale, epoch, counter, status_code, status_log FROM collections WHERE name = ?`, name).
		Scan(&c.id, &c.QueryVersion, &c.Mode, &c.Stale, &c.Epoch, &c.Counter, &c.StatusCode, &c.StatusLog)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Collection{}, fmt.Errorf("state: read collection %s: %w", name, err)
	}
	return c, nil
}

// Rows gives the rows of a collection as the fleet knows them.
func (db *DB) Rows(ctx context.Context, c Collection) (diff.State, error) {
	rows, err := db.sql.QueryContext(ctx, "SELECT hash, times FROM collection_rows WHERE collection = ?", c.id)
	if err != nil {
		return nil, fmt.Errorf("state: read rows of %s: %w", c.Name, err)
	}
	defer rows.Close()
	state := diff.State{}
	for rows.Next() {
		var raw sql.RawBytes
		var times int
		if err := rows.Scan(&raw, &times); err != nil {
			return nil, fmt.Errorf("state: read rows of %s: %w", c.Name, err)
		}
		var h diff.Hash
		if copy(h[:], raw) != len(h) {
			return nil, fmt.Errorf("state: rows of %s: %w", c.Name, errSpoilt)
		}
		state[h] = times
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("state: read rows of %s: %w", c.Name, err)
	}
	return state, nil
}

// SaveCollection moves a collection from where it was read to where it stands now.
func SaveCollection(ctx context.Context, tx *sql.Tx, was, is Collection) error {
	var result sql.Result
	var err error
	if was.id == 0 {
		result, err = tx.ExecContext(ctx, `
			INSERT INTO collections (name, query_version, mode, stale, epoch, counter, status_code, status_log)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			is.Name, is.QueryVersion, is.Mode, is.Stale, is.Epoch, is.Counter, is.StatusCode, is.StatusLog)
	} else {
		result, err = tx.ExecContext(ctx, `
			UPDATE collections
			SET query_version = ?, mode = ?, stale = ?, epoch = ?, counter = ?, status_code = ?, status_log = ?
			WHERE id = ? AND stale = ? AND epoch = ? AND counter = ?`,
			is.QueryVersion, is.Mode, is.Stale, is.Epoch, is.Counter, is.StatusCode, is.StatusLog, was.id, was.Stale, was.Epoch, was.Counter)
	}
	if err != nil {
		return fmt.Errorf("state: save collection %s: %w", is.Name, err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(ErrChanged, err)
	}
	return nil
}

// SaveRows writes what differs between two states of a collection, which SaveCollection stored in the same transaction.
func SaveRows(ctx context.Context, tx *sql.Tx, name string, was, is diff.State) error {
	var id int64
	if err := tx.QueryRowContext(ctx, "SELECT id FROM collections WHERE name = ?", name).Scan(&id); err != nil {
		return fmt.Errorf("state: save rows of %s: %w", name, err)
	}
	put, err := tx.PrepareContext(ctx, "INSERT OR REPLACE INTO collection_rows (collection, hash, times) VALUES (?, ?, ?)")
	if err != nil {
		return fmt.Errorf("state: save rows of %s: %w", name, err)
	}
	defer put.Close()
	for h, times := range is {
		if was[h] == times {
			continue
		}
		if _, err := put.ExecContext(ctx, id, h[:], times); err != nil {
			return fmt.Errorf("state: save rows of %s: %w", name, err)
		}
	}
	remove, err := tx.PrepareContext(ctx, "DELETE FROM collection_rows WHERE collection = ? AND hash = ?")
	if err != nil {
		return fmt.Errorf("state: save rows of %s: %w", name, err)
	}
	defer remove.Close()
	for h := range was {
		if is[h] > 0 {
			continue
		}
		if _, err := remove.ExecContext(ctx, id, h[:]); err != nil {
			return fmt.Errorf("state: save rows of %s: %w", name, err)
		}
	}
	return nil
}

// Reset marks collections as stale: the next execution tells the whole state. It gives the names of those it knows.
func (db *DB) Reset(ctx context.Context, names ...string) (known []string, err error) {
	err = db.Update(ctx, func(tx *sql.Tx) error {
		for _, name := range names {
			result, err := tx.ExecContext(ctx, "UPDATE collections SET stale = 1 WHERE name = ?", name)
			if err != nil {
				return fmt.Errorf("state: reset %s: %w", name, err)
			}
			if n, err := result.RowsAffected(); err == nil && n > 0 {
				known = append(known, name)
			}
		}
		return nil
	})
	return known, err
}

// keepCollections forgets all collections but these, which are the configured ones.
func keepCollections(ctx context.Context, tx *sql.Tx, names map[string]bool) error {
	rows, err := tx.QueryContext(ctx, "SELECT name FROM collections UNION SELECT collection FROM schedule UNION SELECT collection FROM event_cursors")
	if err != nil {
		return fmt.Errorf("state: list collections: %w", err)
	}
	defer rows.Close()
	var gone []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("state: list collections: %w", err)
		}
		if !names[name] {
			gone = append(gone, name)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("state: list collections: %w", err)
	}
	for _, name := range gone {
		if _, err := tx.ExecContext(ctx, "DELETE FROM collections WHERE name = ?", name); err != nil {
			return fmt.Errorf("state: forget collection %s: %w", name, err)
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM schedule WHERE collection = ?", name); err != nil {
			return fmt.Errorf("state: forget collection %s: %w", name, err)
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM event_cursors WHERE collection = ?", name); err != nil {
			return fmt.Errorf("state: forget collection %s: %w", name, err)
		}
	}
	return nil
}
