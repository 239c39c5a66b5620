package files

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestPropertyList(t *testing.T)   { tabletest.Run(t, PropertyList) }
func TestMDFind(t *testing.T)         { tabletest.Run(t, MDFind) }
func TestMDLS(t *testing.T)           { tabletest.Run(t, MDLS) }
func TestQuicklookCache(t *testing.T) { tabletest.Run(t, QuicklookCache) }
func TestCodeSignature(t *testing.T)  { tabletest.Run(t, CodeSignature) }

func FuzzParseDF(f *testing.F) {
	f.Add("/dev/disk3s1s1 482797652 10000000 200000000 5% 404000 2000000000 0% /\n")
	f.Fuzz(func(t *testing.T, text string) {
		for name, row := range parseDF(text) {
			if name[0] != '/' || row.BlocksFree.V < 0 {
				t.Errorf("%s: %+v", name, row)
			}
		}
	})
}

// TestFileOfMacOS looks at files of an image whose owners and times are those of this machine.
func TestFileOfMacOS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := tabletest.NewHostOn(t, dir, tables.Darwin)
	root := filepath.Join(dir, "root")
	if err := os.MkdirAll(filepath.Join(root, "Users", "Shared"), 0o755); err != nil {
		t.Fatal(err)
	}
	tool := filepath.Join(root, "Users", "Shared", "tool")
	if err := os.WriteFile(tool, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(tool, 0o755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/Users/Shared/tool", filepath.Join(root, "Users", "Shared", "link")); err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), File, h, tabletest.Query(File, nil, map[string][]string{"path": {"/Users/Shared/%"}}))
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, want := range []struct {
		path, target string
		symlink      int64
	}{{"/Users/Shared/link", "/Users/Shared/tool", 1}, {"/Users/Shared/tool", "", 0}} {
		row := rows[i]
		if row["path"] != want.path || row["symlink"] != want.symlink || row["symlink_target_path"] != want.target || row["type"] != "regular" ||
			row["mode"] != "4755" || row["size"] != int64(4) {
			t.Errorf("%+v", row)
		}
	}
	rows, err = tabletest.Rows(t.Context(), File, h, tabletest.Query(File, map[string][]string{"path": {"/Users/Shared/gone"}}, nil))
	if err != nil || len(rows) != 0 {
		t.Errorf("a file that is gone: %v, %v", rows, err)
	}
}
