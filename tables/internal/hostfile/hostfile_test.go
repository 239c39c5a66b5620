package hostfile_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAbsenceIsNotFailure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := tabletest.NewHost(t, dir)
	root := filepath.Join(dir, "root")
	if err := os.MkdirAll(filepath.Join(root, "etc", "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"etc/b", "etc/a", "etc/.hidden"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, absent := range []string{"/none", "/etc/a/under-a-file"} {
		if data, err := hostfile.Source(t.Context(), h, absent); data != nil || err != nil {
			t.Errorf("Source(%s) = %q, %v, want nothing", absent, data, err)
		}
	}
	if _, err := hostfile.Source(t.Context(), h, "/etc"); err == nil {
		t.Error("a directory in the place of a file is no error")
	}
	if _, ok := hostfile.OneOfMany(t.Context(), h, "/etc"); ok {
		t.Error("OneOfMany read a directory")
	}
	if data, ok := hostfile.OneOfMany(t.Context(), h, "/etc/a"); !ok || string(data) != "x" {
		t.Errorf("OneOfMany = %q, %v", data, ok)
	}
	if got, want := hostfile.Files(t.Context(), h, "/etc"), []string{"/etc/a", "/etc/b"}; !slices.Equal(got, want) {
		t.Errorf("Files = %v, want %v", got, want)
	}
	if got := hostfile.List(t.Context(), h, "/none"); got != nil {
		t.Errorf("List of an absent directory = %v", got)
	}
}
