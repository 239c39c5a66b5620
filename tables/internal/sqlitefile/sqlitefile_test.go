package sqlitefile_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/tenantra/tenantra/tables/internal/sqlitefile"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// TestOneOfMany is S35 for databases of browsers: views, files that are none, and large ones are not read, nothing is written.
func TestOneOfMany(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := tabletest.NewHost(t, dir)
	source, err := sql.Open("sqlite", filepath.Join(dir, "root", "db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.ExecContext(t.Context(), `CREATE TABLE a (v); INSERT INTO a VALUES (7); CREATE VIEW b AS SELECT * FROM a`); err != nil {
		t.Fatal(err)
	}
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "root", "bad"), []byte("no database at all, by far"), 0o600); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("enough")
	seen := 0
	err = sqlitefile.OneOfMany(t.Context(), h, "/db", 1<<20, []string{"a"}, func(db *sqlitefile.DB) error {
		if err := db.QueryRowContext(t.Context(), `SELECT v FROM a`).Scan(&seen); err != nil {
			return err
		}
		if _, err := db.ExecContext(t.Context(), `DELETE FROM a`); err == nil {
			t.Error("the copy could be written to")
		}
		return stop
	})
	if seen != 7 || !errors.Is(err, stop) {
		t.Errorf("saw %d, error %v", seen, err)
	}
	for name, tables := range map[string][]string{"/absent": nil, "/bad": {"a"}, "/db": {"b"}} {
		err := sqlitefile.OneOfMany(t.Context(), h, name, 1<<20, tables, func(*sqlitefile.DB) error { return errors.New("was read") })
		if err != nil {
			t.Errorf("%s with %v: %v", name, tables, err)
		}
	}
	if _, err := sqlitefile.Open(t.Context(), h, "/db", 100); err == nil {
		t.Error("a database larger than allowed was opened")
	}
}
