package host

import (
	"io/fs"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

// runsHere tells whether root is the / of the system that runs on this kernel: its /proc is the kernel's, and the root of its
// first process is root. Who may not look at that process is told by the former alone.
func runsHere(root string) bool {
	if !ofKernel(filepath.Join(root, "proc")) {
		return false
	}
	var own, first unix.Stat_t
	if unix.Stat(root, &own) != nil {
		return false
	}
	if err := unix.Stat(filepath.Join(root, "proc/1/root"), &first); err != nil {
		return err == unix.EACCES || err == unix.EPERM
	}
	return own.Dev == first.Dev && own.Ino == first.Ino
}

// ofKernel tells whether a directory, and no link to one, is of the kernel's file system of processes.
func ofKernel(dir string) bool {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	var stat unix.Statfs_t
	return unix.Fstatfs(fd, &stat) == nil && stat.Type == unix.PROC_SUPER_MAGIC
}

// Inside is part of tables.Host. The directory is held open, so that it stays that of the same process when its number is
// used again.
func (h *Host) Inside(pid int64) (tables.Host, func(), error) {
	shown := "/proc/" + strconv.FormatInt(pid, 10)
	process, err := h.RealPath(shown)
	if err != nil {
		return nil, nil, h.outside(shown, err)
	}
	root := filepath.Join(process, "root")
	flags := unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC
	if !ofKernel(process) {
		flags |= unix.O_NOFOLLOW // in a prepared image a link could lead anywhere
	}
	fd, err := unix.Open(root, flags, 0)
	if err != nil {
		return nil, nil, &fs.PathError{Op: "open", Path: shown + "/root", Err: err}
	}
	inside := newHost("/proc/self/fd/"+strconv.Itoa(fd), tables.Linux, h.log, h.self)
	return inside, func() { unix.Close(fd) }, nil
}
