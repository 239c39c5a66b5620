package host_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
)

// windowsImage is an image with a file, and with links of which some lead out of it.
func windowsImage(t *testing.T) *host.Host {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("an image is scanned from a file system that knows case")
	}
	root := t.TempDir()
	dir := filepath.Join(root, "Windows", "System32", "config")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"SOFTWARE", "SYSTEM"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("hive "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"Documents and Settings": "windows-is-elsewhere", "out": "/etc", "sys": "/Windows/System32"} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	h, err := host.NewImage(root, tables.Windows, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestPathsOfAWindowsImage(t *testing.T) {
	t.Parallel()
	h := windowsImage(t)
	for _, name := range []string{
		`C:\Windows\System32\config\SOFTWARE`, `c:\windows\system32\CONFIG\software`, "C:/WINDOWS/system32/config/software",
		`\Windows\System32\config\SOFTWARE`, "/windows/System32/config/SOFTWARE", `C:\sys\config\Software`,
		`C:\Windows\..\..\..\Windows\System32\.\config\SOFTWARE`,
	} {
		if data, err := h.ReadFile(name); err != nil || string(data) != "hive SOFTWARE" {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	for _, name := range []string{
		`D:\Windows\System32\config\SOFTWARE`, `\\server\share\Windows`, `\\?\C:\Windows`, "C:\\Windows\x00", `C:\Windows\System33\config`,
		`C:\out\passwd`, `C:\Windows\System32\config\SOFTWARE\x`, `C:\Documents and Settings\x`,
	} {
		if _, err := h.ReadFile(name); err == nil {
			t.Errorf("%q was read", name)
		}
		if _, err := h.Lstat(name); err == nil {
			t.Errorf("%q is there", name)
		}
	}
	if _, err := h.Stat(`D:\`); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another volume: %v", err)
	}
	if target, err := h.Readlink(`c:\OUT`); err != nil || target != "/etc" {
		t.Errorf("link: %q, %v", target, err)
	}
	if entries, err := h.ReadDir(`C:\`); err != nil || len(entries) != 4 {
		t.Errorf("the volume's directory: %v, %v", entries, err)
	}
}

func TestGlobOfAWindowsImage(t *testing.T) {
	t.Parallel()
	h := windowsImage(t)
	got, err := h.Glob(`C:\windows\system*\Config\so*`)
	if want := []string{`C:\windows\System32\Config\SOFTWARE`}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
