package network

import (
	"context"
	"errors"
	"io/fs"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// listeners are the sockets that wait and who has them, read once in a statement: as the inner side of a join the table
// is asked for again with each row of the outer one.
type listeners struct {
	sockets []procfs.Socket
	holders map[uint64]procfs.Holder // nil where no column needs them
}

type listenersKey struct{ holders bool }

func generateListeningPorts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*listeningPort) error) error {
	key := listenersKey{holders: q.WantsAny("pid", "fd")}
	found, err := tables.Cached(q.Cache(), key, func() (*listeners, error) { return findListeners(ctx, host, key.holders) })
	if err != nil {
		return err
	}
	wantsAddress, wantsNamespace := q.Wants("address"), q.Wants("net_namespace")
	for i := range found.sockets {
		s := &found.sockets[i]
		holder := found.holders[s.Inode]
		if holder.PID == 0 {
			holder = procfs.Holder{PID: -1, FD: -1}
		}
		row := listeningPort{
			PID: holder.PID, FD: holder.FD, Port: int32(s.LocalPort), Protocol: s.Protocol, Family: s.Family, Socket: int64(s.Inode),
		}
		switch {
		case s.Family == procfs.FamilyUnix:
			row.Path = tables.Some(s.Path)
		case wantsAddress && s.Local.IsValid():
			row.Address = tables.Some(s.Local.String())
		}
		if wantsNamespace && s.Namespace != 0 {
			row.NetNamespace = tables.Some(strconv.FormatUint(s.Namespace, 10))
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func findListeners(ctx context.Context, host tables.Host, withHolders bool) (*listeners, error) {
	proc, err := procfs.Open(host)
	if errors.Is(err, fs.ErrNotExist) {
		return &listeners{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	pids, err := proc.PIDs()
	if err != nil {
		return nil, err
	}
	sockets, err := proc.AllSockets(ctx, pids, listens)
	if err != nil || !withHolders {
		return &listeners{sockets: sockets}, err
	}
	holders := make(map[uint64]procfs.Holder, len(sockets))
	for i := range sockets {
		if inode := sockets[i].Inode; inode != 0 {
			holders[inode] = procfs.Holder{}
		}
	}
	return &listeners{sockets: sockets, holders: holders}, proc.Holders(ctx, pids, holders)
}

// listens tells whether a socket waits for others.
func listens(s *procfs.Socket) bool {
	switch s.Family {
	case procfs.FamilyUnix:
		return s.Path != "" && !s.Connected
	case procfs.FamilyIPv4, procfs.FamilyIPv6:
		return s.RemotePort == 0
	default:
		return true
	}
}
