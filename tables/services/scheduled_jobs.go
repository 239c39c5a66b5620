package services

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// scheduledJob is one thing that runs at certain times, of any scheduler.
type scheduledJob struct {
	Name     string              `col:"name" doc:"Name of the job, where it has one."`
	Kind     string              `col:"kind" doc:"Scheduler: cron, anacron, cron_directory, at, systemd_timer, launchd or task."`
	Schedule tables.Null[string] `col:"schedule" doc:"When it runs, as its scheduler writes it: 5 4 * * *, OnCalendar=daily, every 3600 s; NULL where that is not told."`
	Username string              `col:"username" class:"personal" doc:"Account that it runs as; empty where that is not told."`
	Command  string              `col:"command" doc:"What it runs, with credentials masked; empty for a job of at, whose script holds an environment."`
	Source   string              `col:"source" doc:"File or task that defines it."`
	Enabled  int32               `col:"enabled" doc:"1 where it will run."`
}

// ScheduledJobs has a row for each job of cron, anacron, at, systemd's timers, launchd and the Task Scheduler.
// Source: as crontab, systemd_units, launchd and scheduled_tasks; at(1)'s spool, anacrontab(5), /etc/cron.{hourly,…}.
var ScheduledJobs = tables.DefineByPlatform(tables.Spec{
	Name: "scheduled_jobs", Doc: "Jobs that run at certain times, of all schedulers, in one shape.",
	Category: tables.Services, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT kind, schedule, username, command, source FROM scheduled_jobs WHERE command LIKE '%/tmp/%' OR command LIKE '%curl%'",
		"SELECT kind, count(*) AS jobs FROM scheduled_jobs GROUP BY kind",
	},
}, tables.Generators[scheduledJob]{Linux: generateLinuxJobs, Darwin: generateDarwinJobs, Windows: generateWindowsJobs})

// cronJobs emits the lines of crontabs. Those of the system name the user first.
func cronJobs(ctx context.Context, host tables.Host, emit func(*scheduledJob) error) error {
	return generateCrontab(ctx, host, nil, func(line *cronJob) error {
		row := scheduledJob{Kind: "cron", Command: line.Command, Source: line.Path, Enabled: 1}
		schedule := line.Event
		if schedule == "" {
			schedule = strings.Join([]string{line.Minute, line.Hour, line.DayOfMonth, line.Month, line.DayOfWeek}, " ")
		}
		row.Schedule = tables.Some(schedule)
		if line.Path == systemCrontab || path.Dir(line.Path) == cronDirectories[0] {
			if user, command, ok := strings.Cut(line.Command, " "); ok {
				row.Username, row.Command = user, strings.TrimSpace(command)
			}
		} else {
			row.Username = path.Base(line.Path) // a user's table is named after them
		}
		return emit(&row)
	})
}

func generateDarwinJobs(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*scheduledJob) error) error {
	if err := cronJobs(ctx, host, emit); err != nil {
		return err
	}
	return eachLaunchdList(ctx, host, nil, func(file string, list plist.Dict) error {
		_, calendar := list["StartCalendarInterval"]
		job := launchdJobOf(list)
		if !calendar && job.StartInterval == "" {
			return nil
		}
		row := scheduledJob{Name: job.Label, Kind: "launchd", Username: job.Username, Command: job.ProgramArguments, Source: file, Enabled: 1}
		if row.Command == "" {
			row.Command = job.Program
		}
		if job.StartInterval != "" {
			row.Schedule = tables.Some("every " + job.StartInterval + " s")
		}
		if job.Disabled == "1" {
			row.Enabled = 0
		}
		return emit(&row)
	})
}

func generateWindowsJobs(ctx context.Context, host tables.Host, q *tables.Query, emit func(*scheduledJob) error) error {
	return generateScheduledTasks(ctx, host, q, func(task *scheduledTask) error {
		return emit(&scheduledJob{Name: task.Name, Kind: "task", Command: task.Action, Source: task.Path, Enabled: task.Enabled})
	})
}

// parseAnacronLine reads a line of anacrontab(5): period in days, delay in minutes, name, command.
func parseAnacronLine(line string) (scheduledJob, bool) {
	line = strings.TrimSpace(line)
	f := strings.Fields(line)
	if len(f) < 4 || f[0][0] == '#' || isAssignment(line) {
		return scheduledJob{}, false
	}
	return scheduledJob{
		Name: f[2], Kind: "anacron", Schedule: tables.Some(f[0] + " " + f[1]), Username: "root", Command: strings.Join(f[3:], " "), Enabled: 1,
	}, true
}
