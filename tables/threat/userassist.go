package threat

import "github.com/tenantra/tenantra/tables"

// userassistEntry is one program that a user started.
type userassistEntry struct {
	Path              string `col:"path" doc:"Program."`
	LastExecutionTime int64  `col:"last_execution_time" doc:"When it was started last, in Unix seconds."`
	Count             int32  `col:"count" doc:"How often it was started."`
	SID               string `col:"sid" class:"personal" doc:"Security identifier of the user."`
}

// Userassist has a row for each program and user.
// Source: Explorer\UserAssist in HKEY_USERS.
var Userassist = tables.DefineByPlatform(tables.Spec{
	Name: "userassist", Doc: "Programs that users started from the desktop.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT path, count, datetime(last_execution_time, 'unixepoch') FROM userassist"},
}, tables.Generators[userassistEntry]{})
