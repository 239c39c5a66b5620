package services

import "github.com/tenantra/tenantra/tables"

// autoexecEntry is one program that starts by itself.
type autoexecEntry struct {
	Path   string `col:"path" opt:"index" doc:"Path of the program, as its source holds it."`
	Name   string `col:"name" doc:"Name of the entry."`
	Source string `col:"source" doc:"Table that lists it in full."`
}

// Autoexec has a row for each program that services, scheduled_tasks, drivers and startup_items name.
var Autoexec = tables.DefineByPlatform(tables.Spec{
	Name: "autoexec", Doc: "Programs that start by themselves: drivers, services, tasks and start-up entries.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT path, name, source FROM autoexec WHERE source = 'startup_items'"},
}, tables.Generators[autoexecEntry]{})
