//go:build !windows

package state

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

func makePrivate(path string) error { return os.Mkdir(path, 0o700) }

// secure holds the directory's side of SECURITY-MODEL 2.18: owner, modes, no links.
func secure(path string, log *slog.Logger) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("state directory %s is not a directory: a link there could lead anywhere, name another with --state", path)
	}
	if owner := ownerOf(info); owner != os.Geteuid() {
		return fmt.Errorf("state directory %s belongs to uid %d and not to uid %d: remove it or name another with --state", path, owner, os.Geteuid())
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		if err := os.Chmod(path, 0o700); err != nil { // #nosec G302 -- a directory
			return fmt.Errorf("state directory: %w", err)
		}
		log.Warn("the state directory was open to others and is repaired", "path", path, "mode", fmt.Sprintf("%#o", mode))
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	for _, e := range entries {
		if err := secureFile(filepath.Join(path, e.Name()), log); err != nil {
			return err
		}
	}
	return nil
}

func secureFile(path string, log *slog.Logger) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // a temporary file that is gone
	case err != nil:
		return fmt.Errorf("state: %w", err)
	case info.IsDir():
		return nil // not ours
	case !info.Mode().IsRegular(), linksOf(info) > 1:
		return fmt.Errorf("state: %s is a link or no regular file: remove it", path)
	case ownerOf(info) != os.Geteuid():
		return fmt.Errorf("state: %s belongs to uid %d and not to uid %d: remove it", path, ownerOf(info), os.Geteuid())
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("state: %w", err)
		}
		log.Warn("a state file was open to others and is repaired", "path", path, "mode", fmt.Sprintf("%#o", mode))
	}
	return nil
}

func ownerOf(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

func linksOf(info fs.FileInfo) uint64 { return uint64(info.Sys().(*syscall.Stat_t).Nlink) } //nolint:unconvert // uint16 on macOS

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, unix.EINVAL) { // some file systems cannot
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// lock takes an exclusive lock that ends with the process.
func lock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errLocked
	}
	return err
}
