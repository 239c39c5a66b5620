package procfs

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"
)

// socketFiles are the tables of sockets below /proc/PID/net. udplite was removed from Linux 7; a missing file has no rows.
var socketFiles = [...]struct {
	name             string
	family, protocol int32
	parse            func([]byte, *Socket) bool
}{
	{"tcp", FamilyIPv4, ProtocolTCP, parseInet},
	{"tcp6", FamilyIPv6, ProtocolTCP, parseInet},
	{"udp", FamilyIPv4, ProtocolUDP, parseInet},
	{"udp6", FamilyIPv6, ProtocolUDP, parseInet},
	{"udplite", FamilyIPv4, ProtocolUDPLite, parseInet},
	{"udplite6", FamilyIPv6, ProtocolUDPLite, parseInet},
	{"icmp", FamilyIPv4, ProtocolICMP, parseInet},
	{"icmp6", FamilyIPv6, ProtocolICMPv6, parseInet},
	{"raw", FamilyIPv4, ProtocolRaw, parseInet},
	{"raw6", FamilyIPv6, ProtocolRaw, parseInet},
	{"unix", FamilyUnix, 0, parseUnix},
	{"packet", FamilyPacket, 0, parsePacket},
}

// Namespace is a network namespace and whose directories have the tables of its sockets.
type Namespace struct {
	Inode uint64 // 0 where no process of it lets its link be read

	pids  [2]int64 // the first process in it and the last one, in case the first ends meanwhile
	first bool     // that of the first process: in a fixture, /proc/net itself
}

// Namespaces lists the network namespaces of processes, that of the first process first.
//
// The link of another user's process may not be read, but its tables may. Their inode numbers differ between namespaces
// and tell that it is one already known, so that its sockets are not listed twice.
func (p *Proc) Namespaces(ctx context.Context, pids []int64) ([]Namespace, error) {
	var found []Namespace
	byLink := map[uint64]int{}
	var unreadable []int64
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		target, err := p.readLink(p.dir, pidPath(pid, "/ns/net"))
		if err == unix.EACCES || err == unix.EPERM {
			unreadable = append(unreadable, pid)
			continue
		}
		if err != nil {
			continue
		}
		inode, ok := ParseNamespace(string(target))
		if !ok {
			continue
		}
		if i, known := byLink[inode]; known {
			found[i].pids[1] = pid
			continue
		}
		byLink[inode] = len(found)
		found = append(found, Namespace{Inode: inode, pids: [2]int64{pid, pid}})
	}
	found = p.addUnreadable(found, unreadable)
	if len(found) == 0 {
		found = []Namespace{{}}
	}
	found[0].first = true
	return found, nil
}

// addUnreadable adds those namespaces whose only processes are not ours to look into. It costs a look-up a process and is
// only done where there are such.
func (p *Proc) addUnreadable(found []Namespace, pids []int64) []Namespace {
	if len(pids) == 0 {
		return found
	}
	known := map[uint64]bool{}
	for _, n := range found {
		if table, ok := p.tableInode(n.pids[0]); ok {
			known[table] = true
		}
	}
	for _, pid := range pids {
		if table, ok := p.tableInode(pid); ok && !known[table] {
			known[table] = true
			found = append(found, Namespace{pids: [2]int64{pid, pid}})
		}
	}
	return found
}

// tableInode gives the inode number of a process's list of network devices, which each namespace has.
func (p *Proc) tableInode(pid int64) (uint64, bool) {
	var stat unix.Stat_t
	err := unix.Fstatat(p.dir, pidPath(pid, "/net/dev"), &stat, unix.AT_SYMLINK_NOFOLLOW)
	return stat.Ino, err == nil
}

// sockets calls visit for each socket of a namespace; visit must not keep the pointer.
func (p *Proc) sockets(ctx context.Context, n Namespace, visit func(*Socket)) error {
	dir, ok := p.openNet(n)
	if !ok {
		return nil // its processes have gone, and the namespace with them
	}
	defer unix.Close(dir)
	var socket Socket
	for _, file := range socketFiles {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := p.lines(dir, file.name, func(line []byte) error {
			socket = Socket{Namespace: n.Inode, Family: file.family, Protocol: file.protocol}
			if file.parse(line, &socket) {
				visit(&socket)
			}
			return nil
		})
		if err != nil && err != unix.ENOENT {
			p.log.DebugContext(ctx, "table of sockets left out", "file", file.name, "err", err)
		}
	}
	return nil
}

// openNet opens the directory with a namespace's tables.
func (p *Proc) openNet(n Namespace) (int, bool) {
	for _, pid := range n.pids {
		if pid == 0 {
			continue
		}
		if dir, err := openat(p.dir, pidPath(pid, "/net"), unix.O_DIRECTORY); err == nil {
			return dir, true
		}
	}
	if !n.first {
		return -1, false
	}
	// The kernel's /proc/net is a link to our own namespace and is not followed; in a fixture it is a directory.
	dir, err := openat(p.dir, "net", unix.O_DIRECTORY)
	return dir, err == nil
}

// AllSockets gives the sockets of the network namespaces of processes that keep says to keep.
func (p *Proc) AllSockets(ctx context.Context, pids []int64, keep func(*Socket) bool) ([]Socket, error) {
	namespaces, err := p.Namespaces(ctx, pids)
	if err != nil {
		return nil, err
	}
	var sockets []Socket
	for _, n := range namespaces {
		err := p.sockets(ctx, n, func(s *Socket) {
			if keep(s) {
				sockets = append(sockets, *s)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return sockets, nil
}

// Holder is a process's descriptor of a socket.
type Holder struct {
	PID, FD int64
}

// errAllFound ends a search.
var errAllFound = errors.New("all sockets are found")

// Holders gives for each of the wanted sockets the first process that has it, the lowest number first. It looks only as
// far as needed to find all.
func (p *Proc) Holders(ctx context.Context, pids []int64, wanted map[uint64]Holder) error {
	missing := len(wanted)
	if missing == 0 {
		return nil
	}
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return err
		}
		// Any other error: the process has ended, or is another user's.
		err := p.Descriptors(pid, func(fd int64, target []byte) error {
			inode, ok := ParseSocket(target)
			if !ok {
				return nil
			}
			if holder, ok := wanted[inode]; ok && holder.PID == 0 {
				wanted[inode] = Holder{PID: pid, FD: fd}
				if missing--; missing == 0 {
					return errAllFound
				}
			}
			return nil
		})
		if errors.Is(err, errAllFound) {
			return nil
		}
	}
	return nil
}
