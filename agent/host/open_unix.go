//go:build !windows

package host

import (
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// openNonblocking opens for reading; O_NONBLOCK keeps the open of a FIFO or a device without a medium from waiting.
func openNonblocking(path string) (*os.File, error) {
	for {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: path, Err: err}
		}
		return os.NewFile(uintptr(fd), path), nil
	}
}
