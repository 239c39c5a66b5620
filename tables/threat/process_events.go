package threat

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// ProcessEvent is the start of one program.
type ProcessEvent struct {
	PID        int64               `col:"pid" doc:"Process number."`
	Path       string              `col:"path" doc:"Executed file."`
	Mode       string              `col:"mode" doc:"Permissions of the executed file, in octal."`
	Cmdline    string              `col:"cmdline" doc:"Arguments joined by blanks, with what looks like a credential masked."`
	CmdSize    int64               `col:"cmdline_size" opt:"hidden" doc:"Bytes of the arguments, before any were cut."`
	Env        string              `col:"env,environment" opt:"hidden" class:"content" doc:"Environment, where it is recorded."`
	EnvCount   int64               `col:"env_count,environment_count" opt:"hidden" doc:"Number of variables."`
	EnvSize    int64               `col:"env_size,environment_size" opt:"hidden" doc:"Bytes of the environment, before any were cut."`
	Cwd        string              `col:"cwd" doc:"Working directory."`
	AUID       tables.Null[int64]  `col:"auid" doc:"User who logged in, whoever they have become since."`
	UID        int64               `col:"uid" doc:"Real user number."`
	EUID       int64               `col:"euid" doc:"Effective user number."`
	GID        int64               `col:"gid" doc:"Real group number."`
	EGID       int64               `col:"egid" doc:"Effective group number."`
	OwnerUID   int64               `col:"owner_uid" doc:"Owner of the executed file."`
	OwnerGID   int64               `col:"owner_gid" doc:"Group of the executed file."`
	ATime      tables.Null[int64]  `col:"atime,access_time" doc:"Last reading of the executed file, in Unix seconds."`
	MTime      tables.Null[int64]  `col:"mtime,modify_time" doc:"Last change of the executed file, in Unix seconds."`
	CTime      tables.Null[int64]  `col:"ctime,change_time" doc:"Last change of the executed file's state, in Unix seconds."`
	BTime      tables.Null[int64]  `col:"btime,create_time" doc:"Making of the executed file, in Unix seconds; NULL where unknown."`
	Overflows  string              `col:"overflows" opt:"hidden" doc:"What was cut: cmdline, env."`
	Parent     int64               `col:"parent" doc:"Number of the parent process."`
	Time       int64               `col:"time" opt:"additional" doc:"When it happened, in Unix seconds."`
	Uptime     int64               `col:"uptime" doc:"When it happened, in seconds since boot."`
	EID        string              `col:"eid" opt:"hidden" doc:"Identifier of the event."`
	Status     tables.Null[int64]  `col:"status" os:"darwin" doc:"How the call ended, as OpenBSM tells."`
	FSUID      tables.Null[int64]  `col:"fsuid" os:"linux" doc:"User number for access to files."`
	SUID       tables.Null[int64]  `col:"suid" os:"linux" doc:"Saved user number."`
	FSGID      tables.Null[int64]  `col:"fsgid" os:"linux" doc:"Group number for access to files."`
	SGID       tables.Null[int64]  `col:"sgid" os:"linux" doc:"Saved group number."`
	SystemCall tables.Null[string] `col:"syscall" os:"linux" doc:"System call: execve, execveat, fork, clone."`
}

// ProcessEvents has a row for each program that started while the agent watched.
var ProcessEvents = tables.DefineByPlatform(tables.Spec{
	Name: "process_events", Doc: "Programs that started.",
	Category: tables.Threat, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT datetime(time, 'unixepoch') AS at, path, cmdline, auid FROM process_events WHERE path LIKE '/tmp/%'"},
}, recorded("process_events", func(r *ProcessEvent, id string) { r.EID = id }))

// SetArguments fills in the command line, with what looks like a credential masked. size is the bytes of the arguments before
// the kernel cut them.
func (e *ProcessEvent) SetArguments(arguments []string, size int64) {
	raw := []byte(strings.Join(arguments, "\x00"))
	e.Cmdline, e.CmdSize = mask.Arguments(raw), size
	if int64(len(raw))+1 < size {
		e.Overflows = "cmdline"
	}
}
