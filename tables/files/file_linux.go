package files

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

func generateFile(ctx context.Context, host tables.Host, q *tables.Query, emit func(*file) error) error {
	wantFacts := q.WantsAny(factColumns...)
	facts := factReader{host: host}
	var row file // emit copies it, so one serves for all
	return selectPaths(ctx, host, q, func(f *found) error {
		row = file{Path: f.path, Directory: f.directory, Filename: f.filename}
		if wantFacts || !f.listed {
			if err := facts.read(f, &row); err != nil {
				if !hostfile.Absent(err) {
					hostfile.Skipped(ctx, host, f.path, err)
				}
				return nil
			}
		}
		return emit(&row)
	})
}

// factReader remembers where the last directory really lies, since paths come directory by directory.
type factReader struct {
	host         tables.Host
	parent, real string
}

func (r *factReader) read(f *found, row *file) error {
	if f.parent != r.parent || r.real == "" {
		real, err := r.host.RealPath(f.parent)
		if err != nil {
			return err
		}
		r.parent, r.real = f.parent, real
	}
	real := r.real
	if f.name != "" {
		real = join(r.real, f.name)
	}
	st, err := statNoFollow(real)
	if err != nil {
		return err
	}
	row.Type = typeName(st.Mode)
	if st.Mode&unix.S_IFMT == unix.S_IFLNK {
		row.Symlink, row.Type = 1, "unknown"
		if row.SymlinkTargetPath, err = r.host.Readlink(join(f.parent, f.name)); err != nil {
			return err
		}
		// The link is resolved inside the scanned root, never by the kernel in the agent's own.
		if target, err := r.follow(join(f.parent, f.name), real); err == nil {
			st, row.Type = target, typeName(target.Mode)
		}
	}
	row.Inode, row.Size = int64(st.Ino), int64(st.Size)
	row.UID, row.GID = int64(st.Uid), int64(st.Gid)
	row.Mode = modeText(uint32(st.Mode))
	row.Device = int64(unix.Mkdev(st.Rdev_major, st.Rdev_minor))
	row.BlockSize, row.HardLinks = int32(st.Blksize), int32(st.Nlink)
	row.Atime, row.Mtime, row.Ctime, row.Btime = st.Atime.Sec, st.Mtime.Sec, st.Ctime.Sec, st.Btime.Sec
	return nil
}

func (r *factReader) follow(shown, real string) (unix.Statx_t, error) {
	if r.host.Live() {
		return statx(real, 0)
	}
	target, err := r.host.RealPath(shown)
	if err != nil {
		return unix.Statx_t{}, err
	}
	return statNoFollow(target)
}

func statNoFollow(real string) (unix.Statx_t, error) { return statx(real, unix.AT_SYMLINK_NOFOLLOW) }

// statx asks for all facts in one call, and never mounts what autofs keeps unmounted. Kernels before 4.11 and the
// filters of old container runtimes lack it; there lstat serves, which has no creation time.
func statx(real string, flags int) (st unix.Statx_t, err error) {
	for {
		err = unix.Statx(unix.AT_FDCWD, real, flags|unix.AT_NO_AUTOMOUNT, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EPERM) {
		return st, err
	}
	var old unix.Stat_t
	if err := unix.Fstatat(unix.AT_FDCWD, real, &old, flags); err != nil {
		return st, err
	}
	return statxOf(&old), nil
}

func statxOf(old *unix.Stat_t) unix.Statx_t {
	return unix.Statx_t{
		Ino: old.Ino, Mode: uint16(old.Mode), Nlink: uint32(old.Nlink), Uid: old.Uid, Gid: old.Gid,
		Rdev_major: unix.Major(uint64(old.Rdev)), Rdev_minor: unix.Minor(uint64(old.Rdev)),
		Size: uint64(old.Size), Blksize: uint32(old.Blksize),
		Atime: unix.StatxTimestamp{Sec: int64(old.Atim.Sec)},
		Mtime: unix.StatxTimestamp{Sec: int64(old.Mtim.Sec)},
		Ctime: unix.StatxTimestamp{Sec: int64(old.Ctim.Sec)},
	}
}

func typeName(mode uint16) string {
	switch uint32(mode) & unix.S_IFMT {
	case unix.S_IFREG:
		return "regular"
	case unix.S_IFDIR:
		return "directory"
	case unix.S_IFCHR:
		return "character"
	case unix.S_IFBLK:
		return "block"
	case unix.S_IFIFO:
		return "fifo"
	case unix.S_IFSOCK:
		return "socket"
	default:
		return "unknown"
	}
}
