package network

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

func generateTLSListeners(ctx context.Context, host tables.Host, q *tables.Query, emit func(*tlsListener) error) error {
	if !sharesNetwork(host) {
		return nil
	}
	wanted, constrained := q.EqualInt("port")
	ports, err := loopbackPorts(ctx, host)
	if err != nil {
		return err
	}
	ports = slices.DeleteFunc(ports, func(p loopbackPort) bool {
		return isPrinter(p.port) || constrained && !slices.Contains(wanted, int64(p.port))
	})
	return shakeHands(ctx, host, ports[:min(len(ports), tlsListenersMax)], emit)
}

// loopbackPorts lists the TCP ports of the agent's own network namespace that loopback reaches. Ports of another namespace
// would be looked for in the wrong one.
func loopbackPorts(ctx context.Context, host tables.Host) ([]loopbackPort, error) {
	proc, err := procfs.Open(host)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	target, err := host.Readlink("/proc/self/ns/net")
	if err != nil {
		return nil, err
	}
	own, _ := procfs.ParseNamespace(target)
	pids, err := proc.PIDs()
	if err != nil {
		return nil, err
	}
	sockets, err := proc.AllSockets(ctx, pids, func(s *procfs.Socket) bool {
		return s.Protocol == procfs.ProtocolTCP && s.State == "LISTEN" && (s.Namespace == own || s.Namespace == 0)
	})
	if err != nil {
		return nil, err
	}
	var ports []loopbackPort
	seen := map[uint16]bool{}
	for i := range sockets {
		s := &sockets[i]
		local := s.Local.Unmap()
		p := loopbackPort{address: "127.0.0.1", port: s.LocalPort}
		switch {
		case local.IsLoopback():
			p.address = local.String()
		case !local.IsUnspecified():
			continue
		case local.Is6():
			p.address = "::1"
		}
		if !seen[p.port] {
			seen[p.port] = true
			ports = append(ports, p)
		}
	}
	slices.SortFunc(ports, func(a, b loopbackPort) int { return cmp.Compare(a.port, b.port) })
	return ports, nil
}
