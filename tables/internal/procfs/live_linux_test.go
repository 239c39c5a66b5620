package procfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
)

func open(tb testing.TB, root string) *Proc {
	tb.Helper()
	h, err := host.New(root, nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := Open(h)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

func ownProcess(t *testing.T, p *Proc) Process {
	t.Helper()
	process, err := p.Process(int64(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(process.Close)
	return process
}

// prepared makes a root with the files of one process.
func prepared(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, "proc", "7", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestReadInsideReadsBelowTheProcesssRoot(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("inside"), 0o600); err != nil {
		t.Fatal(err)
	}
	process := ownProcess(t, open(t, "/"))
	text, err := process.ReadInside(path)
	if err != nil || string(text) != "inside" {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := process.ReadInside("/dev/zero"); err == nil {
		t.Error("a device was read")
	}
	if _, err := process.ReadInside("/proc/self/root/etc/passwd"); err == nil {
		t.Error("a link that leaves the root by magic was followed")
	}
}

// TestReadInsideNeedsTheKernel checks that a prepared root link does not lead out of a fixture.
func TestReadInsideNeedsTheKernel(t *testing.T) {
	t.Parallel()
	root := prepared(t, map[string]string{"status": ""})
	if err := os.Symlink("/", filepath.Join(root, "proc", "7", "root")); err != nil {
		t.Fatal(err)
	}
	process, err := open(t, root).Process(7)
	if err != nil {
		t.Fatal(err)
	}
	defer process.Close()
	if text, err := process.ReadInside("/etc/passwd"); err == nil {
		t.Errorf("read %q", text)
	}
}

func TestReadFollowsNoLinkInAFixture(t *testing.T) {
	t.Parallel()
	root := prepared(t, map[string]string{"status": ""})
	if err := os.Symlink("/etc/passwd", filepath.Join(root, "proc", "7", "cmdline")); err != nil {
		t.Fatal(err)
	}
	process, err := open(t, root).Process(7)
	if err != nil {
		t.Fatal(err)
	}
	defer process.Close()
	if text, err := process.Read("cmdline"); err == nil {
		t.Errorf("read %q", text)
	}
}

func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	root := prepared(t, map[string]string{"environ": strings.Repeat("x", readMax+5)})
	process, err := open(t, root).Process(7)
	if err != nil {
		t.Fatal(err)
	}
	defer process.Close()
	text, err := process.Read("environ")
	if err != nil || len(text) != readMax {
		t.Errorf("got %d bytes, %v", len(text), err)
	}
}

// TestLinesCrossTheBuffer checks lines that end on, before and after the end of the buffer, and one too long for it.
func TestLinesCrossTheBuffer(t *testing.T) {
	t.Parallel()
	var want []string
	var text strings.Builder
	for i := range 2000 {
		line := fmt.Sprintf("%d %s", i, strings.Repeat("y", i%97))
		want = append(want, line)
		text.WriteString(line + "\n")
		if i == 1000 {
			text.WriteString(strings.Repeat("long", 64<<10) + "\n")
		}
	}
	text.WriteString("last without end")
	want = append(want, "last without end")
	process, err := open(t, prepared(t, map[string]string{"maps": text.String()})).Process(7)
	if err != nil {
		t.Fatal(err)
	}
	defer process.Close()
	var got []string
	if err := process.Lines("maps", func(line []byte) error {
		got = append(got, string(line))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %d lines, want %d", len(got), len(want))
	}
}

func TestSelectedKeepsProcessesOnly(t *testing.T) {
	t.Parallel()
	p := open(t, "/")
	own := int64(os.Getpid())
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	numbers := []int64{-1, 0, 1 << 40}
	for _, thread := range threads {
		n, _ := ParseInt([]byte(thread.Name()))
		numbers = append(numbers, n)
	}
	if got := p.Selected(numbers); len(got) != 1 || got[0] != own {
		t.Errorf("got %v, want %d", got, own)
	}
}

// TestReadOfFollowsNoLinkInAFixture checks the way that opens no directory of the process.
func TestReadOfFollowsNoLinkInAFixture(t *testing.T) {
	t.Parallel()
	root := prepared(t, map[string]string{"status": "Tgid:\t7\n"})
	elsewhere := t.TempDir()
	if err := os.WriteFile(filepath.Join(elsewhere, "status"), []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(root, "proc", "8")); err != nil {
		t.Fatal(err)
	}
	p := open(t, root)
	if text, err := p.ReadOf(7, "status"); err != nil || string(text) != "Tgid:\t7\n" {
		t.Errorf("got %q, %v", text, err)
	}
	if text, err := p.ReadOf(8, "status"); err == nil {
		t.Errorf("read %q", text)
	}
}

// TestTheWaysToReadAgree compares the calls that are made at once with those of the system's own library.
func TestTheWaysToReadAgree(t *testing.T) {
	t.Parallel()
	p := open(t, "/")
	process := ownProcess(t, p)
	for _, name := range []string{"status", "cmdline", "environ"} {
		want, err := os.ReadFile("/proc/self/" + name)
		if err != nil {
			t.Fatal(err)
		}
		direct, err := p.ReadOf(process.PID, name)
		if first, _, _ := strings.Cut(string(want), "\n"); err != nil || !strings.HasPrefix(string(direct), first) {
			t.Errorf("%s: got %q, %v", name, direct, err)
		}
	}
	for _, name := range []string{"exe", "cwd", "root"} {
		want, err := os.Readlink("/proc/self/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := process.Link(name); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := process.Link("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing link gives %v", err)
	}
	if _, err := process.Link(strings.Repeat("long", nameMax)); err == nil {
		t.Error("a name that does not fit was found")
	}
}
