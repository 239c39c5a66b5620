package filewatch_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/events/filewatch"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/threat"
)

func (r *rig) accesses() []threat.ProcessFileEvent {
	r.t.Helper()
	var list []threat.ProcessFileEvent
	if err := r.to.Events(r.t.Context(), tables.EventQuery{Table: filewatch.AccessTable}, func(e tables.Event) error {
		var row threat.ProcessFileEvent
		err := json.Unmarshal(e.Row, &row)
		row.Path, row.DestPath = strings.TrimPrefix(row.Path, r.dir), strings.TrimPrefix(row.DestPath, r.dir)
		list = append(list, row)
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
	return list
}

// waitAccess waits for an access by a process and gives it.
func (r *rig) waitAccess(pid int, operation, file string) threat.ProcessFileEvent {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		for _, e := range r.accesses() {
			if e.PID == int64(pid) && e.Operation == operation && e.Path == file {
				return e
			}
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("no %s of %s by %d among %+v", operation, file, pid, r.accesses())
		}
		<-time.After(10 * time.Millisecond)
	}
}

// TestProcessesThatChangeFiles has another process do everything, and stay until it was looked at.
func TestProcessesThatChangeFiles(t *testing.T) {
	t.Parallel()
	c := filewatch.Config{Paths: map[string][]string{"all": {"/X/%%"}, "read": {"/X/secret/%"}}, Accesses: []string{"read"}}
	r := watch(t, filewatch.RunAccesses, filewatch.AccessTable, func(dir string) {
		must(t, os.Mkdir(filepath.Join(dir, "secret"), 0o750), os.WriteFile(filepath.Join(dir, "secret/key"), []byte("k"), 0o600), os.WriteFile(filepath.Join(dir, "quiet"), []byte("q"), 0o600))
	}, c)
	shell := exec.Command("/bin/bash", "-c", `cd "$0"; echo hello > a; mv a b; read k < secret/key; read q < quiet; mkdir -p new/deep; sleep 0.3; echo x > new/deep/c; read -t 30 wait`, r.dir) // #nosec G204 -- fixed
	stdin, err := shell.StdinPipe()
	must(t, err)
	must(t, shell.Start())
	pid := shell.Process.Pid
	if e := r.waitAccess(pid, "create", "/a"); e.Executable == "" || e.Cwd != r.dir || e.PPID != int64(os.Getpid()) || e.UID != "0" || e.Partial != "false" || e.Time == 0 || e.Uptime == 0 {
		t.Errorf("%+v", e)
	}
	r.waitAccess(pid, "write", "/a")
	r.waitAccess(pid, "open", "/secret/key")
	r.waitAccess(pid, "read", "/secret/key")
	r.waitAccess(pid, "create", "/new/deep/c") // in a directory that came while it was watched
	moved := false
	for _, e := range r.accesses() {
		if e.Operation == "rename" && e.Path == "/a" && e.DestPath == "/b" {
			moved = true // by a process of its own
		}
		if e.Path == "/quiet" {
			t.Errorf("a reading is told that nobody asked for: %+v", e)
		}
		if e.PID == int64(os.Getpid()) {
			t.Errorf("the agent tells of itself: %+v", e)
		}
	}
	if !moved {
		t.Errorf("the renaming is not told of: %+v", r.accesses())
	}
	must(t, stdin.Close())
	_ = shell.Wait() // its last read fails
}
