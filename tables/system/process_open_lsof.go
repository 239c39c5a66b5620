package system

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/lsof"
)

func generateDarwinProcessOpenFiles(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processOpenFile) error) error {
	pids, byPID := q.EqualInt("pid")
	if byPID && len(pids) == 0 {
		return nil
	}
	files, err := lsof.Files(ctx, host, pids)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name, "/") || f.Type == "unix" {
			continue
		}
		if err := emit(&processOpenFile{PID: f.PID, FD: f.FD, Path: f.Name}); err != nil {
			return err
		}
	}
	return nil
}

func generateDarwinProcessOpenSockets(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processOpenSocket) error) error {
	sockets, err := lsof.Sockets(ctx, host)
	if err != nil {
		return err
	}
	pids, byPID := q.EqualInt("pid")
	for _, s := range sockets {
		if byPID && !slices.Contains(pids, s.PID) {
			continue
		}
		row := processOpenSocket{
			PID: s.PID, FD: s.FD, Socket: s.ID, Family: s.Family, Protocol: s.Protocol, LocalAddress: s.Local, RemoteAddress: s.Remote,
			LocalPort: s.LocalPort, RemotePort: s.RemotePort, Path: s.Path, State: s.State,
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
