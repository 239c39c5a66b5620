package system

import "github.com/tenantra/tenantra/tables"

// processOpenFile is one open file of a process.
type processOpenFile struct {
	PID  int64  `col:"pid" opt:"index" doc:"Process number."`
	FD   int64  `col:"fd" doc:"Descriptor's number within the process."`
	Path string `col:"path" doc:"Path of the file; a deleted file's ends in (deleted) on Linux."`
}

// ProcessOpenFiles has one row for each descriptor of a process that is a file with a path; sockets, pipes and the like
// have none.
// Source: /proc/PID/fd on Linux, proc(5).
var ProcessOpenFiles = tables.DefineByPlatform(tables.Spec{
	Name: "process_open_files", Doc: "Open files of processes.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT DISTINCT p.name, f.path FROM process_open_files f JOIN processes p USING (pid) WHERE f.path LIKE '/dev/tty%'",
		"SELECT pid, count(*) AS files FROM process_open_files GROUP BY pid ORDER BY files DESC LIMIT 5",
	},
}, tables.Generators[processOpenFile]{Darwin: generateDarwinProcessOpenFiles}.OnBuild(generateProcessOpenFiles))
