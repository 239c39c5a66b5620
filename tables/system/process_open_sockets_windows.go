package system

import (
	"context"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/winsock"
)

func generateProcessOpenSockets(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processOpenSocket) error) error {
	if !host.Live() {
		return nil
	}
	sockets, err := tables.Cached(q.Cache(), "winsock", winsock.All)
	if err != nil {
		return err
	}
	pids, constrained := q.EqualInt("pid")
	for i := range sockets {
		s := &sockets[i]
		if constrained && !slices.Contains(pids, int64(s.PID)) {
			continue
		}
		row := processOpenSocket{
			PID: int64(s.PID), FD: -1, Family: s.Family, Protocol: s.Protocol, State: s.State,
			LocalAddress: s.Local.Addr().String(), LocalPort: int32(s.Local.Port()),
		}
		if s.Remote.IsValid() {
			row.RemoteAddress, row.RemotePort = s.Remote.Addr().String(), int32(s.Remote.Port())
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}
