package software

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

// rpmSQLiteMax bounds the copy of a database. It is larger than what other untrusted databases may be: a server with
// some thousand packages fills more than a hundred megabytes.
const rpmSQLiteMax = 256 << 20

// readRPMSQLite reads RPM's table of headers. The database is not trusted: it is copied with its write-ahead log, and
// the copy opened without trusting its schema, so that neither the scanned system is written to nor a link followed out
// of its root.
func readRPMSQLite(ctx context.Context, host tables.Host, name string, f tables.File, each func([]byte) error) (err error) {
	dir, err := os.MkdirTemp("", "tenantra-rpm-")
	if err != nil {
		return fmt.Errorf("copy for reading: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied := filepath.Join(dir, "rpmdb.sqlite")
	if err := copyDatabase(ctx, f, copied); err != nil {
		return err
	}
	switch wal, openErr := host.Open(name + "-wal"); {
	case openErr == nil:
		walErr := copyDatabase(ctx, wal, copied+"-wal")
		wal.Close()
		if walErr != nil {
			return walErr
		}
	case !hostfile.Absent(openErr) && !errors.Is(openErr, fs.ErrPermission):
		return openErr
	}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(copied), RawQuery: "_pragma=trusted_schema(0)&_pragma=query_only(1)&_pragma=cell_size_check(1)"}
	connector, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return fmt.Errorf("open copy: %w", err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	return rpmBlobs(ctx, db, each)
}

func rpmBlobs(ctx context.Context, db *sql.DB, each func([]byte) error) error {
	var kind string
	switch err := db.QueryRowContext(ctx, `SELECT type FROM sqlite_master WHERE name = 'Packages'`).Scan(&kind); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("read schema: %w", err)
	case kind != "table": // a view would run what its author likes
		return fmt.Errorf("packages are a %s, not a table", kind)
	}
	rows, err := db.QueryContext(ctx, `SELECT blob FROM Packages WHERE typeof(blob) = 'blob' AND length(blob) <= ?`, rpmHeaderMax)
	if err != nil {
		return fmt.Errorf("read packages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var blob sql.RawBytes
		if err := rows.Scan(&blob); err != nil {
			return fmt.Errorf("read packages: %w", err)
		}
		if err := each(blob); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read packages: %w", err)
	}
	return nil
}

// copyDatabase copies a file in pieces, so that cancellation is seen in between.
func copyDatabase(ctx context.Context, from io.Reader, to string) error {
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
		case total > rpmSQLiteMax:
			return fmt.Errorf("larger than %d MiB", rpmSQLiteMax>>20)
		case errors.Is(err, io.EOF):
			return out.Close()
		case err != nil:
			return fmt.Errorf("copy for reading: %w", err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}
