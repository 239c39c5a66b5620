package identity

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// The tables agree with what the C library's own lookup says of this machine.
func TestUsersAndGroupsAgreeWithGetent(t *testing.T) {
	t.Parallel()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		table    *tables.Table
		database string
		column   string
	}{{Users, "passwd", "username"}, {Groups, "group", "groupname"}} {
		out, err := exec.CommandContext(t.Context(), "getent", "-s", "files", test.database).Output()
		if err != nil {
			t.Skipf("getent: %v", err)
		}
		var want []string
		for line := range strings.Lines(string(out)) {
			name, _, _ := strings.Cut(line, ":")
			want = append(want, name)
		}
		rows, err := tabletest.Rows(t.Context(), test.table, h, tabletest.Query(test.table, nil, nil))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows {
			got = append(got, row[test.column].(string))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs from getent %s:\n%s", test.table.Name, test.database, diff)
		}
	}
}
