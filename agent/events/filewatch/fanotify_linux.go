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

// access is one event of fanotify(7): what a process did to an entry of a watched directory.
type access struct {
	mask    uint64
	pid     int32
	dir     string // key of the watched directory; "" where the queue overflowed
	name    string
	newDir  string // of a renaming, where the entry went
	newName string
}

const (
	fanMetadata = 24 // size of struct fanotify_event_metadata
	fanVersion  = 3
)

// parseAccesses reads what one read of the descriptor gave. What is cut short is left out.
func parseAccesses(data []byte, each func(access)) {
	for len(data) >= fanMetadata {
		size := binary.NativeEndian.Uint32(data)
		if size < fanMetadata || uint64(size) > uint64(len(data)) || data[4] != fanVersion {
			return
		}
		head := uint32(binary.NativeEndian.Uint16(data[6:]))
		a := access{mask: binary.NativeEndian.Uint64(data[8:]), pid: int32(binary.NativeEndian.Uint32(data[20:]))} // #nosec G115 -- the kernel's int
		if head >= fanMetadata && head <= size {
			a.readInfo(data[head:size])
		}
		each(a)
		data = data[size:]
	}
}

// The kinds of information records: linux/fanotify.h.
const (
	infoDirName = unix.FAN_EVENT_INFO_TYPE_DFID_NAME
	infoOldName = unix.FAN_EVENT_INFO_TYPE_OLD_DFID_NAME
	infoNewName = unix.FAN_EVENT_INFO_TYPE_NEW_DFID_NAME
)

// readInfo reads the records that say where an event happened.
func (a *access) readInfo(data []byte) {
	const header, handle = 4, 8 // of the record, and of struct file_handle
	for len(data) >= header {
		kind, size := data[0], int(binary.NativeEndian.Uint16(data[2:]))
		if size < header || size > len(data) {
			return
		}
		info := data[header:size]
		data = data[size:]
		if len(info) < 8+handle {
			continue
		}
		end := 8 + handle + uint64(binary.NativeEndian.Uint32(info[8:]))
		if end > uint64(len(info)) {
			continue
		}
		name, _, _ := bytes.Cut(info[end:], []byte{0})
		switch kind {
		case infoDirName, infoOldName:
			a.dir, a.name = string(info[:end]), string(name)
		case infoNewName:
			a.newDir, a.newName = string(info[:end]), string(name)
		}
	}
}

// fanotify is a watcher.
type fanotify struct {
	file    *os.File
	renames bool // one event tells of both names, since Linux 5.17
}

func newFanotify() (*fanotify, error) {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK|unix.FAN_REPORT_DFID_NAME, unix.O_RDONLY|unix.O_CLOEXEC)
	switch {
	case errors.Is(err, unix.EPERM):
		return nil, fmt.Errorf("start fanotify, run the agent as root in the host's user namespace: %w", err)
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS):
		return nil, fmt.Errorf("start fanotify, this kernel is older than 5.9 or was built without it: %w", err)
	case err != nil:
		return nil, fmt.Errorf("start fanotify: %w", err)
	}
	return &fanotify{file: os.NewFile(uintptr(fd), "fanotify"), renames: true}, nil
}

const (
	fanStructure = unix.FAN_CREATE | unix.FAN_DELETE | unix.FAN_DELETE_SELF | unix.FAN_MOVE_SELF | unix.FAN_ONDIR | unix.FAN_EVENT_ON_CHILD
	fanEntries   = fanStructure | unix.FAN_MODIFY
	fanReadings  = fanEntries | unix.FAN_OPEN | unix.FAN_ACCESS
	fanMoves     = unix.FAN_MOVED_FROM | unix.FAN_MOVED_TO
)

func (n *fanotify) add(dir int, what interest) (string, error) {
	key, err := keyOf(dir)
	if err != nil {
		return "", err
	}
	mask := map[interest]uint64{structure: fanStructure, entries: fanEntries, readings: fanReadings}[what]
	err = n.mark(dir, mask|n.moves())
	if errors.Is(err, unix.EINVAL) && n.renames {
		n.renames = false
		err = n.mark(dir, mask|n.moves())
	}
	if err != nil {
		return "", fmt.Errorf("watch: %w", err)
	}
	return key, nil
}

func (n *fanotify) moves() uint64 {
	if n.renames {
		return unix.FAN_RENAME
	}
	return fanMoves
}

func (n *fanotify) mark(dir int, mask uint64) error {
	return control(n.file, func(fd int) error {
		return unix.FanotifyMark(fd, unix.FAN_MARK_ADD|unix.FAN_MARK_ONLYDIR, mask, unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(dir))
	})
}

// keyOf gives what events carry of a directory: its file system and its handle there.
func keyOf(dir int) (string, error) {
	handle, _, err := unix.NameToHandleAt(dir, "", unix.AT_EMPTY_PATH)
	if err != nil {
		return "", fmt.Errorf("find the directory's handle: %w", err)
	}
	var fs unix.Statfs_t
	if err := unix.Fstatfs(dir, &fs); err != nil {
		return "", fmt.Errorf("find the directory's file system: %w", err)
	}
	b := binary.NativeEndian.AppendUint32(nil, uint32(fs.Fsid.Val[0])) // #nosec G115 -- bits
	b = binary.NativeEndian.AppendUint32(b, uint32(fs.Fsid.Val[1]))    // #nosec G115 -- bits
	b = binary.NativeEndian.AppendUint32(b, uint32(handle.Size()))     // #nosec G115 -- at most 128
	b = binary.NativeEndian.AppendUint32(b, uint32(handle.Type()))     // #nosec G115 -- bits
	return string(append(b, handle.Bytes()...)), nil
}

// remove leaves the mark to the kernel, which drops it with the directory: by its handle alone it cannot be named. Events of a
// directory that was moved out of sight are not known to the tree and count for nothing.
func (n *fanotify) remove(string) {}
