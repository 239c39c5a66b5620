package services

import (
	"context"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

func generateLinuxJobs(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*scheduledJob) error) error {
	for _, source := range []func(context.Context, tables.Host, func(*scheduledJob) error) error{cronJobs, anacronJobs, cronDirectoryJobs, atJobs, timerJobs} {
		if err := source(ctx, host, emit); err != nil {
			return err
		}
	}
	return nil
}

const anacrontab = "/etc/anacrontab"

func anacronJobs(ctx context.Context, host tables.Host, emit func(*scheduledJob) error) error {
	data, err := hostfile.Source(ctx, host, anacrontab)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		row, ok := parseAnacronLine(line)
		if !ok {
			continue
		}
		row.Source, row.Command = anacrontab, mask.CommandLine(row.Command)
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// cronDirectoryJobs emits the scripts that run-parts(8) starts from the system's crontab or anacrontab.
func cronDirectoryJobs(ctx context.Context, host tables.Host, emit func(*scheduledJob) error) error {
	for _, period := range []string{"hourly", "daily", "weekly", "monthly", "yearly"} {
		for _, file := range hostfile.Files(ctx, host, "/etc/cron."+period) {
			info, err := host.Stat(file)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			row := scheduledJob{
				Name: path.Base(file), Kind: "cron_directory", Schedule: tables.Some("@" + period), Username: "root", Command: file, Source: file,
			}
			if info.Mode().Perm()&0o111 != 0 && !strings.Contains(row.Name, ".") { // others are passed over by run-parts
				row.Enabled = 1
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// atSpools are where at(1) keeps its jobs on Debian and SUSE, and on Red Hat.
var atSpools = [...]string{"/var/spool/cron/atjobs", "/var/spool/atjobs", "/var/spool/at"}

func atJobs(ctx context.Context, host tables.Host, emit func(*scheduledJob) error) error {
	names, err := accounts.ReadNames(ctx, host)
	if err != nil {
		return err
	}
	for _, spool := range atSpools {
		for _, file := range hostfile.Files(ctx, host, spool) {
			at, ok := parseAtName(path.Base(file))
			if !ok {
				continue
			}
			data, ok := hostfile.OneOfMany(ctx, host, file)
			if !ok {
				continue
			}
			row := scheduledJob{Name: path.Base(file), Kind: "at", Schedule: tables.Some(at.UTC().Format(time.RFC3339)), Source: file, Enabled: 1}
			if uid, ok := parseAtOwner(data); ok {
				row.Username = names.Users[uid]
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseAtName reads the name of a job: its queue's letter, five digits of its number and eight of the minutes since 1970, all in
// hexadecimal. The letter = marks one that runs.
func parseAtName(name string) (time.Time, bool) {
	if len(name) != 14 {
		return time.Time{}, false
	}
	if _, err := strconv.ParseUint(name[1:6], 16, 32); err != nil {
		return time.Time{}, false
	}
	minutes, err := strconv.ParseUint(name[6:], 16, 32)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(int64(minutes)*60, 0), true
}

// parseAtOwner reads the owner in the second line of a job: # atrun uid=1000 gid=1000.
func parseAtOwner(data []byte) (uint32, bool) {
	for i, line := range strings.SplitN(string(data), "\n", 4) {
		if i > 2 {
			break
		}
		if _, rest, ok := strings.Cut(line, "# atrun uid="); ok {
			number, _, _ := strings.Cut(rest, " ")
			uid, err := strconv.ParseUint(number, 10, 32)
			return uint32(uid), err == nil
		}
	}
	return 0, false
}

// timerJobs emits the timers of the system with what the units that they start run.
func timerJobs(ctx context.Context, host tables.Host, emit func(*scheduledJob) error) error {
	index := indexUnits(ctx, host)
	for _, name := range index.names {
		if path.Ext(name) != ".timer" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		timer, ok := index.definition(ctx, host, name)
		if !ok || strings.HasPrefix(timer.state, "masked") {
			continue
		}
		row := scheduledJob{Name: strings.TrimSuffix(name, ".timer"), Kind: "systemd_timer", Source: timer.path, Username: "root"}
		if len(timer.schedule) > 0 {
			row.Schedule = tables.Some(strings.Join(timer.schedule, " "))
		}
		started := timer.unit
		if started == "" {
			started = row.Name + ".service"
		}
		if unit, ok := index.definition(ctx, host, started); ok {
			row.Command, _ = unitCommand(unit.commands)
			if unit.user != "" {
				row.Username = unit.user
			}
		}
		if unitStartType(timer.state) == "auto" || timer.state == "static" {
			row.Enabled = 1
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
