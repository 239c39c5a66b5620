package network

import (
	"net/netip"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/outbound"
)

// portRow is one socket of the Internet protocols with its process and how far it can be reached.
type portRow struct {
	Protocol      string              `col:"protocol" doc:"tcp, udp, udplite, icmp or raw."`
	Family        int32               `col:"family" doc:"4 or 6: version of the Internet protocol."`
	Direction     string              `col:"direction" doc:"listening, inbound for a connection to one of the machine's own listening ports, or outbound."`
	Address       string              `col:"address" doc:"Address of this end; 0.0.0.0 or :: for all."`
	Port          int32               `col:"port" doc:"Port of this end."`
	RemoteAddress tables.Null[string] `col:"remote_address" doc:"Address of the other end; NULL for one that listens."`
	RemotePort    tables.Null[int64]  `col:"remote_port" type:"INTEGER" doc:"Port of the other end; NULL for one that listens."`
	State         string              `col:"state" doc:"State of a TCP connection: LISTEN, ESTABLISHED, TIME_WAIT and so on; empty for other protocols."`
	Service       string              `col:"service" doc:"What usually runs on the port: ssh, postgresql; empty where that is not known here."`
	Exposure      string              `col:"exposure" doc:"How far it reaches: local, private, public, or all for a listener on all addresses."`
	Risk          string              `col:"risk" doc:"Risk of a listener by service and exposure: none, low, medium, high or critical; none for a connection."`
	PID           tables.Null[int64]  `col:"pid" type:"INTEGER" doc:"Process that has it, the lowest number where several share it; NULL where none is known."`
	ProcessName   tables.Null[string] `col:"process_name" doc:"Name of the process."`
	ProcessPath   tables.Null[string] `col:"process_path" doc:"Program of the process."`
	UID           tables.Null[int64]  `col:"uid" doc:"User who owns the process."`
	NetNamespace  tables.Null[string] `col:"net_namespace" os:"linux" doc:"Inode number of the network namespace."`
}

// Ports has a row for each TCP, UDP and raw socket of all network namespaces.
// Source: as listening_ports and process_open_sockets.
var Ports = tables.DefineByPlatform(tables.Spec{
	Name: "ports", Doc: "Sockets of the Internet protocols with their processes, how far they reach, and the risk of those that listen.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT port, service, exposure, risk, process_name FROM ports WHERE direction = 'listening' AND risk IN ('high', 'critical')",
		"SELECT process_name, remote_address, remote_port FROM ports WHERE direction = 'outbound' AND exposure = 'public'",
	},
}, tables.Generators[portRow]{Linux: generatePorts})

// riskLevels in rising order.
var riskLevels = [...]string{"none", "low", "medium", "high", "critical"}

// knownPort is a service with the risk of offering it to everyone, as a place in riskLevels.
type knownPort struct {
	service string
	risk    int
}

// knownPorts are by protocol and port. Critical are those that give rights to whoever connects; high those that send passwords in
// the clear or hold data and often ask for none, and remote control that is guessed at all day; medium what tells of the
// machine or belongs inside; low what is made to be offered.
var knownPorts = map[string]knownPort{
	"tcp/21": {"ftp", 3}, "tcp/22": {"ssh", 1}, "tcp/23": {"telnet", 4}, "tcp/25": {"smtp", 1}, "tcp/53": {"dns", 1}, "udp/53": {"dns", 1},
	"udp/69": {"tftp", 3}, "tcp/80": {"http", 1}, "tcp/110": {"pop3", 2}, "tcp/111": {"rpcbind", 2}, "udp/111": {"rpcbind", 2}, "udp/123": {"ntp", 1},
	"tcp/135": {"msrpc", 3}, "udp/137": {"netbios-ns", 2}, "tcp/139": {"netbios-ssn", 3}, "tcp/143": {"imap", 2}, "udp/161": {"snmp", 3}, "tcp/389": {"ldap", 2},
	"tcp/443": {"https", 1}, "udp/443": {"http3", 1}, "tcp/445": {"smb", 3}, "tcp/512": {"rexec", 4}, "tcp/513": {"rlogin", 4}, "tcp/514": {"rsh", 4},
	"udp/514": {"syslog", 2}, "tcp/587": {"submission", 1}, "tcp/631": {"ipp", 2}, "tcp/636": {"ldaps", 1}, "tcp/873": {"rsync", 3}, "tcp/993": {"imaps", 1},
	"tcp/995": {"pop3s", 1}, "tcp/1433": {"mssql", 3}, "udp/1434": {"mssql-browser", 3}, "tcp/1521": {"oracle", 3}, "tcp/1723": {"pptp", 3}, "udp/1900": {"ssdp", 2},
	"tcp/2049": {"nfs", 3}, "tcp/2181": {"zookeeper", 3}, "tcp/2375": {"docker", 4}, "tcp/2376": {"docker-tls", 2}, "tcp/2379": {"etcd", 4},
	"tcp/3306": {"mysql", 3}, "tcp/3389": {"rdp", 3}, "tcp/4444": {"metasploit", 3}, "tcp/5005": {"jdwp", 4}, "udp/5353": {"mdns", 1}, "tcp/5432": {"postgresql", 3},
	"tcp/5555": {"adb", 4}, "tcp/5900": {"vnc", 3}, "tcp/5985": {"winrm", 3}, "tcp/5986": {"winrm-tls", 2}, "tcp/6000": {"x11", 4}, "tcp/6379": {"redis", 4},
	"tcp/6443": {"kubernetes", 2}, "tcp/8086": {"influxdb", 3}, "tcp/8443": {"https-alt", 1}, "tcp/9000": {"php-fpm", 3}, "tcp/9042": {"cassandra", 3},
	"tcp/9092": {"kafka", 3}, "tcp/9200": {"elasticsearch", 4}, "tcp/9300": {"elasticsearch-cluster", 3}, "tcp/10250": {"kubelet", 3}, "tcp/10255": {"kubelet-readonly", 3},
	"tcp/11211": {"memcached", 4}, "udp/11211": {"memcached", 4}, "tcp/15672": {"rabbitmq-management", 3}, "tcp/27017": {"mongodb", 4}, "tcp/50070": {"hdfs", 3},
}

// exposureOf tells how far an address reaches: that a listener is bound to, or that is at the other end.
func exposureOf(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	switch {
	case address.IsUnspecified():
		return "all"
	case address.IsLoopback():
		return "local"
	case outbound.IsPublic(address):
		return "public"
	default:
		return "private"
	}
}

// portService names the usual service of a port, and says how risky it is to let the exposure reach it. What is not known is a
// little risky to the world; what only private addresses reach is one level below, and the machine itself is no risk.
func portService(protocol string, port uint16, exposure string) (service, risk string) {
	known, ok := knownPorts[protocol+"/"+strconv.Itoa(int(port))]
	if !ok {
		known.risk = 1
	}
	level := known.risk
	switch exposure {
	case "local":
		level = 0
	case "private":
		level = max(level-1, 0)
	}
	return known.service, riskLevels[level]
}
