package system

import "github.com/tenantra/tenantra/tables"

// windowsCrash is one crash of a program.
type windowsCrash struct {
	Datetime         string `col:"datetime" doc:"When it crashed."`
	Module           string `col:"module" doc:"Module that crashed."`
	Path             string `col:"path" doc:"Program that crashed."`
	PID              int64  `col:"pid" doc:"Process that crashed."`
	TID              int64  `col:"tid" doc:"Thread that crashed."`
	Version          string `col:"version" collate:"VERSION" doc:"Version of the program."`
	ProcessUptime    int64  `col:"process_uptime" doc:"Seconds that the process had run."`
	StackTrace       string `col:"stack_trace" doc:"Functions that were running."`
	ExceptionCode    string `col:"exception_code" doc:"Code of the exception."`
	ExceptionMessage string `col:"exception_message" doc:"What the code means."`
	ExceptionAddress string `col:"exception_address" doc:"Address at which it happened."`
	Registers        string `col:"registers" class:"content" doc:"Registers of the processor."`
	CommandLine      string `col:"command_line" class:"content" doc:"Command line."`
	CurrentDirectory string `col:"current_directory" doc:"Directory that the process was in."`
	Username         string `col:"username" class:"personal" doc:"User of the process."`
	MachineName      string `col:"machine_name" doc:"Name of the machine."`
	MajorVersion     int32  `col:"major_version" doc:"Major version of Windows."`
	MinorVersion     int32  `col:"minor_version" doc:"Minor version of Windows."`
	BuildNumber      int32  `col:"build_number" doc:"Build of Windows."`
	Type             string `col:"type" doc:"Kind of exception."`
	CrashPath        string `col:"crash_path" doc:"The dump."`
}

// WindowsCrashes has a row for each dump.
// Source: the minidump files of Windows Error Reporting.
var WindowsCrashes = tables.DefineByPlatform(tables.Spec{
	Name: "windows_crashes", Doc: "Crashes of programs and of the system.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Expensive, Privilege: tables.Root,
	Examples: []string{"SELECT datetime, module, exception_code, crash_path FROM windows_crashes"},
}, tables.Generators[windowsCrash]{})
