package kernel

import "github.com/tenantra/tenantra/tables"

// winbaseobj is one named object of a session.
type winbaseobj struct {
	SessionID  int32  `col:"session_id" doc:"Terminal session."`
	ObjectName string `col:"object_name" doc:"Name of the object."`
	ObjectType string `col:"object_type" doc:"Type of the object: Event, Mutant, Section, Semaphore and others."`
}

// Winbaseobj has a row for each object below \Sessions\…\BaseNamedObjects.
// Source: NtOpenDirectoryObject and NtQueryDirectoryObject.
var Winbaseobj = tables.Define[winbaseobj](tables.Spec{
	Name: "winbaseobj", Doc: "Named objects of the sessions.",
	Category: tables.Kernel, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT session_id, object_name FROM winbaseobj WHERE object_type = 'Mutant'"},
}, generateWinbaseobj)
