package system

import (
	"context"
	"slices"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// socketTable is all sockets of the machine, read once in a statement.
type socketTable struct {
	sockets []procfs.Socket
	byInode map[uint64]*procfs.Socket
}

type socketTableKey struct{}

func readSocketTable(ctx context.Context, proc *procfs.Proc, q *tables.Query) (*socketTable, error) {
	return tables.Cached(q.Cache(), socketTableKey{}, func() (*socketTable, error) {
		pids, err := proc.PIDs()
		if err != nil {
			return nil, err
		}
		sockets, err := proc.AllSockets(ctx, pids, func(*procfs.Socket) bool { return true })
		if err != nil {
			return nil, err
		}
		t := &socketTable{sockets: sockets, byInode: make(map[uint64]*procfs.Socket, len(sockets))}
		for i := range sockets {
			if sockets[i].Inode != 0 {
				t.byInode[sockets[i].Inode] = &sockets[i]
			}
		}
		return t, nil
	})
}

func generateProcessOpenSockets(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processOpenSocket) error) error {
	proc, err := procfs.Open(host)
	if err != nil {
		return absent(err)
	}
	defer proc.Close()
	table, err := readSocketTable(ctx, proc, q)
	if err != nil {
		return err
	}
	rows := socketRows{
		addresses: q.WantsAny("local_address", "remote_address"), namespace: q.Wants("net_namespace"), emit: emit,
	}
	pids, constrained := q.EqualInt("pid")
	const nobody = -1
	all := !constrained || slices.Contains(pids, nobody)
	if all {
		if pids, err = proc.PIDs(); err != nil {
			return err
		}
	} else {
		pids = proc.Selected(pids)
	}
	held := map[uint64]bool{}
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := rows.ofProcess(proc, pid, table, held); err != nil {
			return err
		}
	}
	if !all {
		return nil
	}
	for i := range table.sockets {
		if s := &table.sockets[i]; !held[s.Inode] {
			if err := rows.write(s, nobody, nobody); err != nil {
				return err
			}
		}
	}
	return nil
}

type socketRows struct {
	addresses, namespace bool
	row                  processOpenSocket
	emit                 func(*processOpenSocket) error
}

// ofProcess writes the sockets of a process and notes them as held.
func (r *socketRows) ofProcess(proc *procfs.Proc, pid int64, table *socketTable, held map[uint64]bool) error {
	var stop error
	_ = proc.Descriptors(pid, func(fd int64, target []byte) error { // fails where the process is gone or another user's
		inode, ok := procfs.ParseSocket(target)
		if !ok {
			return nil
		}
		if s := table.byInode[inode]; s != nil {
			held[inode] = true
			stop = r.write(s, pid, fd)
		}
		return stop
	})
	return stop
}

func (r *socketRows) write(s *procfs.Socket, pid, fd int64) error {
	r.row = processOpenSocket{
		PID: pid, FD: fd, Socket: int64(s.Inode), Family: s.Family, Protocol: s.Protocol,
		LocalPort: int32(s.LocalPort), RemotePort: int32(s.RemotePort), Path: s.Path, State: s.State,
	}
	if r.addresses && s.Local.IsValid() {
		r.row.LocalAddress, r.row.RemoteAddress = s.Local.String(), s.Remote.String()
	}
	if r.namespace && s.Namespace != 0 {
		r.row.NetNamespace = tables.Some(strconv.FormatUint(s.Namespace, 10))
	}
	return r.emit(&r.row)
}
