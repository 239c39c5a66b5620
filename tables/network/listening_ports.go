package network

import "github.com/tenantra/tenantra/tables"

// listeningPort is one socket that waits for others.
type listeningPort struct {
	PID          int64               `col:"pid" type:"INTEGER" doc:"Process that has it, the lowest number where several share it; -1 where none is known."`
	Port         int32               `col:"port" doc:"Port; 0 for Unix and packet sockets."`
	Protocol     int32               `col:"protocol" doc:"Protocol: 6 TCP, 17 UDP, 1 ICMP, 255 raw; of a packet socket the Ethernet type."`
	Family       int32               `col:"family" doc:"Address family: 1 Unix, 2 IPv4, 10 IPv6, 17 packet."`
	Address      tables.Null[string] `col:"address" doc:"Address that it is bound to; 0.0.0.0 or :: for all."`
	FD           int64               `col:"fd" doc:"Descriptor's number within the process; -1 where none is known."`
	Socket       int64               `col:"socket" doc:"Inode number of the socket."`
	Path         tables.Null[string] `col:"path" doc:"Path or @ and abstract name of a Unix socket."`
	NetNamespace tables.Null[string] `col:"net_namespace" os:"linux" doc:"Inode number of the network namespace."`
}

// ListeningPorts has one row for each socket bound and not connected, in all network namespaces: TCP that listens, UDP and
// raw without a peer, Unix sockets with a name and packet sockets. The ends of accepted Unix connections, which carry the
// listener's name too, are not among them.
// Source: /proc/PID/net and /proc/PID/fd on Linux, proc(5).
var ListeningPorts = tables.DefineByPlatform(tables.Spec{
	Name: "listening_ports", Doc: "Sockets that wait for connections or packets, and the processes that have them.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT p.name, l.address, l.port FROM listening_ports l JOIN processes p USING (pid) WHERE l.port != 0 AND l.address NOT IN ('127.0.0.1', '::1')",
		"SELECT pid, port FROM listening_ports WHERE protocol = 6 AND port < 1024",
	},
}, tables.Generators[listeningPort]{Darwin: generateDarwinListeningPorts}.OnBuild(generateListeningPorts))
