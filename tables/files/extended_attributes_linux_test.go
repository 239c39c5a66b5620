package files

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// Attributes cannot lie in a fixture folder, so the test sets them.
func TestExtendedAttributes(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{"tagged", "plain"} {
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"link": "tagged", "loop": "loop", "out": "/../../../../../../etc/hostname"} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for key, value := range map[string]string{"user.comment": "from the web\x00", "user.bytes": "\x00\xff", "user.empty": ""} {
		err := unix.Setxattr(filepath.Join(root, "tagged"), key, []byte(value), 0)
		if errors.Is(err, unix.ENOTSUP) {
			t.Skip("the file system of temporary files has no attributes")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	h, err := host.New(root, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]any{}
	rows, err := tabletest.Rows(t.Context(), ExtendedAttributes, h, tabletest.Query(ExtendedAttributes, map[string][]string{"directory": {"/"}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if key, _ := row["key"].(string); key != "security.selinux" { // a labelled machine gives all files one
			got[row["path"].(string)+" "+key] = [2]any{row["value"], row["base64"]}
		}
	}
	want := map[string][2]any{}
	for _, name := range []string{"/tagged", "/link"} {
		want[name+" user.comment"] = [2]any{"from the web", int64(0)}
		want[name+" user.bytes"] = [2]any{"AP8=", int64(1)}
		want[name+" user.empty"] = [2]any{"", int64(0)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes differ (- wanted, + got):\n%s", diff)
	}
}
