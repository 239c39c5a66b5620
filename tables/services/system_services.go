package services

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// systemService is one service of any manager, in one shape.
type systemService struct {
	Name        string              `col:"name" doc:"Name of the service."`
	DisplayName string              `col:"display_name" doc:"What the service is, in people's words."`
	Manager     string              `col:"manager" doc:"What starts it: systemd, sysv, launchd or windows."`
	State       tables.Null[string] `col:"state" doc:"running, stopped, failed or changing; NULL where nothing tells."`
	StartType   string              `col:"start_type" doc:"auto, manual, or disabled for one that cannot be started."`
	PID         tables.Null[int64]  `col:"pid" type:"INTEGER" doc:"Its main process; NULL where it does not run or nothing tells."`
	Username    string              `col:"username" doc:"Account that it runs as."`
	Command     string              `col:"command" doc:"Command line, with credentials masked."`
	Path        string              `col:"path" doc:"Program that it starts."`
	Source      string              `col:"source" doc:"File or registry key that defines it."`
}

// SystemServices has a row for each service that is installed, whether it runs or not. Of systemd it has the services with a
// unit file, of Windows the services without the drivers, of launchd the daemons and agents.
// Source: as systemd_units, launchd and services.
var SystemServices = tables.DefineByPlatform(tables.Spec{
	Name: "system_services", Doc: "Services of systemd, SysV init, launchd and Windows, in one shape.",
	Category: tables.Services, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT name, state, username, command FROM system_services WHERE start_type = 'auto' AND state != 'running'",
		"SELECT s.name, s.path, h.sha256 FROM system_services s JOIN hash h USING (path) WHERE s.path NOT LIKE '/usr/%'",
	},
}, tables.Generators[systemService]{Linux: generateLinuxServices, Darwin: generateLaunchdServices, Windows: generateWindowsServices})

func generateLaunchdServices(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*systemService) error) error {
	return eachLaunchdList(ctx, host, nil, func(file string, list plist.Dict) error {
		job := launchdJobOf(list)
		row := systemService{
			Name: job.Label, Manager: "launchd", StartType: "manual", Username: job.Username, Command: job.ProgramArguments, Path: job.Program, Source: file,
		}
		if row.Path == "" {
			row.Path, _, _ = strings.Cut(job.ProgramArguments, " ")
		}
		if row.Command == "" {
			row.Command = job.Program
		}
		switch {
		case job.Disabled == "1":
			row.StartType = "disabled"
		case job.RunAtLoad == "1" || job.KeepAlive == "1":
			row.StartType = "auto"
		}
		return emit(&row)
	})
}

func generateWindowsServices(ctx context.Context, host tables.Host, q *tables.Query, emit func(*systemService) error) error {
	return generateServices(ctx, host, q, func(s *service) error {
		if strings.HasSuffix(s.ServiceType, "DRIVER") {
			return nil
		}
		row := systemService{
			Name: s.Name, DisplayName: s.DisplayName, Manager: "windows", State: tables.Some("changing"), StartType: "manual", Username: s.UserAccount,
			Command: s.Path, Source: servicesKey + `\` + s.Name,
		}
		row.Path, _ = splitCommand(s.Path)
		if s.ModulePath != "" {
			row.Path = s.ModulePath
		}
		switch s.Status {
		case "RUNNING":
			row.State = tables.Some("running")
		case "STOPPED":
			row.State = tables.Some("stopped")
		}
		switch s.StartType {
		case "AUTO_START", "BOOT_START", "SYSTEM_START":
			row.StartType = "auto"
		case "DISABLED":
			row.StartType = "disabled"
		}
		if s.PID > 0 {
			row.PID = tables.Some(int64(s.PID))
		}
		return emit(&row)
	})
}

// unitCommand gives the commands of a service's definition as one line, and the program of the first. Before a program stand
// signs that say how to run it; a value that is a variable or a specifier names no program.
func unitCommand(commands []string) (line, program string) {
	plain := make([]string, len(commands))
	for i, command := range commands {
		command = strings.TrimLeft(command, "@-:+!|")
		if i == 0 {
			program = firstWord(command)
		}
		plain[i] = mask.CommandLine(command)
	}
	return strings.Join(plain, "; "), program
}
