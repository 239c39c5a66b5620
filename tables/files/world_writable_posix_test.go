//go:build linux || darwin

package files

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// TestWorldWritable makes the objects itself: git keeps no such modes.
func TestWorldWritable(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, o := range []struct {
		name string
		dir  bool
		mode os.FileMode
	}{
		{"etc", true, 0o755}, {"etc/open.conf", false, 0o666}, {"etc/closed.conf", false, 0o664}, {"etc/deep", true, 0o755}, {"etc/deep/er", true, 0o777},
		{"tmp", true, 0o777 | os.ModeSticky}, {"tmp/drop", true, 0o777 | os.ModeSticky}, {"tmp/set", false, 0o777 | os.ModeSetuid},
	} {
		full := filepath.Join(root, o.name)
		var err error
		if o.dir {
			err = os.Mkdir(full, 0o700)
		} else {
			err = os.WriteFile(full, nil, 0o600)
		}
		if err == nil {
			err = os.Chmod(full, o.mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/open.conf", filepath.Join(root, "tmp/link")); err != nil {
		t.Fatal(err)
	}
	h, err := host.New(root, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), WorldWritable, h, tabletest.Query(WorldWritable, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r["path"].(string)+" "+r["type"].(string)+" "+r["mode"].(string))
	}
	want := []string{"/etc/deep/er directory 0777", "/etc/open.conf regular 0666", "/tmp/drop directory 1777", "/tmp/set regular 4777"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	rows, err = tabletest.Rows(t.Context(), WorldWritable, h, tabletest.Query(WorldWritable, map[string][]string{"directory": {"/etc/deep", "relative"}}, nil))
	if err != nil || len(rows) != 1 || rows[0]["directory"] != "/etc/deep" || rows[0]["sticky"] != 0 && rows[0]["sticky"] != int64(0) {
		t.Errorf("%v, error %v", rows, err)
	}
}
