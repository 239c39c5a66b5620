package system

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/minidump"
)

// windowsCrash is one crash of a program.
type windowsCrash struct {
	Datetime         string              `col:"datetime" doc:"When it crashed."`
	Module           string              `col:"module" doc:"Module that crashed."`
	Path             string              `col:"path" doc:"Program that crashed."`
	PID              int64               `col:"pid" doc:"Process that crashed."`
	TID              int64               `col:"tid" doc:"Thread that crashed."`
	Version          string              `col:"version" collate:"VERSION" doc:"Version of the program."`
	ProcessUptime    int64               `col:"process_uptime" doc:"Seconds that the process had run."`
	StackTrace       tables.Null[string] `col:"stack_trace" doc:"Functions that were running."`
	ExceptionCode    string              `col:"exception_code" doc:"Code of the exception."`
	ExceptionMessage string              `col:"exception_message" doc:"What the code means."`
	ExceptionAddress string              `col:"exception_address" doc:"Address at which it happened."`
	Registers        tables.Null[string] `col:"registers" class:"content" doc:"Registers of the processor."`
	CommandLine      tables.Null[string] `col:"command_line" class:"content" doc:"Command line."`
	CurrentDirectory tables.Null[string] `col:"current_directory" doc:"Directory that the process was in."`
	Username         string              `col:"username" class:"personal" doc:"User of the process."`
	MachineName      tables.Null[string] `col:"machine_name" doc:"Name of the machine."`
	MajorVersion     int32               `col:"major_version" doc:"Major version of Windows."`
	MinorVersion     int32               `col:"minor_version" doc:"Minor version of Windows."`
	BuildNumber      int32               `col:"build_number" doc:"Build of Windows."`
	Type             string              `col:"type" doc:"Kind of exception."`
	CrashPath        string              `col:"crash_path" doc:"The dump."`
}

// WindowsCrashes has a row for each dump.
// Source: the minidump files of Windows Error Reporting.
var WindowsCrashes = tables.Define[windowsCrash](tables.Spec{
	Name: "windows_crashes", Doc: "Crashes of programs and of the system.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Expensive, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT datetime, module, exception_code, crash_path FROM windows_crashes"},
}, generateWindowsCrashes)

// dumpDirectories hold the dumps that Windows Error Reporting keeps: of services, and of all programs where that is set up.
var dumpDirectories = [...]string{
	`C:\Windows\System32\config\systemprofile\AppData\Local\CrashDumps`, `C:\Windows\SysWOW64\config\systemprofile\AppData\Local\CrashDumps`,
	`C:\Windows\ServiceProfiles\LocalService\AppData\Local\CrashDumps`, `C:\Windows\ServiceProfiles\NetworkService\AppData\Local\CrashDumps`,
}

const dumpsOfUsers = "AppData/Local/CrashDumps"

func generateWindowsCrashes(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*windowsCrash) error) error {
	dump := func(path, username string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !strings.HasSuffix(strings.ToLower(path), ".dmp") {
			return nil
		}
		f, err := host.Open(path)
		if err != nil {
			hostfile.Skipped(ctx, host, path, err)
			return nil
		}
		defer f.Close()
		d, err := minidump.Read(f)
		if err != nil {
			hostfile.Skipped(ctx, host, path, err)
			return nil
		}
		row := crashRow(d)
		row.CrashPath, row.Username = path, username
		return emit(&row)
	}
	for _, directory := range dumpDirectories {
		for _, entry := range hostfile.List(ctx, host, directory) {
			if err := dump(directory+`\`+entry.Name(), ""); err != nil {
				return err
			}
		}
	}
	return homes.All(ctx, host, func(home *homes.Home) error {
		for _, entry := range home.List(dumpsOfUsers) {
			if err := dump(home.Path(dumpsOfUsers+"/"+entry.Name()), home.User.Name); err != nil {
				return err
			}
		}
		return nil
	})
}

func crashRow(d *minidump.Dump) windowsCrash {
	row := windowsCrash{
		Datetime: d.Time.UTC().Format(time.RFC3339), Path: d.Program.Path, Version: d.Program.Version, PID: int64(d.PID), TID: int64(d.Thread),
		MajorVersion: int32(d.Major), MinorVersion: int32(d.Minor), BuildNumber: int32(d.Build), Type: "Application",
	}
	if !d.Started.IsZero() {
		row.ProcessUptime = int64(d.Time.Sub(d.Started) / time.Second)
	}
	if d.Code != 0 {
		row.ExceptionCode, row.ExceptionAddress = fmt.Sprintf("0x%X", d.Code), "0x"+strconv.FormatUint(d.Address, 16)
		row.ExceptionMessage = exceptionNames[d.Code]
		row.Module = d.ModuleAt(d.Address).Path
	}
	return row
}

// exceptionNames are the codes of winnt.h that programs crash with.
var exceptionNames = map[uint32]string{
	0x80000003: "EXCEPTION_BREAKPOINT", 0xC0000005: "EXCEPTION_ACCESS_VIOLATION", 0xC0000006: "EXCEPTION_IN_PAGE_ERROR",
	0xC000001D: "EXCEPTION_ILLEGAL_INSTRUCTION", 0xC0000094: "EXCEPTION_INT_DIVIDE_BY_ZERO", 0xC0000096: "EXCEPTION_PRIV_INSTRUCTION",
	0xC00000FD: "EXCEPTION_STACK_OVERFLOW", 0xC0000374: "STATUS_HEAP_CORRUPTION", 0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
	0xC0000420: "STATUS_ASSERTION_FAILURE", 0xE0434352: "unhandled exception of .NET", 0xE06D7363: "unhandled exception of C++",
}
