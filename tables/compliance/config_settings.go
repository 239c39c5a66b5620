package compliance

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// configSetting is one setting of one of the files that this table knows.
type configSetting struct {
	Subject   string `col:"subject" opt:"index" doc:"What is set up: pwquality, faillock, pwhistory, journald, coredump, logind, auditd, useradd, selinux, limits, chrony, timesyncd, apt, dnf, dnf-automatic, ufw, firewalld, adduser, gdm, shell, system."`
	Section   string `col:"section" doc:"Section that the setting stands in, for limits whom it holds for; empty where the format has none."`
	Key       string `col:"key" collate:"NOCASE" doc:"Name of the setting; for limits the kind and the item: hard core."`
	Value     string `col:"value" doc:"Value without quotes; empty for a setting that is a word alone."`
	Effective int32  `col:"effective" doc:"1 where this line is the one that counts, 0 where a later one takes its place."`
	Path      string `col:"path" doc:"File that the line is in."`
	Line      int64  `col:"line" doc:"Number of the line, from 1."`
}

// ConfigSettings has a row for each line that sets something, drop-in files included, in the order in which programs read
// them: the last line of a name counts. Names that may be set several times (chrony's server, limits of several users)
// count each. What no file sets has no row: the program's own default holds.
// Source: the files of configFiles; of those that may hold passwords or names of people only the settings that do not.
var ConfigSettings = tables.Define[configSetting](tables.Spec{
	Name: "config_settings", Doc: "Settings of passwords, logging, audit, updates, time and firewalls with the file and line that count.",
	Category: tables.Compliance, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT value, path, line FROM config_settings WHERE subject = 'pwquality' AND key = 'minlen' AND effective = 1",
		"SELECT key, value FROM config_settings WHERE subject = 'journald'",
	},
}, generateConfigSettings)

func generateConfigSettings(ctx context.Context, host tables.Host, q *tables.Query, emit func(*configSetting) error) error {
	wanted := map[string]bool{}
	for _, subject := range q.Equal("subject") {
		wanted[subject] = true
	}
	for _, source := range configFiles {
		if len(wanted) > 0 && !wanted[source.subject] {
			continue
		}
		rows := source.read(ctx, host)
		for i := range rows {
			if err := emit(&rows[i]); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// read gives the settings of a subject, with those that count marked.
func (s configFile) read(ctx context.Context, host tables.Host) []configSetting {
	files := s.files
	if len(s.dropins) > 0 {
		more := layered(ctx, host, s.suffix, s.dropins...)
		if s.dropinsFirst {
			files = append(more, files...)
		} else {
			files = append(files[:len(files):len(files)], more...)
		}
	}
	var rows []configSetting
	last := map[[2]string]int{}
	for _, file := range files {
		if _, err := host.Stat(file); err != nil {
			continue
		}
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		for _, row := range s.parse(data) {
			if s.keep != nil && !s.keep(row) {
				continue
			}
			row.Subject, row.Path, row.Effective = s.subject, file, 1
			name := [2]string{row.Section, row.Key}
			if before, again := last[name]; again && !s.repeats[row.Key] {
				rows[before].Effective = 0
			}
			last[name] = len(rows)
			rows = append(rows, row)
		}
	}
	return rows
}
