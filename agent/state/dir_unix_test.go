//go:build !windows

package state_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/state"
)

// TestStateDirectoryIsPrivate is S33's part for the state directory, and 2.18: what is too wide is repaired and reported,
// what could lead elsewhere is refused.
func TestStateDirectoryIsPrivate(t *testing.T) {
	t.Parallel()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		prepare func(path string)
		want    string // of the error; "" where the directory is taken
		logged  string
	}{
		"absent":             {func(string) {}, "", ""},
		"absent, parent too": {func(path string) { must(os.Remove(filepath.Dir(path))) }, "", ""},
		"wide":               {func(path string) { must(os.Mkdir(path, 0o700)); must(os.Chmod(path, 0o777)) }, "", "repaired"}, // #nosec G302 -- what is tested
		"wide file": {func(path string) {
			must(os.Mkdir(path, 0o700))
			must(os.WriteFile(filepath.Join(path, "identity.json"), nil, 0o600))
			must(os.Chmod(filepath.Join(path, "identity.json"), 0o644)) // #nosec G302 -- what is tested
		}, "", "repaired"},
		"link": {func(path string) { must(os.Mkdir(path+"-elsewhere", 0o700)); must(os.Symlink(path+"-elsewhere", path)) }, "not a directory", ""},
		"file": {func(path string) { must(os.WriteFile(path, nil, 0o600)) }, "not a directory", ""},
		"link inside": {func(path string) {
			must(os.Mkdir(path, 0o700))
			must(os.Symlink("/etc/passwd", filepath.Join(path, "agent.db")))
		}, "is a link", ""},
		"hard link inside": {func(path string) {
			must(os.Mkdir(path, 0o700))
			must(os.WriteFile(path+"-other", nil, 0o600))
			must(os.Link(path+"-other", filepath.Join(path, "agent.db")))
		}, "is a link", ""},
		"of somebody else": {func(path string) {
			must(os.Mkdir(path, 0o700))
			if err := os.Chown(path, 12345, 12345); err != nil {
				t.Skip("needs root")
			}
		}, "belongs to uid 12345", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "parent", "state")
			must(os.Mkdir(filepath.Dir(path), 0o700))
			c.prepare(path)
			var log bytes.Buffer
			_, err := state.OpenDir(path, slog.New(slog.NewTextHandler(&log, nil)))
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if !strings.Contains(log.String(), c.logged) || c.logged == "" && log.Len() > 0 {
				t.Errorf("it logs %q", log.String())
			}
			if err != nil {
				return
			}
			err = filepath.Walk(path, func(_ string, info os.FileInfo, err error) error {
				if err == nil && info.Mode().Perm()&0o077 != 0 {
					t.Errorf("%s has mode %#o", info.Name(), info.Mode().Perm())
				}
				return err
			})
			must(err)
		})
	}
}

func TestReplaceableProgramIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "bin", "agent")
	if err := os.Mkdir(filepath.Dir(program), 0o755); err != nil { // #nosec G301 -- what is tested
		t.Fatal(err)
	}
	if err := os.WriteFile(program, nil, 0o755); err != nil { // #nosec G306 -- what is tested
		t.Fatal(err)
	}
	if err := state.CheckInstall(program); err != nil {
		t.Fatalf("a good installation gives %v", err)
	}
	for _, path := range []string{program, filepath.Dir(program)} {
		if err := os.Chmod(path, 0o777); err != nil { // #nosec G302 -- what is tested
			t.Fatal(err)
		}
		if err := state.CheckInstall(program); err == nil || !strings.Contains(err.Error(), "writable by others") {
			t.Errorf("%s with mode 0777 gives %v", path, err)
		}
		if err := os.Chmod(path, 0o755); err != nil { // #nosec G302 -- what is tested
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(filepath.Dir(program), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		if err := state.CheckInstall(program); err == nil || !strings.Contains(err.Error(), "uid 12345") {
			t.Errorf("a directory of somebody else gives %v", err)
		}
	}
}
