package services

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// cronJob is one line of a crontab.
type cronJob struct {
	Event      string `col:"event" doc:"Event that starts the job, as @reboot or @daily; empty where the five time fields do."`
	Minute     string `col:"minute" doc:"Minutes."`
	Hour       string `col:"hour" doc:"Hours."`
	DayOfMonth string `col:"day_of_month" doc:"Days of the month."`
	Month      string `col:"month" doc:"Months."`
	DayOfWeek  string `col:"day_of_week" doc:"Days of the week."`
	Command    string `col:"command" doc:"Command; in the system's own crontabs its first word is the user. Credentials are masked."`
	Path       string `col:"path" doc:"File that holds the line."`
	container.Process
}

// Crontab has a row for each job.
// Source: crontab(5); /etc/crontab, /etc/cron.d and the users' tables.
var Crontab = tables.Define[cronJob](tables.Spec{
	Name: "crontab", Doc: "Jobs that cron runs, of the system and of all users.",
	Category: tables.Services, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT command, path FROM crontab WHERE event = '@reboot'",
		"SELECT minute, hour, command, path FROM crontab WHERE command LIKE '%/tmp/%'",
	},
}, generateCrontab)

const systemCrontab = "/etc/crontab"

// cronDirectories hold the packages' jobs, and the users' tables of macOS, Red Hat and SUSE, and Debian.
var cronDirectories = [...]string{"/etc/cron.d", "/var/at/tabs", "/var/spool/cron", "/var/spool/cron/crontabs"}

func generateCrontab(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*cronJob) error) error {
	files := []string{systemCrontab}
	for _, dir := range cronDirectories {
		files = append(files, hostfile.Files(ctx, host, dir)...)
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		for line := range strings.Lines(string(data)) {
			job, ok := parseCronLine(line)
			if !ok {
				continue
			}
			job.Path = file
			if err := emit(&job); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseCronLine reads one line of crontab(5). Comments, assignments of variables and cut-off lines are no job.
func parseCronLine(line string) (job cronJob, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' || isAssignment(line) {
		return job, false
	}
	words := strings.Fields(line)
	if strings.HasPrefix(line, "@") {
		job.Event, words = words[0], words[1:]
	} else {
		if len(words) < 6 {
			return job, false
		}
		job.Minute, job.Hour, job.DayOfMonth, job.Month, job.DayOfWeek = words[0], words[1], words[2], words[3], words[4]
		words = words[5:]
	}
	job.Command = mask.CommandLine(strings.Join(words, " "))
	return job, job.Command != ""
}

// isAssignment tells NAME = value, where the value may have as many words as a job.
func isAssignment(line string) bool {
	name, _, found := strings.Cut(line, "=")
	if name = strings.TrimSpace(name); !found || name == "" {
		return false
	}
	for i, c := range strings.Trim(name, `"'`) {
		letter := c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}
