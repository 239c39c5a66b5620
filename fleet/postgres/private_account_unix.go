//go:build unix

package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the unprivileged account that PostgreSQL runs under when we are root, which it refuses to run as. A nil
// account is our own: its methods then only make directories and files.
type account struct {
	name     string
	uid, gid uint32
}

// The accounts tried in order: one made for us, PostgreSQL's own, and one that every system has.
var accountNames = [...]string{"tenantra", "postgres", "nobody"}

func databaseAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range accountNames {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr != nil || gidErr != nil || uid == 0 {
			continue
		}
		return &account{name: name, uid: uint32(uid), gid: uint32(gid)}, nil
	}
	return nil, errors.New("running as root, PostgreSQL needs an unprivileged account: create one with useradd --system tenantra")
}

func (a *account) apply(cmd *exec.Cmd) {
	cmd.SysProcAttr = processAttributes()
	if a != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: []uint32{}}
	}
}

// letThrough lets the account, and nobody else, pass through our data directory to its own below.
func (a *account) letThrough(dir string) error {
	if a == nil {
		return nil
	}
	if err := errors.Join(os.Chown(dir, os.Geteuid(), int(a.gid)), os.Chmod(dir, 0o710)); err != nil { // #nosec G302 -- a directory
		return fmt.Errorf("let %s pass the data directory: %w", a.name, err)
	}
	return nil
}

// makeDir makes a directory that only the account may enter, and refuses one that somebody else made before.
func (a *account) makeDir(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make database directory: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("make database directory: %w", err)
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	if !info.IsDir() || owner != uint32(os.Geteuid()) && (a == nil || owner != a.uid) {
		return fmt.Errorf("make database directory: %s exists and belongs to somebody else", path)
	}
	if err := os.Chmod(path, 0o700); err != nil { // #nosec G302 -- a directory
		return fmt.Errorf("close database directory: %w", err)
	}
	return a.give(path)
}

func (a *account) writeFile(path string, data []byte) error {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("write for the database: %w", err)
	}
	return a.give(path)
}

func (a *account) give(path string) error {
	if a == nil {
		return nil
	}
	if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give %s to %s: %w", path, a.name, err)
	}
	return nil
}

// checkReach finds the directory above dir that the account cannot pass, before PostgreSQL says it less clearly.
func (a *account) checkReach(dir string) error {
	if a == nil {
		return nil
	}
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return fmt.Errorf("check data directory: %w", err)
		}
		stat, mode := info.Sys().(*syscall.Stat_t), info.Mode().Perm()
		passes := mode&0o001 != 0
		switch {
		case stat.Uid == a.uid:
			passes = mode&0o100 != 0
		case stat.Gid == a.gid:
			passes = mode&0o010 != 0
		}
		if !passes {
			return fmt.Errorf("running as root, PostgreSQL runs as %s, which cannot pass %s: choose another data directory, such as /var/lib/tenantra", a.name, parent)
		}
		if parent == filepath.Dir(parent) {
			return nil
		}
	}
}
