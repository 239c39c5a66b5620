package threat

import "github.com/tenantra/tenantra/tables"

// esProcessEvent is one start, fork or end of a process.
type esProcessEvent struct {
	Version               int64  `col:"version" type:"INTEGER" doc:"Version of the message."`
	SeqNum                int64  `col:"seq_num" doc:"Number of the message of its kind."`
	GlobalSeqNum          int64  `col:"global_seq_num" doc:"Number of the message."`
	PID                   int64  `col:"pid" doc:"Process."`
	Pidversion            int64  `col:"pidversion" doc:"Generation of the process number."`
	Path                  string `col:"path" doc:"Program."`
	Parent                int64  `col:"parent" doc:"Parent process."`
	OriginalParent        int64  `col:"original_parent" doc:"Parent at its start."`
	SessionID             int64  `col:"session_id" doc:"Session."`
	ResponsiblePID        int64  `col:"responsible_pid" doc:"Process on whose behalf it runs."`
	ResponsiblePidversion int64  `col:"responsible_pidversion" doc:"Generation of that number."`
	ParentPidversion      int64  `col:"parent_pidversion" doc:"Generation of the parent's number."`
	Cmdline               string `col:"cmdline" doc:"Arguments; credentials are masked."`
	CmdlineCount          int64  `col:"cmdline_count" doc:"Number of arguments."`
	Env                   string `col:"env" class:"content" doc:"Environment."`
	EnvCount              int64  `col:"env_count" doc:"Number of variables."`
	Cwd                   string `col:"cwd" doc:"Working directory."`
	UID                   int64  `col:"uid" doc:"User."`
	EUID                  int64  `col:"euid" doc:"Effective user."`
	GID                   int64  `col:"gid" doc:"Group."`
	EGID                  int64  `col:"egid" doc:"Effective group."`
	Username              string `col:"username" class:"personal" doc:"Name of the user."`
	SigningID             string `col:"signing_id" doc:"Identifier of the signature."`
	TeamID                string `col:"team_id" doc:"Team that signed it."`
	Cdhash                string `col:"cdhash" collate:"NOCASE" doc:"Digest of the signed code."`
	PlatformBinary        int64  `col:"platform_binary" type:"INTEGER" doc:"1 for programs of the system."`
	ExitCode              int64  `col:"exit_code" type:"INTEGER" doc:"Exit code."`
	ChildPID              int64  `col:"child_pid" doc:"Process that was forked."`
	Time                  int64  `col:"time" opt:"additional" doc:"When, in Unix seconds."`
	EventType             string `col:"event_type" doc:"exec, fork or exit."`
	EID                   string `col:"eid" opt:"hidden" doc:"Identifier of the event."`
	CodesigningFlags      string `col:"codesigning_flags" doc:"Flags of the signature."`
}

// ESProcessEvents would have a row for each event.
// This build has no generator: Endpoint Security needs a framework and an entitlement of Apple's.
var ESProcessEvents = tables.Define[esProcessEvent](tables.Spec{
	Name: "es_process_events", Doc: "Starts, forks and ends of processes, as Endpoint Security of macOS reports them.",
	Category: tables.Threat, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT time, pid, path, cmdline FROM es_process_events WHERE event_type = 'exec'"},
}, nil)
