package threat

import "github.com/tenantra/tenantra/tables"

// ProcessFileEvent is one access of a process to a watched file.
type ProcessFileEvent struct {
	Operation  string `col:"operation" doc:"What was done: open, create, read, write, rename, link, truncate, unlink."`
	PID        int64  `col:"pid" doc:"Process number."`
	PPID       int64  `col:"ppid" doc:"Number of the parent process."`
	Time       int64  `col:"time" opt:"additional" doc:"When it happened, in Unix seconds."`
	Executable string `col:"executable" doc:"Program of the process."`
	Partial    string `col:"partial" doc:"true where the process opened the file before it was watched."`
	Cwd        string `col:"cwd" doc:"Working directory."`
	Path       string `col:"path" doc:"File that was accessed."`
	DestPath   string `col:"dest_path" doc:"New name of a renamed or linked file."`
	UID        string `col:"uid" doc:"Real user number."`
	GID        string `col:"gid" doc:"Real group number."`
	AUID       string `col:"auid" doc:"User who logged in, whoever they have become since."`
	EUID       string `col:"euid" doc:"Effective user number."`
	EGID       string `col:"egid" doc:"Effective group number."`
	FSUID      string `col:"fsuid" doc:"User number for access to files."`
	FSGID      string `col:"fsgid" doc:"Group number for access to files."`
	SUID       string `col:"suid" doc:"Saved user number."`
	SGID       string `col:"sgid" doc:"Saved group number."`
	Uptime     int64  `col:"uptime" doc:"When it happened, in seconds since boot."`
	EID        string `col:"eid" opt:"hidden" doc:"Identifier of the event."`
}

// ProcessFileEvents has a row for each access to a configured path while the agent watched.
var ProcessFileEvents = tables.DefineByPlatform(tables.Spec{
	Name: "process_file_events", Doc: "Accesses to watched files, with the processes that made them.",
	Category: tables.Threat, Platforms: tables.Linux, Cost: tables.Moderate, Privilege: tables.Root, Event: true,
	Examples: []string{"SELECT operation, path, executable, auid FROM process_file_events WHERE path LIKE '/etc/%'"},
}, recorded("process_file_events", func(r *ProcessFileEvent, id string) { r.EID = id }))
