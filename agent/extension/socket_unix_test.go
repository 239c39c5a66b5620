//go:build unix

package extension_test

import (
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/extension"
)

func TestTheSocketIsPrivate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for path, want := range map[string]fs.FileMode{r.socket: fs.ModeSocket | 0o600, filepath.Dir(r.socket): fs.ModeDir | 0o700} {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
	}
}

// TestPlacesForASocket holds that a socket is made only where nobody else could put one, and replaces nothing but a socket that
// is left over.
func TestPlacesForASocket(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	listen := func(path string) error {
		l, err := extension.New(extension.Options{Path: path, Log: slog.New(slog.DiscardHandler)}).Listen(t.Context())
		if err == nil {
			err = l.Close()
		}
		return err
	}
	fails := func(path, text string) {
		t.Helper()
		if err := listen(path); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error is %v, want one with %q", path, err, text)
		}
	}
	make := func(name string, mode fs.FileMode) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fails(filepath.Join(make("open", 0o777), "s"), "writable by others")
	fails(filepath.Join(make("sticky", 0o777|fs.ModeSticky), "s"), "writable by others")
	if err := os.Symlink(make("target", 0o700), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	fails(filepath.Join(dir, "link", "s"), "is not a directory")
	fails(filepath.Join(dir, "absent", "deeper", "s"), "no such file")
	fails(filepath.Join(dir, strings.Repeat("n", 100)), "longer than 97 bytes")
	if os.Geteuid() == 0 {
		theirs := make("theirs", 0o700)
		if err := os.Chown(theirs, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		fails(filepath.Join(theirs, "s"), "belongs to uid 65534")
	}
	private := make("private", 0o700)
	file := filepath.Join(private, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fails(file, "is something else")
	socket := filepath.Join(private, "s")
	served, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	served.(*net.UnixListener).SetUnlinkOnClose(false)
	fails(socket, "another program serves")
	if err := served.Close(); err != nil {
		t.Fatal(err)
	}
	if err := listen(socket); err != nil {
		t.Errorf("a socket that is left over: %v", err)
	}
}

// TestProgramsThatOthersCouldReplace is S37 of the security model.
func TestProgramsThatOthersCouldReplace(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	program := filepath.Join(dir, "x")
	if err := os.WriteFile(program, []byte("x"), 0o700); err != nil { // #nosec G306 -- a program
		t.Fatal(err)
	}
	if err := extension.CheckProgram(program); err != nil {
		t.Errorf("a program of this account: %v", err)
	}
	r := newRig(t)
	refused := func(program, text string) {
		t.Helper()
		if err := r.Keep(t.Context(), program); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error is %v, want one with %q", program, err, text)
		}
	}
	refused("x", "absolute path")
	refused(filepath.Join(dir, "absent"), "no such file")
	if err := os.Chmod(program, 0o722); err != nil { // #nosec G302 -- what is refused
		t.Fatal(err)
	}
	refused(program, "writable by others")
	if err := os.Chmod(program, 0o700); err != nil { // #nosec G302 -- a program
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil { // #nosec G302 -- what is refused
		t.Fatal(err)
	}
	refused(program, "writable by others")
	if err := os.Chmod(dir, 0o700); err != nil { // #nosec G302 -- a directory
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(program, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		refused(program, "belongs to uid 65534")
	}
}
