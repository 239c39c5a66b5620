package host

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tenantra/tenantra/tables"
)

// TestTheHostOfAContainerRuns looks at this system by another way to its /, as an agent in a container has it by a mount.
func TestTheHostOfAContainerRuns(t *testing.T) {
	t.Parallel()
	h, err := New("/proc/self/root", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if h.Live() || !h.Running() {
		t.Fatalf("live is %v, running %v", h.Live(), h.Running())
	}
	for path, want := range map[string]string{
		"/proc/self": "/proc/1", "/proc/net/arp": "/proc/1/net/arp", "/proc/mounts": "/proc/1/mounts", "/proc/selfish": "/proc/selfish", "/proc/2/net": "/proc/2/net", "/etc": "/etc",
	} {
		if got := h.ofFirstProcess(path); got != want {
			t.Errorf("%s is read at %s, want %s", path, got, want)
		}
	}
	own, err := os.ReadFile("/etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := h.ReadFile("/etc/passwd"); err != nil || !bytes.Equal(seen, own) {
		t.Errorf("/etc/passwd is another file: %v", err)
	}
}

func TestAnImageDoesNotRun(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, dir := range []string{"etc", "usr", "proc/1/root"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	linked := t.TempDir()
	for _, dir := range []string{"etc", "usr"} {
		if err := os.MkdirAll(filepath.Join(linked, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/proc", filepath.Join(linked, "proc")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{root, linked} {
		if h, err := New(dir, nil, nil); err != nil || h.Running() {
			t.Errorf("%s is said to run (%v)", dir, err)
		}
	}
}

func TestInsideOfAProcess(t *testing.T) {
	t.Parallel()
	live, err := New("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	inside, done, err := live.Inside(int64(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inside.ReadFile("/etc/passwd"); err != nil || inside.Live() || inside.Running() {
		t.Errorf("the inside of this process: %v, live %v, running %v", err, inside.Live(), inside.Running())
	}
	done()
	if _, err := inside.ReadFile("/etc/passwd"); err == nil {
		t.Error("the inside can be read after its end")
	}
	if _, _, err := live.Inside(1 << 30); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a process that is not there: %v", err)
	}
}

// TestInsideOfAPreparedImage holds that a link in the place of a process's root leads nowhere.
func TestInsideOfAPreparedImage(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, dir := range []string{"proc/7/root/etc", "proc/8"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "proc/7/root/etc/hostname"), []byte("inner"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", filepath.Join(root, "proc/8/root")); err != nil {
		t.Fatal(err)
	}
	h, err := NewImage(root, tables.Linux, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	inside, done, err := h.Inside(7)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if data, err := inside.ReadFile("/etc/hostname"); err != nil || string(data) != "inner" {
		t.Errorf("read %q, %v", data, err)
	}
	if _, _, err := h.Inside(8); err == nil {
		t.Error("a link was followed out of the image")
	}
}
