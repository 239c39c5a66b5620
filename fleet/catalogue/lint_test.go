package catalogue

import (
	"slices"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/sqlquery"
)

func TestLintKnowsWhomAStatementAsks(t *testing.T) {
	t.Parallel()
	checker, err := NewChecker()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checker.Close() })
	stored, err := sqlquery.New(sqlquery.Config{Permit: PermitReads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stored.Close() })
	checker.Stored = stored

	const across = "SELECT hostname, agent, name FROM os_version WHERE tenant = 'acme'"
	for _, c := range []struct {
		name, sql, mode string
		role            access.Role
		ok              bool
		column          string // that it reads
	}{
		{"columns of stored rows, live", across, "live", access.User, false, ""},
		{"columns of stored rows, by default", across, "", access.User, false, ""},
		{"columns of stored rows", across, "last_known", access.User, true, "os_version.hostname"},
		{"columns of stored rows, as of", across, "as_of", access.User, true, "os_version.hostname"},
		{"a table's own columns", "SELECT name FROM os_version", "last_known", access.User, true, "os_version.name"},
		{"a mistake", "SELECT nme FROM os_version", "last_known", access.User, false, ""},
		{"what the role may not read", "SELECT username FROM users", "last_known", access.ReadOnly, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := checker.lint(access.Scope{Role: c.role}, lintBody{SQL: c.sql, Mode: c.mode})
			if err != nil {
				t.Fatal(err)
			}
			if got.OK != c.ok || (got.Error == nil) != c.ok {
				t.Errorf("%s: ok %v, error %+v", c.sql, got.OK, got.Error)
			}
			if c.column != "" && !slices.Contains(got.Columns, c.column) {
				t.Errorf("%s reads %v, not %s", c.sql, got.Columns, c.column)
			}
		})
	}
}
