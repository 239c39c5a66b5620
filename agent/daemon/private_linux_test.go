package daemon_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tenantra/tenantra/agent/protocol"
)

// TestOthersReadNothingOfTheAgents is S32 on Linux: while the agent runs, with all files that it makes, another user of the
// machine gets nothing of its key, configuration, spool and state, by their modes and, where the test may be that user, by
// trying.
func TestOthersReadNothingOfTheAgents(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.set(thing{Name: "a", Number: 1})
	above := filepath.Dir(r.dir.Path())
	for _, path := range []string{above, filepath.Dir(above)} { // so that only the agent's own modes keep others out
		if err := os.Chmod(path, 0o755); err != nil { // #nosec G302 -- as said
			t.Fatal(err)
		}
	}
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 1, query(protocol.ModeDifferential, 3600))
	r.Wait(t, "a batch", func() bool { return len(r.Batches()) > 0 })
	files := 0
	err := filepath.WalkDir(r.dir.Path(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %s", path, info.Mode())
		}
		if entry.IsDir() {
			return nil
		}
		files++
		if os.Getuid() != 0 {
			return nil
		}
		cat := exec.Command("/bin/cat", path) // #nosec G204 -- a file of this test
		cat.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if text, err := cat.Output(); err == nil || len(text) > 0 {
			t.Errorf("another user reads %d bytes of %s", len(text), path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 3 {
		t.Errorf("the state directory holds %d files: where are key, state and spool?", files)
	}
}
