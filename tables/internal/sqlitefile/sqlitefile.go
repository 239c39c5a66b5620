// Package sqlitefile reads SQLite databases of the scanned machine. They are not trusted: a database is copied with its
// write-ahead log, and the copy opened without trusting its schema, so that neither the scanned system is written to nor a
// link followed out of its root.
package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// DB is an open copy.
type DB struct {
	*sql.DB

	dir string
}

// Open copies a database of at most max bytes and opens the copy.
func Open(ctx context.Context, host tables.Host, name string, max int64) (_ *DB, err error) {
	f, err := host.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dir, err := os.MkdirTemp("", "tenantra-sqlite-")
	if err != nil {
		return nil, fmt.Errorf("copy for reading: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	copied := filepath.Join(dir, "copy.sqlite")
	if err := copyFile(ctx, f, copied, max); err != nil {
		return nil, err
	}
	switch wal, openErr := host.Open(name + "-wal"); {
	case openErr == nil:
		walErr := copyFile(ctx, wal, copied+"-wal", max)
		wal.Close()
		if walErr != nil {
			return nil, walErr
		}
	case !hostfile.Absent(openErr) && !errors.Is(openErr, fs.ErrPermission):
		return nil, openErr
	}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(copied), RawQuery: "_pragma=trusted_schema(0)&_pragma=query_only(1)&_pragma=cell_size_check(1)"}
	connector, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open copy: %w", err)
	}
	return &DB{sql.OpenDB(connector), dir}, nil
}

// Close closes and removes the copy.
func (db *DB) Close() error { return errors.Join(db.DB.Close(), os.RemoveAll(db.dir)) }

// HasTable tells whether there is a table of that name. A view, which would run what its author likes, is an error.
func (db *DB) HasTable(ctx context.Context, name string) (bool, error) {
	var kind string
	switch err := db.QueryRowContext(ctx, `SELECT type FROM sqlite_master WHERE name = ?`, name).Scan(&kind); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read schema: %w", err)
	case kind != "table":
		return false, fmt.Errorf("%s is a %s, not a table", name, kind)
	}
	return true, nil
}

// OneOfMany opens a database that is one source of a table and gives it to read. One that is absent, not ours to read, or
// lacks one of the tables is passed over with a line in the log, and so is an error of its contents; one of read is not.
func OneOfMany(ctx context.Context, host tables.Host, name string, max int64, names []string, read func(*DB) error) error {
	db, err := Open(ctx, host, name, max)
	if err != nil {
		if !hostfile.Absent(err) {
			hostfile.Skipped(ctx, host, name, err)
		}
		return ctx.Err()
	}
	defer func() {
		if err := db.Close(); err != nil {
			hostfile.Skipped(ctx, host, name, err)
		}
	}()
	for _, table := range names {
		if has, err := db.HasTable(ctx, table); err != nil || !has {
			hostfile.Skipped(ctx, host, name, errors.Join(err, fmt.Errorf("lacks the table %s", table)))
			return ctx.Err()
		}
	}
	return read(db)
}

// copyFile copies in pieces, so that cancellation is seen in between.
func copyFile(ctx context.Context, from io.Reader, to string, max int64) error {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copy for reading: %w", err)
	}
	defer out.Close()
	const piece = 4 << 20
	for total := int64(0); ; {
		n, err := io.CopyN(out, from, piece)
		total += n
		switch {
		case total > max:
			return fmt.Errorf("larger than %d MiB", max>>20)
		case errors.Is(err, io.EOF):
			return out.Close()
		case err != nil:
			return fmt.Errorf("copy for reading: %w", err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}
