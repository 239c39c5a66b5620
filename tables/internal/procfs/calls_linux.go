package procfs

import (
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls of this file are most of a scan's cost: some twenty for each of a thousand processes. On the kernel's own /proc those that
// never wait (links, descriptors, stat and status are answered out of memory without a lock that sleeps) are made without telling
// Go's scheduler, which would otherwise look at each whether to give the processor to another goroutine. That is a tenth of the CPU.
// Whatever may wait for the process itself (its memory, the execution of a new program, its group's lock) goes the usual way: a
// call that hangs there must not hold up the whole agent.

// answersAtOnce tells whether reading a file of a process never waits.
func answersAtOnce(name string) bool { return name == "stat" || name == "status" }

// nameMax fits the number of a process or descriptor and the names that are asked for.
const nameMax = 64

// cName makes a C string of a name, valid until the next; nil where it does not fit.
func (p *Proc) cName(name string) *byte {
	if len(name) >= nameMax {
		return nil
	}
	p.name[copy(p.name[:], name)] = 0
	return &p.name[0]
}

// openAt opens below a directory for reading, as openat does, but for the waiting.
func (p *Proc) openAt(dir int, name string, flags int, atOnce bool) (int, error) {
	c := p.cName(name)
	if !p.kernel || !atOnce || c == nil {
		return openat(dir, name, flags)
	}
	const usual = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY | unix.O_NOFOLLOW
	fd, _, errno := syscall.RawSyscall6(unix.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(c)), uintptr(usual|flags), 0, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// readFile is unix.Read, but for the waiting.
func (p *Proc) readFile(fd int, to []byte, atOnce bool) (int, error) {
	if !p.kernel || !atOnce || len(to) == 0 {
		return unix.Read(fd, to)
	}
	n, _, errno := syscall.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&to[0])), uintptr(len(to)))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}

// readLink gives what a link says, valid until the next.
func (p *Proc) readLink(dir int, name string) ([]byte, error) {
	c := p.cName(name)
	if !p.kernel || c == nil {
		n, err := unix.Readlinkat(dir, name, p.link)
		return p.link[:max(n, 0)], err
	}
	n, _, errno := syscall.RawSyscall6(unix.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(c)), uintptr(unsafe.Pointer(&p.link[0])), uintptr(len(p.link)), 0, 0)
	if errno != 0 {
		return nil, errno
	}
	return p.link[:n], nil
}

// readDescriptor gives what a descriptor of a process is, as readLink does.
func (p *Proc) readDescriptor(dir int, fd int64) ([]byte, error) {
	var digits [20]byte
	return p.readLink(dir, string(strconv.AppendInt(digits[:0], fd, 10)))
}

// close closes what the kernel's /proc gave; there is nothing to write back for which it could wait.
func (p *Proc) close(fd int) {
	if !p.kernel {
		unix.Close(fd)
		return
	}
	_, _, _ = syscall.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
}
