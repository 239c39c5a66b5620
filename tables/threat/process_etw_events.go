package threat

import "github.com/tenantra/tenantra/tables"

// processETWEvent is the start or end of a process.
type processETWEvent struct {
	Type                        string `col:"type" doc:"ProcessStart or ProcessStop."`
	PID                         int64  `col:"pid" doc:"Process."`
	PPID                        int64  `col:"ppid" doc:"Its parent."`
	SessionID                   int32  `col:"session_id" doc:"Terminal session."`
	Flags                       int32  `col:"flags" doc:"Flags of the process."`
	ExitCode                    int32  `col:"exit_code" doc:"Exit code of a process that ended."`
	Path                        string `col:"path" doc:"Program."`
	Cmdline                     string `col:"cmdline" class:"content" doc:"Command line."`
	Username                    string `col:"username" class:"personal" doc:"User of the process."`
	TokenElevationType          string `col:"token_elevation_type" doc:"How its token is elevated."`
	TokenElevationStatus        int32  `col:"token_elevation_status" doc:"1 where its token is elevated."`
	MandatoryLabel              string `col:"mandatory_label" doc:"Integrity level of its token."`
	Datetime                    string `col:"datetime" doc:"When it happened, as text."`
	TimeWindows                 int64  `col:"time_windows" opt:"hidden" doc:"When it happened, in 100-nanosecond steps since 1601."`
	Time                        int64  `col:"time" opt:"additional,hidden" doc:"When it happened, in Unix seconds."`
	EID                         int32  `col:"eid" opt:"hidden" doc:"Number of the event."`
	HeaderPID                   int64  `col:"header_pid" opt:"hidden" doc:"Process that the event came from."`
	ProcessSequenceNumber       int64  `col:"process_sequence_number" opt:"hidden" doc:"Number of the process since the system started."`
	ParentProcessSequenceNumber int64  `col:"parent_process_sequence_number" opt:"hidden" doc:"Number of its parent since the system started."`
}

// ProcessETWEvents has a row for each start and end of a process while the agent watched.
// Source: the ETW provider Microsoft-Windows-Kernel-Process.
var ProcessETWEvents = tables.DefineByPlatform(tables.Spec{
	Name: "process_etw_events", Doc: "Processes that start and end.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT type, path, cmdline, username FROM process_etw_events"},
}, unrecorded[processETWEvent]("process_etw_events"))
