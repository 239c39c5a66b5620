package state

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // registers the driver "sqlite"
)

const fileName = "agent.db"

//go:embed schema.sql
var schema string

// schemaEvents brings a file of version 1 to version 2.
//
//go:embed schema_events.sql
var schemaEvents string

// DB is the agent's SQLite file. It is safe for concurrent use; transactions queue for the one connection, so nobody
// holds one while a statement of the engine runs.
type DB struct {
	sql *sql.DB
	dir Dir
}

// Open opens the file for the daemon of one agent, making it where it is absent. A file that is spoilt, or belongs to
// another agent, is put aside: collections then start new epochs, and the fleet is told everything again.
func Open(ctx context.Context, dir Dir, agentID, tenantID string, log *slog.Logger) (*DB, error) {
	db, err := open(ctx, dir, agentID, tenantID)
	var foreign foreignError
	if err != nil && (errors.As(err, &foreign) || spoilt(err)) {
		aside := fileName + "." + time.Now().UTC().Format("20060102T150405")
		log.Warn("the agent's database cannot be used and is put aside; every collection is sent anew", "file", aside, "err", err)
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Rename(dir.file(fileName+suffix), dir.file(aside+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("state: %w", err)
			}
		}
		if err := removeAside(dir, aside); err != nil {
			return nil, err
		}
		db, err = open(ctx, dir, agentID, tenantID)
	}
	if err != nil {
		return nil, fmt.Errorf("state: open %s: %w", dir.file(fileName), err)
	}
	return db, nil
}

// removeAside keeps only the latest file that was put aside.
func removeAside(dir Dir, latest string) error {
	old, err := filepath.Glob(dir.file(fileName + ".*"))
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	for _, path := range old {
		if !strings.HasPrefix(filepath.Base(path), latest) {
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("state: %w", err)
			}
		}
	}
	return nil
}

type foreignError struct{ agentID string }

func (e foreignError) Error() string { return "it belongs to agent " + e.agentID }

var errSpoilt = errors.New("the file is spoilt")

func spoilt(err error) bool {
	const corrupt, notADatabase = 11, 26 // SQLITE_CORRUPT, SQLITE_NOTADB
	var e *sqlite.Error
	return errors.Is(err, errSpoilt) || errors.As(err, &e) && (e.Code()&0xff == corrupt || e.Code()&0xff == notADatabase)
}

// Full tells of an error of Update that the disk has no room for what was to be written. Nothing of it was.
func Full(err error) bool {
	const full = 13 // SQLITE_FULL
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == full
}

func open(ctx context.Context, dir Dir, agentID, tenantID string) (*DB, error) {
	// The file is made here so that it has its mode from the start.
	f, err := os.OpenFile(dir.file(fileName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	db, err := connect(dir, url.Values{"_txlock": {"immediate"}, "_pragma": {
		"auto_vacuum(incremental)", "journal_mode(wal)", "synchronous(full)", "busy_timeout(10000)", "foreign_keys(on)",
		"cache_size(-1024)", "journal_size_limit(1048576)",
	}})
	if err != nil {
		return nil, err
	}
	if err := db.prepare(ctx, agentID, tenantID); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func connect(dir Dir, options url.Values) (*DB, error) {
	path := filepath.ToSlash(dir.file(fileName))
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/… has no leading slash in a file URI's path
	}
	uri := url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}
	pool, err := sql.Open("sqlite", uri.String())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return &DB{sql: pool, dir: dir}, nil
}

func (db *DB) prepare(ctx context.Context, agentID, tenantID string) error {
	var version int
	if err := db.sql.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	switch version {
	case 0:
		if err := db.Update(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, schema); err != nil { //lint:allow constantSQL embedded from schema.sql
				return err
			}
			if _, err := tx.ExecContext(ctx, schemaEvents); err != nil { //lint:allow constantSQL embedded from schema_events.sql
				return err
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO agent (one, agent_id, tenant_id) VALUES (1, ?, ?)", agentID, tenantID)
			return err
		}); err != nil {
			return err
		}
	case 1:
		if err := db.Update(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, schemaEvents) //lint:allow constantSQL embedded from schema_events.sql
			return err
		}); err != nil {
			return err
		}
	case 2:
	default:
		return fmt.Errorf("it was written by a newer version of the agent (schema %d): install that version", version)
	}
	var owner string
	if err := db.sql.QueryRowContext(ctx, "SELECT agent_id FROM agent").Scan(&owner); err != nil {
		return err
	}
	if owner != agentID {
		return foreignError{owner}
	}
	var verdict string
	if err := db.sql.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", errSpoilt, verdict)
	}
	return nil
}

// Close closes the file.
func (db *DB) Close() error { return db.sql.Close() }

// Update runs fn in a transaction that is on the disk when Update returns without an error.
func (db *DB) Update(ctx context.Context, fn func(tx *sql.Tx) error) error {
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("state: begin: %w", err)
	}
	defer tx.Rollback() // does nothing after the commit
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("state: commit: %w", err)
	}
	return nil
}

// Queries run outside of a transaction.
func (db *DB) Queries() *sql.DB { return db.sql }
