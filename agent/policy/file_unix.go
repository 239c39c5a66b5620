//go:build !windows

package policy

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

const defaultFile = "/etc/tenantra-agent/policy.json"

// checkOwner holds that only root, or the account that the agent runs as, can have written the file.
func checkOwner(path string, info fs.FileInfo) error {
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	if owner != 0 && owner != os.Geteuid() {
		return fmt.Errorf("policy file %s belongs to uid %d: it must be root's", path, owner)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("policy file %s is writable by others (mode %#o): chmod 0644 it", path, mode)
	}
	return nil
}
