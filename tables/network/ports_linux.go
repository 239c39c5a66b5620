package network

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

func generatePorts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*portRow) error) error {
	proc, err := procfs.Open(host)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer proc.Close()
	pids, err := proc.PIDs()
	if err != nil {
		return err
	}
	sockets, err := proc.AllSockets(ctx, pids, func(s *procfs.Socket) bool { return s.Family == procfs.FamilyIPv4 || s.Family == procfs.FamilyIPv6 })
	if err != nil {
		return err
	}
	owners, err := socketOwners(ctx, proc, pids, sockets, q)
	if err != nil {
		return err
	}
	listening := map[listeningKey]bool{}
	for i := range sockets {
		if s := &sockets[i]; s.RemotePort == 0 {
			listening[listeningKey{s.Namespace, s.Protocol, s.LocalPort}] = true
		}
	}
	for i := range sockets {
		if err := ctx.Err(); err != nil {
			return err
		}
		s := &sockets[i]
		row := describePort(s)
		if s.RemotePort != 0 && listening[listeningKey{s.Namespace, s.Protocol, s.LocalPort}] {
			row.Direction = "inbound"
			row.Service, _ = portService(row.Protocol, s.LocalPort, row.Exposure)
		}
		if owner, ok := owners[s.Inode]; ok {
			row.PID, row.ProcessName, row.ProcessPath, row.UID = owner.PID, owner.ProcessName, owner.ProcessPath, owner.UID
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// listeningKey finds whether a port of a namespace has a listener.
type listeningKey struct {
	namespace uint64
	protocol  int32
	port      uint16
}

// describePort fills in what the socket itself tells.
func describePort(s *procfs.Socket) portRow {
	row := portRow{
		Protocol: portProtocol(s.Protocol), Family: 4, Direction: "listening", Address: s.Local.String(), Port: int32(s.LocalPort), State: s.State, Risk: riskLevels[0],
	}
	if s.Family == procfs.FamilyIPv6 {
		row.Family = 6
	}
	if s.Namespace != 0 {
		row.NetNamespace = tables.Some(strconv.FormatUint(s.Namespace, 10))
	}
	if s.RemotePort == 0 {
		row.Exposure = exposureOf(s.Local)
		row.Service, row.Risk = portService(row.Protocol, s.LocalPort, row.Exposure)
		return row
	}
	row.Direction, row.Exposure = "outbound", exposureOf(s.Remote)
	row.RemoteAddress, row.RemotePort = tables.Some(s.Remote.String()), tables.Some(int64(s.RemotePort))
	row.Service, _ = portService(row.Protocol, s.RemotePort, row.Exposure)
	return row
}

func portProtocol(number int32) string {
	switch number {
	case procfs.ProtocolTCP:
		return "tcp"
	case procfs.ProtocolUDP:
		return "udp"
	case procfs.ProtocolUDPLite:
		return "udplite"
	case procfs.ProtocolICMP, procfs.ProtocolICMPv6:
		return "icmp"
	default:
		return "raw"
	}
}

// socketOwners gives the facts on the process of each socket, as far as the statement wants them.
func socketOwners(ctx context.Context, proc *procfs.Proc, pids []int64, sockets []procfs.Socket, q *tables.Query) (map[uint64]portRow, error) {
	wantsName, wantsPath, wantsUID := q.Wants("process_name"), q.Wants("process_path"), q.Wants("uid")
	if !wantsName && !wantsPath && !wantsUID && !q.Wants("pid") {
		return nil, nil
	}
	holders := map[uint64]procfs.Holder{}
	for i := range sockets {
		if inode := sockets[i].Inode; inode != 0 {
			holders[inode] = procfs.Holder{}
		}
	}
	if err := proc.Holders(ctx, pids, holders); err != nil {
		return nil, err
	}
	byPID := map[int64]portRow{}
	owners := make(map[uint64]portRow, len(holders))
	for inode, holder := range holders {
		if holder.PID == 0 {
			continue
		}
		facts, known := byPID[holder.PID]
		if !known {
			facts = portRow{PID: tables.Some(holder.PID)}
			if wantsName || wantsPath || wantsUID {
				fillPortOwner(proc, &facts)
			}
			byPID[holder.PID] = facts
		}
		owners[inode] = facts
	}
	return owners, nil
}

// fillPortOwner reads what a process's directory tells; one that has ended leaves its number only.
func fillPortOwner(proc *procfs.Proc, row *portRow) {
	process, err := proc.Process(row.PID.V)
	if err != nil {
		return
	}
	defer process.Close()
	if target, err := process.Link("exe"); err == nil {
		row.ProcessPath = tables.Some(strings.TrimSuffix(target, " (deleted)"))
	}
	status, err := process.Read("status")
	if err != nil {
		return
	}
	for line := range bytes.Lines(status) {
		key, value, _ := bytes.Cut(line, []byte{':'})
		switch string(key) {
		case "Name":
			row.ProcessName = tables.Some(string(bytes.TrimSpace(value)))
		case "Uid":
			if uid, ok := procfs.ParseInt(value); ok {
				row.UID = tables.Some(uid)
			}
			return
		}
	}
}
