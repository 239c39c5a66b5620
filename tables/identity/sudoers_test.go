package identity

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// Files that include each other twice would multiply to 2^128 without a bound on their number.
func TestSudoersIncludesAreBounded(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "etc"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, sudoersFile), []byte("@include sudoers\n@include sudoers\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := host.New(root, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), Sudoers, h, tabletest.Query(Sudoers, nil, nil))
	if err != nil || len(rows) != 2*sudoersFilesMax {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
