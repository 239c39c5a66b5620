package identity

import (
	"github.com/tenantra/tenantra/tables"
)

// lastLogin is the beginning or the end of a session.
type lastLogin struct {
	Username string `col:"username" class:"personal" doc:"Login name; empty at the end of some sessions."`
	TTY      string `col:"tty" doc:"Terminal of the session."`
	PID      int32  `col:"pid" doc:"Process that opened the session."`
	Type     int32  `col:"type" doc:"Record type: 7 for a login, 8 for a logout."`
	TypeName string `col:"type_name" doc:"Record type by name: user-process or dead-process."`
	Time     int64  `col:"time" type:"INTEGER" doc:"When, in Unix seconds."`
	Host     string `col:"host" class:"personal" doc:"Where a remote login came from."`
}

// Last has a row for each login and logout on record, oldest first.
// Source: wtmp(5) on Linux.
var Last = tables.Define[lastLogin](tables.Spec{
	Name: "last", Doc: "Past logins and logouts.",
	Category: tables.Identity, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT username, host, max(time) AS latest FROM last WHERE type = 7 GROUP BY username, host"},
}, generateLast)
