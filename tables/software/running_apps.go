package software

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
)

// runningApp is one application that runs in a session.
type runningApp struct {
	PID              int64  `col:"pid" type:"INTEGER" opt:"index" doc:"Process."`
	BundleIdentifier string `col:"bundle_identifier" doc:"Bundle identifier."`
	IsActive         int64  `col:"is_active" type:"INTEGER" opt:"hidden" doc:"1 where it is in front."`
}

// RunningApps has a row for each application that the launch services of the running system know.
// Source: lsappinfo(8).
var RunningApps = tables.Define[runningApp](tables.Spec{
	Name: "running_apps", Doc: "Applications that run in the users' sessions.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT r.bundle_identifier, p.path, p.start_time FROM running_apps r JOIN processes p USING (pid)"},
}, generateRunningApps)

func generateRunningApps(ctx context.Context, host tables.Host, q *tables.Query, emit func(*runningApp) error) error {
	out, err := host.Run(ctx, "/usr/bin/lsappinfo", "list")
	if err != nil {
		hostfile.Skipped(ctx, host, "/usr/bin/lsappinfo", err)
		return ctx.Err()
	}
	pids, byPID := q.EqualInt("pid")
	for _, row := range parseRunningApps(string(out)) {
		if byPID && !slices.Contains(pids, row.PID) {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

var (
	runningHeader = lazyregexp.New(`^\s*\d+\) "`)
	runningBundle = lazyregexp.New(`^\s*bundleID="([^"]*)"`)
	runningPID    = lazyregexp.New(`^\s*pid = (\d+)\b`)
)

// parseRunningApps reads paragraphs such as
//
//  12. "Safari" ASN:0x0-0x2a02a: (in front)
//     bundleID="com.apple.Safari"
//     pid = 512 type="Foreground" flavor=3 Version="20620.1"
func parseRunningApps(text string) []runningApp {
	var rows []runningApp
	var row runningApp
	for line := range strings.Lines(text) {
		switch {
		case runningHeader().MatchString(line):
			row = runningApp{IsActive: flag(strings.Contains(line, "(in front)"))}
		case runningBundle().MatchString(line):
			row.BundleIdentifier = runningBundle().FindStringSubmatch(line)[1]
		case runningPID().MatchString(line):
			pid, err := strconv.ParseInt(runningPID().FindStringSubmatch(line)[1], 10, 32)
			if err != nil {
				continue
			}
			row.PID = pid
			rows = append(rows, row)
		}
	}
	return rows
}
