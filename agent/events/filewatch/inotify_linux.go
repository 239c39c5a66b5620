package filewatch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// notification is one record of inotify(7).
type notification struct {
	watch  int32
	mask   uint32
	cookie uint32
	name   string
}

const inotifyHeader = 16

// parseNotifications reads what one read of the descriptor gave. The kernel gives whole records; what is cut short is left out.
func parseNotifications(data []byte, each func(notification)) {
	for len(data) >= inotifyHeader {
		n := notification{
			watch: int32(binary.NativeEndian.Uint32(data)), mask: binary.NativeEndian.Uint32(data[4:]), cookie: binary.NativeEndian.Uint32(data[8:]),
		}
		size := int64(binary.NativeEndian.Uint32(data[12:]))
		data = data[inotifyHeader:]
		if size > int64(len(data)) {
			return
		}
		name, _, _ := bytes.Cut(data[:size], []byte{0})
		n.name, data = string(name), data[size:]
		each(n)
	}
}

// inotify is a watcher.
type inotify struct{ file *os.File }

func newInotify() (*inotify, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	switch {
	case errors.Is(err, unix.EMFILE):
		return nil, fmt.Errorf("the system's limit of watchers is reached, raise fs.inotify.max_user_instances: %w", err)
	case err != nil:
		return nil, fmt.Errorf("start inotify: %w", err)
	}
	return &inotify{os.NewFile(uintptr(fd), "inotify")}, nil
}

const (
	inStructure = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_DELETE | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
	inEntries   = inStructure | unix.IN_MODIFY | unix.IN_CLOSE_WRITE | unix.IN_ATTRIB
	inReadings  = inEntries | unix.IN_OPEN | unix.IN_ACCESS
)

func (n *inotify) add(dir int, what interest) (string, error) {
	masks := map[interest]uint32{structure: inStructure, entries: inEntries, readings: inReadings}
	var watch int
	err := control(n.file, func(fd int) (err error) {
		// The directory that is open is watched, and not what its path leads to by now.
		watch, err = unix.InotifyAddWatch(fd, "/proc/self/fd/"+strconv.Itoa(dir), masks[what]|unix.IN_ONLYDIR|unix.IN_EXCL_UNLINK)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("watch: %w", err)
	}
	return strconv.Itoa(watch), nil
}

func (n *inotify) remove(key string) {
	if watch, err := strconv.ParseUint(key, 10, 31); err == nil {
		_ = control(n.file, func(fd int) error { // it may have gone with its directory
			_, err := unix.InotifyRmWatch(fd, uint32(watch))
			return err
		})
	}
}

// control does something to the descriptor of a file that another goroutine may be closing. Fd would make it block.
func control(f *os.File, fn func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = fn(int(fd)) }); err != nil {
		return err
	}
	return inner
}
