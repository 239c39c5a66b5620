package threat

import "github.com/tenantra/tenantra/tables"

// SocketEvent is one connection, or one socket that began to wait.
type SocketEvent struct {
	Action        string              `col:"action" doc:"connect, bind or accept."`
	PID           int64               `col:"pid" doc:"Process number."`
	Path          string              `col:"path" doc:"Program of the process."`
	FD            string              `col:"fd" doc:"Descriptor of the socket."`
	AUID          tables.Null[int64]  `col:"auid" doc:"User who logged in, whoever they have become since."`
	Family        int32               `col:"family" doc:"Address family: 1 Unix, 2 IPv4, 10 IPv6."`
	Protocol      int32               `col:"protocol" opt:"hidden" doc:"Protocol; 0 where unknown."`
	LocalAddress  string              `col:"local_address" doc:"Address of this end."`
	RemoteAddress string              `col:"remote_address" doc:"Address of the other end."`
	LocalPort     int32               `col:"local_port" doc:"Port of this end."`
	RemotePort    int32               `col:"remote_port" doc:"Port of the other end."`
	Socket        string              `col:"socket" opt:"hidden" doc:"Path of a Unix socket."`
	Time          int64               `col:"time" opt:"additional" doc:"When it happened, in Unix seconds."`
	Uptime        int64               `col:"uptime" doc:"When it happened, in seconds since boot."`
	EID           string              `col:"eid" opt:"hidden" doc:"Identifier of the event."`
	Success       int32               `col:"success" opt:"hidden" doc:"1 where the call succeeded; status says more."`
	Status        tables.Null[string] `col:"status" os:"linux" doc:"How the call ended: succeeded, failed, in_progress, no_client."`
}

// SocketEvents has a row for each connection made or taken while the agent watched.
var SocketEvents = tables.DefineByPlatform(tables.Spec{
	Name: "socket_events", Doc: "Connections that processes made or took.",
	Category: tables.Threat, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT path, remote_address, remote_port FROM socket_events WHERE action = 'connect' AND remote_port NOT IN (80, 443)"},
}, recorded("socket_events", func(r *SocketEvent, id string) { r.EID = id }))
