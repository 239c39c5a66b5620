package network

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/winsock"
)

// generateListeningPorts emits TCP sockets that listen, and all UDP sockets, which wait by nature.
func generateListeningPorts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*listeningPort) error) error {
	if !host.Live() {
		return nil
	}
	sockets, err := tables.Cached(q.Cache(), "winsock", winsock.All)
	if err != nil {
		return err
	}
	for i := range sockets {
		s := &sockets[i]
		if s.Protocol == winsock.TCP && s.State != winsock.Listen {
			continue
		}
		row := listeningPort{
			PID: int64(s.PID), FD: -1, Port: int32(s.Local.Port()), Protocol: s.Protocol, Family: s.Family, Address: tables.Some(s.Local.Addr().String()),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}
