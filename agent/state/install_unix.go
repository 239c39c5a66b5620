//go:build !windows

package state

import (
	"fmt"
	"os"
	"path/filepath"
)

// CheckInstall refuses a program that somebody else than root or the running account could replace: it, and each
// directory above it, must belong to one of the two and be writable to them alone. A directory with the sticky bit, such
// as /tmp, keeps others from what is not theirs.
func CheckInstall(program string) error {
	program, err := filepath.EvalSymlinks(program)
	if err != nil {
		return fmt.Errorf("check the installation: %w", err)
	}
	for path := program; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("check the installation: %w", err)
		}
		if owner := ownerOf(info); owner != 0 && owner != os.Geteuid() {
			return fmt.Errorf("%s belongs to uid %d, who could replace this program: install it where only root writes, or start with --trust-install-dir", path, owner)
		}
		if info.Mode().Perm()&0o022 != 0 && info.Mode()&os.ModeSticky == 0 {
			return fmt.Errorf("%s is writable by others (mode %#o), who could replace this program: chmod go-w it, or start with --trust-install-dir", path, info.Mode().Perm())
		}
		if path == filepath.Dir(path) {
			return nil
		}
	}
}
