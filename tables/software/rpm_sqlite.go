package software

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/sqlitefile"
)

// rpmSQLiteMax bounds the copy of a database. It is larger than what other untrusted databases may be: a server with
// some thousand packages fills more than a hundred megabytes.
const rpmSQLiteMax = 256 << 20

// readRPMSQLite reads RPM's table of headers.
func readRPMSQLite(ctx context.Context, host tables.Host, name string, each func([]byte) error) (err error) {
	db, err := sqlitefile.Open(ctx, host, name, rpmSQLiteMax)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return rpmBlobs(ctx, db, each)
}

func rpmBlobs(ctx context.Context, db *sqlitefile.DB, each func([]byte) error) error {
	if has, err := db.HasTable(ctx, "Packages"); err != nil || !has {
		return err
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
