package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

// TestEveryTableTogether runs SELECT * of each Linux table that needs no constraint and opens no connection, one after another in
// one process, as root where the test is root, and as a user without rights. All together they take less than a minute of
// processor time and 150 MiB of memory.
func TestEveryTableTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads the whole machine")
	}
	var statements strings.Builder
	count := 0
	for _, table := range all.On(tables.Linux) {
		required := slices.ContainsFunc(table.Columns(), func(c tables.Column) bool { return c.Required })
		if !table.AvailableOn(tables.Linux) || table.Network || required {
			continue
		}
		statements.WriteString("SELECT * FROM " + table.Name + ";\n")
		count++
	}
	// The directory of this test's program is closed to others, so they get a copy.
	dir, err := os.MkdirTemp("", "every-table")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil { // #nosec G302 -- another user runs what is in it
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "tenantra-agent")
	copyProgram(t, os.Args[0], copied)
	const nobody = 65534
	for _, user := range []struct {
		name string
		uid  int
	}{{"root", 0}, {"nobody", nobody}} {
		if os.Geteuid() != user.uid && os.Geteuid() != 0 {
			continue // only root may become another
		}
		t.Run(user.name, func(t *testing.T) { runTogether(t, copied, user.uid, statements.String(), count) })
	}
	if os.Geteuid() != 0 {
		t.Run("own user", func(t *testing.T) { runTogether(t, copied, os.Geteuid(), statements.String(), count) })
	}
}

func copyProgram(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755) // #nosec G302 -- as above
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func runTogether(t *testing.T, program string, uid int, statements string, count int) {
	cmd := exec.CommandContext(t.Context(), program, "shell", "--csv", "--state", filepath.Join(filepath.Dir(program), "no-state")) // #nosec G204 -- this test itself
	cmd.Env = append(os.Environ(), programVariable+"=1", "HOME=/nonexistent")
	cmd.Dir = "/"
	if uid != os.Geteuid() {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}} // #nosec G115 -- a constant
	}
	cmd.Stdin = strings.NewReader(statements)
	var rows lineCounter
	var errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &rows, &errs
	started := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	told := slices.DeleteFunc(strings.Split(errs.String(), "\n"), func(line string) bool {
		return line == "" || strings.Contains(line, "no events are recorded") || strings.Contains(line, "cannot record these events")
	})
	if err != nil || len(told) > 0 {
		t.Errorf("%v:\n%s", err, strings.Join(told, "\n"))
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("the system tells no usage")
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	memory := usage.Maxrss >> 10 // of KiB on Linux
	t.Logf("%d tables, %d lines, %v of processor time, %v in all, %d MiB at most", count, rows, cpu.Round(time.Millisecond), time.Since(started).Round(time.Millisecond), memory)
	if cpu > time.Minute || memory > 150 {
		t.Errorf("all tables take %v of processor time and %d MiB", cpu, memory)
	}
}

// lineCounter swallows what it counts the lines of.
type lineCounter int

func (c *lineCounter) Write(p []byte) (int, error) {
	*c += lineCounter(bytes.Count(p, []byte{'\n'}))
	return len(p), nil
}
