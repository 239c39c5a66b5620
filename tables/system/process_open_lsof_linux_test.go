package system

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProcessOpenFilesAgreeWithLsof compares the open files of a process that opens none itself.
func TestProcessOpenFilesAgreeWithLsof(t *testing.T) {
	t.Parallel()
	lsof, err := exec.LookPath("lsof")
	if err != nil {
		t.Skip("lsof is not installed")
	}
	sleeper := exec.Command("/bin/sleep", "61")
	for _, name := range []string{"one", "two with blank"} {
		f, err := os.Create(filepath.Join(t.TempDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		sleeper.ExtraFiles = append(sleeper.ExtraFiles, f)
	}
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = sleeper.Process.Kill()
		_ = sleeper.Wait()
	}()
	pid := strconv.Itoa(sleeper.Process.Pid)
	out, err := exec.Command(lsof, "-w", "-a", "-p", pid, "-d", "0-255", "-F", "fn").Output() // #nosec G204 -- constant but for the number
	if err != nil {
		t.Fatal(err)
	}
	want := map[int64]string{}
	fd := int64(-1)
	for line := range strings.Lines(string(out)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "f"):
			if fd, err = strconv.ParseInt(line[1:], 10, 64); err != nil {
				t.Fatalf("lsof says %q", line)
			}
		case strings.HasPrefix(line, "n/"):
			want[fd] = line[1:]
		}
	}
	got := map[int64]string{}
	for _, row := range liveRows(t, ProcessOpenFiles, map[string][]string{"pid": {pid}}) {
		got[row["fd"].(int64)] = row["path"].(string)
	}
	if len(got) < 2 {
		t.Errorf("only %v are open", maps.Values(got))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(- lsof, + table):\n%s", diff)
	}
}
