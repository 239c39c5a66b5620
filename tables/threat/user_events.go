package threat

import "github.com/tenantra/tenantra/tables"

// UserEvent is one log-in, log-out or check of a credential.
type UserEvent struct {
	UID      int64              `col:"uid" doc:"User of the process that reported it."`
	AUID     tables.Null[int64] `col:"auid" doc:"User who logged in, whoever they have become since."`
	PID      int64              `col:"pid" doc:"Process number."`
	Message  string             `col:"message" class:"personal" doc:"What was reported: operation, account, result."`
	Type     int32              `col:"type" doc:"Type of the audit record: 1100 authentication, 1105 session opened, 1112 log-in."`
	Path     string             `col:"path" doc:"Program that reported it."`
	Address  string             `col:"address" class:"personal" doc:"Address that the user came from."`
	Terminal string             `col:"terminal" doc:"Terminal of the session."`
	Time     int64              `col:"time" opt:"additional" doc:"When it happened, in Unix seconds."`
	Uptime   int64              `col:"uptime" doc:"When it happened, in seconds since boot."`
	EID      string             `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// UserEvents has a row for each record of an account while the agent watched.
var UserEvents = tables.DefineByPlatform(tables.Spec{
	Name: "user_events", Doc: "Log-ins, log-outs and checks of credentials.",
	Category: tables.Threat, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT datetime(time, 'unixepoch') AS at, auid, message, address FROM user_events WHERE type = 1112"},
}, recorded("user_events", func(r *UserEvent, id string) { r.EID = id }))
