package filewatch

import (
	"context"
	"crypto/md5"  // #nosec G501 -- osquery's column
	"crypto/sha1" // #nosec G505 -- osquery's column
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/threat"
)

// hashMax is the size up to which a file is hashed, as osquery's read_max has it.
const hashMax = 50 << 20

// describe fills in what a file is now: it is opened in its directory without following a link, and never waited for.
func (t *tree) describe(ctx context.Context, file string, row *threat.FileEvent, hash bool) {
	dir, err := t.openDir(path.Dir(file))
	if err != nil {
		return
	}
	defer unix.Close(dir)
	var st unix.Stat_t
	if err := unix.Fstatat(dir, path.Base(file), &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return
	}
	row.Inode, row.UID, row.GID = int64(st.Ino), int64(st.Uid), int64(st.Gid) // #nosec G115 -- inode numbers are below 2^63
	row.Mode, row.Size = fmt.Sprintf("%04o", st.Mode&0o7777), st.Size
	row.ATime, row.MTime, row.CTime = tables.Some(st.Atim.Sec), tables.Some(st.Mtim.Sec), tables.Some(st.Ctim.Sec)
	if !hash || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return
	}
	if err := digest(ctx, dir, path.Base(file), row); err != nil {
		row.MD5, row.SHA1, row.SHA256, row.Hashed = "", "", "", -1
		return
	}
	row.Hashed = 1
}

var errTooLarge = errors.New("too large to be hashed")

func digest(ctx context.Context, dir int, name string, row *threat.FileEvent) error {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NOATIME, 0)
	if errors.Is(err, unix.EPERM) { // O_NOATIME is for the owner
		fd, err = unix.Openat(dir, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errNotHere // something else came in its place
	case info.Size() > hashMax:
		return errTooLarge
	}
	sum5, sum1, sum256 := md5.New(), sha1.New(), sha256.New() // #nosec G401 -- osquery's columns
	n, err := io.Copy(io.MultiWriter(sum5, sum1, sum256), io.LimitReader(contextReader{ctx, f}, hashMax+1))
	switch {
	case err != nil:
		return err
	case n > hashMax:
		return errTooLarge // it grew
	}
	row.MD5, row.SHA1, row.SHA256 = hex.EncodeToString(sum5.Sum(nil)), hex.EncodeToString(sum1.Sum(nil)), hex.EncodeToString(sum256.Sum(nil))
	return nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
