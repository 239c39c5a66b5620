package services

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// launchdJob is one job that launchd runs.
type launchdJob struct {
	Path               string `col:"path" opt:"index" doc:"Property list of the job."`
	Name               string `col:"name" doc:"File name of the property list."`
	Label              string `col:"label" doc:"Name by which launchd knows the job."`
	Program            string `col:"program" doc:"Program that it starts; empty where the first argument is it."`
	RunAtLoad          string `col:"run_at_load" doc:"1 where it starts when it is loaded."`
	KeepAlive          string `col:"keep_alive" doc:"1 where it is kept running; empty where that depends on conditions."`
	OnDemand           string `col:"on_demand" doc:"Older form of keep_alive: 0 where it is kept running."`
	Disabled           string `col:"disabled" doc:"1 where the list says that it is not to be loaded."`
	Username           string `col:"username" class:"personal" doc:"User as whom it runs."`
	Groupname          string `col:"groupname" doc:"Group as which it runs."`
	StdoutPath         string `col:"stdout_path" doc:"File that its output goes to."`
	StderrPath         string `col:"stderr_path" doc:"File that its errors go to."`
	StartInterval      string `col:"start_interval" doc:"Seconds between two starts."`
	ProgramArguments   string `col:"program_arguments" doc:"Arguments joined by blanks, the program first. Credentials are masked."`
	WatchPaths         string `col:"watch_paths" doc:"Paths whose change starts it, joined by blanks."`
	QueueDirectories   string `col:"queue_directories" doc:"Directories that keep it running while they hold something, joined by blanks."`
	InetdCompatibility string `col:"inetd_compatibility" doc:"Whether it is started as by inetd."`
	StartOnMount       string `col:"start_on_mount" doc:"1 where each mount starts it."`
	RootDirectory      string `col:"root_directory" doc:"Directory that it is confined to."`
	WorkingDirectory   string `col:"working_directory" doc:"Directory that it starts in."`
	ProcessType        string `col:"process_type" doc:"How the system schedules it: Background, Standard, Adaptive or Interactive."`
}

// Launchd has a row for each daemon and agent that the system, its administrator or a user has put in place.
// Source: the property lists below LaunchDaemons and LaunchAgents, launchd.plist(5).
var Launchd = tables.Define[launchdJob](tables.Spec{
	Name: "launchd", Doc: "Daemons and agents that launchd starts.",
	Category: tables.Services, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{
		"SELECT path, label, program_arguments FROM launchd WHERE run_at_load = '1' AND path LIKE '/Library/%'",
		"SELECT l.path, s.signed, s.authority FROM launchd l JOIN signature s ON s.path = l.program WHERE l.program != ''",
	},
}, generateLaunchd)

var launchdDirectories = [...]string{
	"/System/Library/LaunchDaemons", "/Library/LaunchDaemons", "/System/Library/LaunchAgents", "/Library/LaunchAgents",
	"/Library/Apple/System/Library/LaunchDaemons", "/Library/Apple/System/Library/LaunchAgents",
}

const launchdOfUsers = "Library/LaunchAgents"

func generateLaunchd(ctx context.Context, host tables.Host, q *tables.Query, emit func(*launchdJob) error) error {
	return eachLaunchdList(ctx, host, q.Equal("path"), func(file string, list plist.Dict) error {
		job := launchdJobOf(list)
		job.Path, job.Name = file, path.Base(file)
		return emit(&job)
	})
}

// eachLaunchdList visits the property lists of all jobs, or those of the paths wanted.
func eachLaunchdList(ctx context.Context, host tables.Host, wanted []string, visit func(file string, list plist.Dict) error) error {
	skip := func(file string) bool { return wanted != nil && !slices.Contains(wanted, file) }
	for _, dir := range launchdDirectories {
		for _, file := range hostfile.Files(ctx, host, dir) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if skip(file) {
				continue
			}
			if list, ok := plist.Read(ctx, host, file); ok {
				if err := visit(file, list); err != nil {
					return err
				}
			}
		}
	}
	return homes.All(ctx, host, func(home *homes.Home) error {
		for _, entry := range home.List(launchdOfUsers) {
			name := launchdOfUsers + "/" + entry.Name()
			if entry.IsDir() || skip(home.Path(name)) {
				continue
			}
			data, ok := home.Read(name)
			if !ok {
				continue
			}
			list, err := plist.ParseDict(data)
			if err != nil {
				hostfile.Skipped(ctx, host, home.Path(name), err)
				continue
			}
			if err := visit(home.Path(name), list); err != nil {
				return err
			}
		}
		return nil
	})
}

// launchdJobOf reads the keys that the table shows. A key that may be a dictionary of conditions, as KeepAlive, is empty
// where it is one.
func launchdJobOf(list plist.Dict) launchdJob {
	joined := func(key string) string { return strings.Join(list.Texts(key), " ") }
	return launchdJob{
		Label: list.Text("Label"), Program: list.Text("Program"), RunAtLoad: list.Text("RunAtLoad"), KeepAlive: list.Text("KeepAlive"),
		OnDemand: list.Text("OnDemand"), Disabled: list.Text("Disabled"), Username: list.Text("UserName"), Groupname: list.Text("GroupName"),
		StdoutPath: list.Text("StandardOutPath"), StderrPath: list.Text("StandardErrorPath"), StartInterval: list.Text("StartInterval"),
		ProgramArguments: mask.CommandLine(joined("ProgramArguments")), WatchPaths: joined("WatchPaths"), QueueDirectories: joined("QueueDirectories"),
		InetdCompatibility: list.Text("inetdCompatibility"), StartOnMount: list.Text("StartOnMount"), RootDirectory: list.Text("RootDirectory"),
		WorkingDirectory: list.Text("WorkingDirectory"), ProcessType: list.Text("ProcessType"),
	}
}
