package threat

import "github.com/tenantra/tenantra/tables"

// backgroundActivity is the last run of one program by one user.
type backgroundActivity struct {
	Path              string `col:"path" doc:"Program, by device path or the name of an application package."`
	LastExecutionTime int64  `col:"last_execution_time" doc:"When it ran last, in Unix seconds."`
	SID               string `col:"sid" class:"personal" doc:"Security identifier of the user."`
}

// BackgroundActivitiesModerator has a row for each program and user.
// Source: the service bam's UserSettings in HKEY_LOCAL_MACHINE\SYSTEM.
var BackgroundActivitiesModerator = tables.DefineByPlatform(tables.Spec{
	Name: "background_activities_moderator", Doc: "Programs that users ran lately, as Windows records them to limit background activity.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT path, datetime(last_execution_time, 'unixepoch') FROM background_activities_moderator"},
}, tables.Generators[backgroundActivity]{})
