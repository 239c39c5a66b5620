package system

import "github.com/tenantra/tenantra/tables"

// processOpenSocket is one socket, once for each descriptor of it.
type processOpenSocket struct {
	PID           int64               `col:"pid" type:"INTEGER" opt:"additional" doc:"Process number; -1 where no process is known to have it."`
	FD            int64               `col:"fd" doc:"Descriptor's number within the process; -1 where none is known."`
	Socket        int64               `col:"socket" doc:"Inode number of the socket; 0 where no process has it any more."`
	Family        int32               `col:"family" doc:"Address family: 1 Unix, 2 IPv4, 10 IPv6, 17 packet."`
	Protocol      int32               `col:"protocol" doc:"Protocol: 6 TCP, 17 UDP, 1 ICMP, 255 raw; of a packet socket the Ethernet type."`
	LocalAddress  string              `col:"local_address" doc:"Address of this end."`
	RemoteAddress string              `col:"remote_address" doc:"Address of the other end; 0.0.0.0 or :: where there is none."`
	LocalPort     int32               `col:"local_port" doc:"Port of this end."`
	RemotePort    int32               `col:"remote_port" doc:"Port of the other end; 0 where there is none."`
	Path          string              `col:"path" doc:"Path or @ and abstract name of a Unix socket."`
	State         string              `col:"state" doc:"State of a TCP socket, as LISTEN or ESTABLISHED."`
	NetNamespace  tables.Null[string] `col:"net_namespace" os:"linux" doc:"Inode number of the network namespace."`
}

// ProcessOpenSockets has one row for each socket and descriptor of it, in all network namespaces, and one for each socket
// that no process has or whose process may not be looked into.
// Source: /proc/PID/net and /proc/PID/fd on Linux, proc(5).
var ProcessOpenSockets = tables.DefineByPlatform(tables.Spec{
	Name: "process_open_sockets", Doc: "Sockets and the processes that have them.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT p.name, s.remote_address, s.remote_port FROM process_open_sockets s JOIN processes p USING (pid) WHERE s.remote_port != 0",
		"SELECT state, count(*) FROM process_open_sockets WHERE protocol = 6 GROUP BY state",
	},
}, tables.Generators[processOpenSocket]{Darwin: generateDarwinProcessOpenSockets}.OnBuild(generateProcessOpenSockets))
