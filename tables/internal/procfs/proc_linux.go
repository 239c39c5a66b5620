package procfs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
)

// readMax bounds what is kept of one file of a process; arguments and environment can be larger.
const readMax = 1 << 20

// fileBuffer fits nearly all files of processes at once.
const fileBuffer = 16 << 10

// Proc is the /proc of the scanned machine. It owns the buffers of all reading, so one goroutine uses it at a time.
type Proc struct {
	dir     int
	log     *slog.Logger
	kernel  bool // the kernel's own file system, not a copy in a fixture
	file    []byte
	link    []byte
	name    [nameMax]byte
	dirents []byte
	fds     []int64
}

// Open opens the host's /proc; the error is fs.ErrNotExist where it has none.
func Open(host tables.Host) (*Proc, error) {
	path, err := host.RealPath("/proc")
	if err != nil {
		return nil, err
	}
	dir, err := openat(unix.AT_FDCWD, path, unix.O_DIRECTORY)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: "/proc", Err: err}
	}
	var stat unix.Statfs_t
	kernel := unix.Fstatfs(dir, &stat) == nil && stat.Type == unix.PROC_SUPER_MAGIC
	return &Proc{dir: dir, log: host.Log(), kernel: kernel, link: make([]byte, unix.PathMax)}, nil
}

// Close closes the directory.
func (p *Proc) Close() { unix.Close(p.dir) }

// PIDs lists the processes (thread group leaders), in ascending order.
func (p *Proc) PIDs() ([]int64, error) {
	// A directory's descriptor has one reading position, so listing opens its own.
	dir, err := openat(p.dir, ".", unix.O_DIRECTORY)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: "/proc", Err: err}
	}
	defer unix.Close(dir)
	pids, err := p.numbers(dir, nil)
	if err != nil {
		return nil, &fs.PathError{Op: "readdirent", Path: "/proc", Err: err}
	}
	slices.Sort(pids)
	return pids, nil
}

// numbers appends the names of a directory that are numbers.
func (p *Proc) numbers(dir int, to []int64) ([]int64, error) {
	const longest = 280 // bytes of an entry
	if p.dirents == nil {
		p.dirents = make([]byte, 32<<10)
	}
	for {
		n, err := unix.ReadDirent(dir, p.dirents)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return to, err
		}
		for rest := p.dirents[:n]; len(rest) > nameAt; {
			size := int(binary.NativeEndian.Uint16(rest[16:]))
			if size <= nameAt || size > len(rest) {
				return to, unix.EIO
			}
			if number, ok := directoryNumber(rest[nameAt:size]); ok {
				to = append(to, number)
			}
			rest = rest[size:]
		}
		// The kernel's /proc gives all that fits at once; other file systems end at a block, too.
		if p.kernel && n+longest <= len(p.dirents) {
			return to, nil
		}
	}
}

// nameAt is where the name starts in a struct linux_dirent64: inode, offset (8 bytes each), length (2), type (1).
const nameAt = 19

// directoryNumber reads a name that ends in NUL and is made of digits only.
func directoryNumber(name []byte) (int64, bool) {
	var number int64
	for i, c := range name {
		if c == 0 {
			return number, i > 0
		}
		if c < '0' || c > '9' || i >= 18 {
			return 0, false
		}
		number = number*10 + int64(c-'0')
	}
	return 0, false
}

// pidPath is the path below /proc of something of a process.
func pidPath(pid int64, rest string) string {
	path := make([]byte, 0, 24)
	return string(append(strconv.AppendInt(path, pid, 10), rest...))
}

// Process is the open directory of one process.
type Process struct {
	PID  int64
	proc *Proc
	dir  int
}

// Process opens a process's directory. Any error means that there is nothing to read of it: it is gone or hidden.
func (p *Proc) Process(pid int64) (Process, error) {
	dir, err := p.openAt(p.dir, pidPath(pid, ""), unix.O_DIRECTORY|unix.O_PATH, true)
	if err != nil {
		return Process{}, &fs.PathError{Op: "open", Path: "/proc/" + pidPath(pid, ""), Err: err}
	}
	return Process{PID: pid, proc: p, dir: dir}, nil
}

// Selected gives those of the given numbers that are processes. A thread has a directory too, but is not listed.
func (p *Proc) Selected(pids []int64) []int64 {
	selected := make([]int64, 0, len(pids))
	for _, pid := range pids {
		status, err := p.ReadOf(pid, "status")
		if errors.Is(err, fs.ErrNotExist) {
			if process, err := p.Process(pid); err != nil { // a fixture may have the directory alone
				continue
			} else {
				process.Close()
			}
		}
		if leader, ok := threadGroup(status); err != nil || !ok || leader == pid {
			selected = append(selected, pid)
		}
	}
	slices.Sort(selected)
	return selected
}

// Close closes the directory.
func (p Process) Close() { p.proc.close(p.dir) }

// Read gives a file's content, at most a mebibyte, until the next reading.
func (p Process) Read(name string) ([]byte, error) {
	return p.proc.read(p.dir, name, answersAtOnce(name))
}

func (p *Proc) read(dir int, name string, atOnce bool) ([]byte, error) {
	fd, err := p.openFile(dir, name, atOnce)
	if err != nil {
		return nil, err
	}
	defer p.close(fd)
	if p.file == nil {
		p.file = make([]byte, 0, fileBuffer)
	}
	data := p.file[:0]
	for len(data) < readMax {
		if len(data) == cap(data) {
			data = slices.Grow(data, len(data))
		}
		room := data[len(data):min(cap(data), readMax)]
		n, err := p.readFile(fd, room, atOnce)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		data = data[:len(data)+max(n, 0)]
		if n < len(room) { // the files of a process come in one piece; asking again costs a tenth of the scan
			break
		}
	}
	p.file = data[:0]
	return data, nil
}

// ReadOf gives a file of a process as Process.Read does. Where only one is needed, opening the process's directory first is work
// for nothing, but in a fixture it must not be a link that leads elsewhere.
func (p *Proc) ReadOf(pid int64, name string) ([]byte, error) {
	if p.kernel {
		return p.read(p.dir, pidPath(pid, "/"+name), answersAtOnce(name))
	}
	process, err := p.Process(pid)
	if err != nil {
		return nil, err
	}
	defer process.Close()
	return process.Read(name)
}

// Lines gives a file's lines without their ends, one by one, each valid until the next. It streams: the tables of sockets
// and mappings have no bound. Lines that do not fit the buffer are left out.
func (p Process) Lines(name string, line func([]byte) error) error {
	return p.proc.lines(p.dir, name, line)
}

func (p *Proc) lines(dir int, name string, line func([]byte) error) error {
	fd, err := p.openFile(dir, name, false)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if p.file == nil {
		p.file = make([]byte, 0, fileBuffer)
	}
	buffer := p.file[:cap(p.file)]
	kept, skipping := 0, false
	for {
		n, err := unix.Read(fd, buffer[kept:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		data := buffer[:kept+max(n, 0)]
		for {
			end := slices.Index(data, '\n')
			if end < 0 {
				break
			}
			if !skipping {
				if err := line(data[:end]); err != nil {
					return err
				}
			}
			skipping = false
			data = data[end+1:]
		}
		switch {
		case n <= 0 && len(data) > 0 && !skipping:
			return line(data)
		case n <= 0:
			return nil
		case len(data) == len(buffer):
			kept, skipping = 0, true
		default:
			kept = copy(buffer, data)
		}
	}
}

// Link gives where a link of the process points to: exe, cwd, root, ns/net.
func (p Process) Link(name string) (string, error) {
	target, err := p.proc.readLink(p.dir, name)
	return string(target), err
}

// IsFile tells whether what a link of the process leads to is that very file. It is false in a fixture.
func (p Process) IsFile(link string, file fs.FileInfo) bool {
	var stat unix.Stat_t
	if !p.proc.kernel || unix.Fstatat(p.dir, link, &stat, 0) != nil {
		return false
	}
	other, ok := file.Sys().(*syscall.Stat_t)
	return ok && other.Ino == stat.Ino && other.Dev == stat.Dev
}

// Descriptors calls visit for each open file, in the order of their numbers, with its number and what it is, valid until
// the next call. A file closed meanwhile is left out. The error is that of listing, or visit's.
func (p Process) Descriptors(visit func(fd int64, target []byte) error) error {
	return p.proc.descriptors(p.dir, "fd", visit)
}

// Descriptors lists the open files of one process as Process.Descriptors does. Where only these are needed, opening
// the process's directory first is work for nothing, but in a fixture it must not be a link that leads elsewhere.
func (p *Proc) Descriptors(pid int64, visit func(fd int64, target []byte) error) error {
	if p.kernel {
		return p.descriptors(p.dir, pidPath(pid, "/fd"), visit)
	}
	process, err := p.Process(pid)
	if err != nil {
		return err
	}
	defer process.Close()
	return process.Descriptors(visit)
}

func (p *Proc) descriptors(at int, name string, visit func(fd int64, target []byte) error) error {
	dir, err := p.openAt(at, name, unix.O_DIRECTORY, true)
	if err != nil {
		return err
	}
	defer p.close(dir)
	if p.fds, err = p.numbers(dir, p.fds[:0]); err != nil {
		return err
	}
	slices.Sort(p.fds)
	for _, fd := range p.fds {
		target, err := p.readDescriptor(dir, fd)
		if err != nil {
			continue
		}
		if err := visit(fd, target); err != nil {
			return err
		}
	}
	return nil
}

// ReadInside reads a file as the process sees it: below its root and in its mount namespace, without leaving them by a
// link. It is only possible where /proc is the kernel's.
func (p Process) ReadInside(path string) ([]byte, error) {
	if !p.proc.kernel {
		return nil, fmt.Errorf("read %s in the namespace of process %d: %w", path, p.PID, unix.ENOTSUP)
	}
	root, err := unix.Openat(p.dir, "root", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(root)
	fd, err := unix.Openat2(root, path, &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return nil, err
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	data := make([]byte, 0, 4096)
	for len(data) < readMax {
		data = slices.Grow(data, 4096)
		n, err := unix.Read(fd, data[len(data):cap(data)])
		if err != nil {
			return nil, err
		}
		if n <= 0 {
			break
		}
		data = data[:len(data)+n]
	}
	return data, nil
}

// openFile opens a regular file. All that is read of the kernel's /proc is regular; a prepared image may hold devices.
func (p *Proc) openFile(dir int, name string, atOnce bool) (int, error) {
	fd, err := p.openAt(dir, name, 0, atOnce)
	if err != nil || p.kernel {
		return fd, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil || stat.Mode&unix.S_IFMT != unix.S_IFREG {
		unix.Close(fd)
		return -1, unix.EINVAL
	}
	return fd, nil
}

// openat opens for reading. It never follows a link in the last part of the name, and never waits on a FIFO or device.
func openat(dir int, name string, flags int) (int, error) {
	if dir != unix.AT_FDCWD {
		flags |= unix.O_NOFOLLOW
	}
	for {
		fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY|flags, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}
