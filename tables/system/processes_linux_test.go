package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// child starts a program that waits until the test ends.
func child(t *testing.T, path string, arguments ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(path, arguments...)
	if err := cmd.Start(); err != nil {
		t.Skipf("start a child: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	// Start returns a moment before the kernel has laid out the new program's arguments.
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(time.Millisecond) {
		if line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", cmd.Process.Pid)); err != nil || len(line) > 0 {
			return cmd
		}
		if time.Now().After(deadline) {
			t.Fatal("the child has no command line")
		}
	}
}

// TestProcessesMatchPS compares what does not change from one moment to the next for a child and for this process.
func TestProcessesMatchPS(t *testing.T) {
	t.Parallel()
	ps, err := exec.LookPath("ps")
	if err != nil {
		t.Skip("no ps")
	}
	waiting := child(t, "/bin/sleep", "61").Process.Pid
	for _, pid := range []int{waiting, os.Getpid()} {
		out, err := exec.Command(ps, "-o", "ppid=,pgid=,ruid=,euid=,suid=,rgid=,egid=,sgid=,ni=,comm=", "-p", strconv.Itoa(pid)).Output()
		if err != nil {
			t.Fatal(err)
		}
		rows := liveRows(t, Processes, map[string][]string{"pid": {strconv.Itoa(pid)}})
		if len(rows) != 1 {
			t.Fatalf("process %d has %d rows", pid, len(rows))
		}
		var got []string
		for _, column := range []string{"parent", "pgroup", "uid", "euid", "suid", "gid", "egid", "sgid", "nice"} {
			got = append(got, strconv.FormatInt(rows[0][column].(int64), 10))
		}
		got = append(got, rows[0]["name"].(string))
		if want := strings.Fields(string(out)); !cmp.Equal(got, want) {
			t.Errorf("process %d: got %v, ps says %v", pid, got, want)
		}
	}
}

// TestProcessesListAll checks that a scan has each process that ps has both before and after it.
func TestProcessesListAll(t *testing.T) {
	t.Parallel()
	ps, err := exec.LookPath("ps")
	if err != nil {
		t.Skip("no ps")
	}
	list := func() map[string]bool {
		out, err := exec.Command(ps, "-e", "-o", "pid=").Output()
		if err != nil {
			t.Fatal(err)
		}
		pids := map[string]bool{}
		for _, pid := range strings.Fields(string(out)) {
			pids[pid] = true
		}
		return pids
	}
	before := list()
	rows := liveRows(t, Processes, nil)
	after := list()
	seen := map[string]bool{}
	for _, row := range rows {
		seen[strconv.FormatInt(row["pid"].(int64), 10)] = true
	}
	for pid := range before {
		if after[pid] && !seen[pid] {
			t.Errorf("process %s is missing", pid)
		}
	}
}

func TestProcessesTellADeletedExecutable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("/bin/sleep")
	if err != nil {
		t.Skip("no sleep to copy")
	}
	path := filepath.Join(t.TempDir(), "napper (deleted)")
	if err := os.WriteFile(path, text, 0o700); err != nil {
		t.Fatal(err)
	}
	pid := strconv.Itoa(child(t, path, "61").Process.Pid)
	look := func() (string, int64) {
		rows := liveRows(t, Processes, map[string][]string{"pid": {pid}}, "path", "on_disk")
		if len(rows) != 1 {
			t.Fatalf("process %s has %d rows", pid, len(rows))
		}
		return rows[0]["path"].(string), rows[0]["on_disk"].(int64)
	}
	if got, onDisk := look(); got != path || onDisk != 1 {
		t.Errorf("a file whose name only ends in (deleted): got %q, %d", got, onDisk)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got, onDisk := look(); got != path || onDisk != 0 {
		t.Errorf("a deleted file: got %q, %d", got, onDisk)
	}
}

func TestProcessesMaskTheCommandLine(t *testing.T) {
	t.Parallel()
	pid := child(t, "/bin/sh", "-c", "sleep 61; : --password=hunter2").Process.Pid
	rows := liveRows(t, Processes, map[string][]string{"pid": {strconv.Itoa(pid)}}, "cmdline")
	if want := "/bin/sh -c sleep 61; : --password=[masked]"; len(rows) != 1 || rows[0]["cmdline"] != want {
		t.Errorf("got %v, want %q", rows, want)
	}
}

// TestProcessesLeaveOutThreads checks that a thread's number, which has a directory too, gives no row.
func TestProcessesLeaveOutThreads(t *testing.T) {
	t.Parallel()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	numbers := []string{"-1", "x", "2147483647"}
	for _, thread := range threads {
		numbers = append(numbers, thread.Name())
	}
	rows := liveRows(t, Processes, map[string][]string{"pid": numbers}, "pid")
	if len(rows) != 1 || rows[0]["pid"] != int64(os.Getpid()) {
		t.Errorf("got %v, want this process only", rows)
	}
}

// TestProcessIsReadOnceInAStatement checks that the inner side of a join does not read a process again.
func TestProcessIsReadOnceInAStatement(t *testing.T) {
	t.Parallel()
	cmd := child(t, "/bin/sleep", "61")
	constraint := []tables.Constraint{{Column: Processes.Column("pid"), Op: tables.OpEqual, Values: []string{strconv.Itoa(cmd.Process.Pid)}}}
	cache := &tables.Cache{}
	rows := func(cache *tables.Cache) []tabletest.Row {
		rows, err := tabletest.Rows(t.Context(), Processes, liveHost(t), tables.NewQuery(Processes, constraint, nil, -1, cache))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	first := rows(cache)
	if len(first) != 1 {
		t.Fatalf("got %d rows", len(first))
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if diff := cmp.Diff(first, rows(cache)); diff != "" {
		t.Errorf("the same statement sees another row:\n%s", diff)
	}
	if got := rows(nil); len(got) != 0 {
		t.Errorf("another statement still sees %v", got)
	}
}

func TestProcessesStopWhenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	count := 0
	err := Processes.Generate(ctx, liveHost(t), tabletest.Query(Processes, nil, nil, "pid"), func(any) error {
		count++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || count != 1 {
		t.Errorf("got %v after %d rows", err, count)
	}
}

// TestProcessPartsFollowTheColumns checks that a statement pays only for the files whose columns it uses.
func TestProcessPartsFollowTheColumns(t *testing.T) {
	t.Parallel()
	for column, want := range map[string]processParts{
		"pid": {}, "name": {stat: true}, "start_time": {stat: true}, "uid": {status: true}, "resident_size": {status: true},
		"disk_bytes_read": {io: true}, "cmdline": {cmdline: true}, "cgroup_path": {cgroup: true}, "on_disk": {exe: true}, "cwd": {cwd: true},
		"root": {root: true}, "wired_size": {},
	} {
		wanted := make([]bool, len(Processes.Columns()))
		wanted[Processes.Column(column)] = true
		q := tables.NewQuery(Processes, nil, wanted, -1, nil)
		if got := processPartsOf(q); got != want {
			t.Errorf("%s: got %+v, want %+v", column, got, want)
		}
	}
}

func BenchmarkProcesses(b *testing.B) { benchmarkTable(b, Processes) }

func BenchmarkProcessesPIDName(b *testing.B) { benchmarkTable(b, Processes, "pid", "name") }
