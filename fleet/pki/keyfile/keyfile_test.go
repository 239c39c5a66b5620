package keyfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tenantra/tenantra/fleet/pki/keyfile"
)

func TestSecretIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pepper")
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]bool{}
	for range 8 {
		wg.Go(func() {
			secret, err := keyfile.Secret(path, 32)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			seen[string(secret)] = true
		})
	}
	wg.Wait()
	if len(seen) != 1 {
		t.Errorf("%d different secrets from one file", len(seen))
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %04o, want 0600", info.Mode().Perm())
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".new-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v %v", left, err)
	}
}

func TestSecretRefusesWhatItCannotTrust(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes are not kept on Windows")
	}
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := strings.Repeat("A", 43)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file("target", good, 0o600), link); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"readable by others": file("wide", good, 0o644),
		"wrong size":         file("short", "AAAA", 0o600),
		"not base64":         file("text", strings.Repeat("!", 43), 0o600),
		"empty":              file("empty", "", 0o600),
		"link":               link,
		"directory":          dir,
	} {
		if _, err := keyfile.Secret(path, 32); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "leaf")
	for _, content := range []string{"one", "two"} {
		if err := keyfile.Replace(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := keyfile.Load(path)
		if err != nil || !bytes.Equal(got, []byte(content)) {
			t.Errorf("got %q %v, want %q", got, err, content)
		}
	}
}
