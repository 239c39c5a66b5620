package files

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

// TestAugeas compares with rows of which all but the credentials and the lines that only our readers pass over are those of
// Augeas 1.14 for the same files.
func TestAugeas(t *testing.T) { tabletest.Run(t, Augeas) }

// TestAugeasReadsWhatIsAsked gives the files that have rows by what a statement constrains; SQLite filters rows, not files.
func TestAugeasReadsWhatIsAsked(t *testing.T) {
	t.Parallel()
	h := tabletest.NewHost(t, "testdata/augeas/linux-server")
	type constraint map[string][]string
	for name, c := range map[string]struct {
		equal, like constraint
		want        []string
	}{
		"path":              {equal: constraint{"path": {"/etc/hosts"}}, want: []string{"/etc", "/etc/hosts"}},
		"paths":             {equal: constraint{"path": {"/etc/shells", "/etc/hosts"}}, want: []string{"/etc", "/etc/hosts", "/etc/shells"}},
		"no lens":           {equal: constraint{"path": {"/etc/motd"}}},
		"absent":            {equal: constraint{"path": {"/etc/securetty"}}},
		"relative":          {equal: constraint{"path": {"etc/hosts", "/etc/../etc/hosts"}}},
		"directory":         {equal: constraint{"path": {"/etc/pam.d"}}, want: []string{"/etc", "/etc/pam.d", "/etc/pam.d/sshd"}},
		"node":              {equal: constraint{"node": {"/files/etc/ssh/sshd_config/PermitRootLogin"}}, want: []string{"/etc", "/etc/ssh", "/etc/ssh/sshd_config"}},
		"node of directory": {equal: constraint{"node": {"/files/var"}}, want: []string{"/var", "/var/spool", "/var/spool/cron", "/var/spool/cron/ann"}},
		"both":              {equal: constraint{"node": {"/files/etc/hosts/1"}, "path": {"/etc/shells"}}},
		"like path":         {like: constraint{"path": {"/etc/SSH/%config"}}, want: []string{"/etc", "/etc/ssh", "/etc/ssh/ssh_config", "/etc/ssh/sshd_config"}},
		"like node":         {like: constraint{"node": {"/files/etc/pam.d/%/module"}}, want: []string{"/etc", "/etc/pam.d", "/etc/pam.d/sshd"}},
		"like nothing":      {like: constraint{"node": {"/augeas/%"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := tabletest.Rows(t.Context(), Augeas, h, tabletest.Query(Augeas, c.equal, c.like))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, row := range rows {
				got[fmt.Sprint(row["path"])] = true
			}
			if paths := slices.Sorted(maps.Keys(got)); !slices.Equal(paths, c.want) {
				t.Errorf("rows of %v, wanted %v", paths, c.want)
			}
		})
	}
}
