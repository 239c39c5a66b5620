//go:build !windows

package host

import (
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// openNonblocking opens for reading; O_NONBLOCK keeps the open of a FIFO or a device without a medium from waiting.
func openNonblocking(path string) (*os.File, error) {
	fd, err := openDescriptor(path)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}

func openDescriptor(path string) (int, error) {
	for {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return -1, &fs.PathError{Op: "open", Path: path, Err: err}
		}
		return fd, nil
	}
}

// wholeFile is a file that is read once and closed. An os.File asks the kernel two things more, whether the descriptor can be
// polled, which is as much again as reading a small file of /proc costs, and some tables read thousands of them.
type wholeFile struct {
	fd   int
	path string
}

// openRegular opens a regular file, and gives the size that it claims to have.
func openRegular(path string) (f wholeFile, size int64, err error) {
	fd, err := openDescriptor(path)
	if err != nil {
		return wholeFile{}, 0, err
	}
	f = wholeFile{fd, path}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		f.Close()
		return wholeFile{}, 0, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		f.Close()
		return wholeFile{}, 0, &fs.PathError{Op: "open", Path: path, Err: errNotRegular}
	}
	return f, st.Size, nil
}

// Read is part of io.Reader.
func (f wholeFile) Read(p []byte) (int, error) {
	for {
		n, err := unix.Read(f.fd, p)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, &fs.PathError{Op: "read", Path: f.path, Err: err}
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// Close gives the descriptor back. A file that was only read has nothing to lose by that.
func (f wholeFile) Close() { unix.Close(f.fd) }
