package system

import "github.com/tenantra/tenantra/tables"

// processOpenHandle is one handle of a process.
type processOpenHandle struct {
	PID             int64               `col:"pid" opt:"required,index" doc:"Process that holds it."`
	Value           int64               `col:"value" doc:"Value of the handle."`
	Type            string              `col:"type" doc:"Type of object: File, Key, Event, Process and others."`
	Access          string              `col:"access" doc:"Rights that it was opened with, in hexadecimal digits."`
	Name            string              `col:"name" class:"content" doc:"Name of the object."`
	Attributes      string              `col:"attributes" doc:"Attributes: Inherit, Protect from close."`
	Count           tables.Null[int64]  `col:"count" doc:"Number of handles of the object."`
	RawPointerCount tables.Null[int64]  `col:"raw_pointer_count" doc:"Number of references of the object."`
	ErrorStage      tables.Null[string] `col:"error_stage" doc:"Step that failed, where the object could not be asked."`
	ErrorCode       tables.Null[int64]  `col:"error_code" doc:"Error of that step."`
}

// ProcessOpenHandles has a row for each handle of the processes that a statement names.
// Source: NtQuerySystemInformation and NtQueryObject.
var ProcessOpenHandles = tables.Define[processOpenHandle](tables.Spec{
	Name: "process_open_handles", Doc: "Handles that processes hold.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT type, name, access FROM process_open_handles WHERE pid = 4"},
}, generateProcessOpenHandles)
