package enroll_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tenantra/tenantra/agent/enroll"
)

// TestFactsOfTheHostOfAContainer holds that an agent in a container tells its host's name, system and machine.
func TestFactsOfTheHostOfAContainer(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"etc/hostname": "node-7\n", "etc/machine-id": "0123456789abcdef0123456789abcdef\n", "usr/lib/os-release": "NAME=\"Flatcar\"\nVERSION_ID=4081.2.0\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/usr/lib/os-release", filepath.Join(root, "etc/os-release")); err != nil { // as the host sees it
		t.Fatal(err)
	}
	facts := enroll.Facts("1", root)
	if facts.Hostname != "node-7" || facts.OSName != "Flatcar" || facts.OSVersion != "4081.2.0" {
		t.Errorf("facts are %+v", facts)
	}
	if id := enroll.HardwareID(root); id == "" || id == enroll.HardwareID("") {
		t.Errorf("the host's identifier is %q", id)
	}
}
