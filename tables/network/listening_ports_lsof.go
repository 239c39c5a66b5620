package network

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/lsof"
)

// generateDarwinListeningPorts shows TCP sockets that listen, UDP sockets without another end, and Unix sockets with a path.
func generateDarwinListeningPorts(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*listeningPort) error) error {
	sockets, err := lsof.Sockets(ctx, host)
	if err != nil {
		return err
	}
	const tcp, udp, unix = 6, 17, 1
	for _, s := range sockets {
		listens := s.Protocol == tcp && s.State == "LISTEN" || s.Protocol == udp && s.RemotePort == 0 || s.Family == unix && s.Path != ""
		if !listens {
			continue
		}
		row := listeningPort{PID: s.PID, Port: s.LocalPort, Protocol: s.Protocol, Family: s.Family, Address: tables.Some(s.Local), FD: s.FD, Socket: s.ID, Path: tables.Some(s.Path)}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
