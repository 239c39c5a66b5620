package services

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestCrontab(t *testing.T)      { tabletest.Run(t, Crontab) }
func TestStartupItems(t *testing.T) { tabletest.Run(t, StartupItems) }
func TestSystemdUnits(t *testing.T) { tabletest.Run(t, SystemdUnits) }

func TestUnitFile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]unitFile{
		"[Unit]\nDescription=A b\n[Service]\nUser=ann\n":           {description: "A b", user: "ann"},
		"[Service]\nDescription=not here\n":                        {},
		"[Unit]\nDescription = one \\\n  two\\\n\tthree\n":         {description: "one  two three"},
		"[Unit]\nDescription=a \\\n# comment\n; another\nb\n":      {description: "a  b"},
		"[Unit]\nDescription=ends with \\":                         {description: "ends with"},
		"[Install]\nWantedBy=multi-user.target\n":                  {installs: true},
		"[Install]\nWantedBy=\n":                                   {},
		"[Install]\nAlso=b.socket\n":                               {also: true},
		"[Unit]\nDescription=a\n[Unit]\nDescription=b\r\nnonsense": {description: "b"},
	} {
		var got unitFile
		got.apply([]byte(text))
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(unitFile{})); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}

func TestTemplateOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"getty@tty1.service": "getty@.service", "getty@.service": "", "cron.service": "", "a@b.c.service": "a@.service", "a@@.timer": "a@.timer", "@": "@",
	} {
		if got, _ := templateOf(name); got != want {
			t.Errorf("template of %s is %q, want %q", name, got, want)
		}
	}
}

func FuzzUnitFile(f *testing.F) {
	f.Add([]byte("[Unit]\nDescription=a \\\n# c\nb\n[Install]\nAlso=\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var u unitFile
		u.apply(data)
		if len(u.description) > len(data)*2 {
			t.Errorf("%d bytes became a description of %d", len(data), len(u.description))
		}
	})
}

func FuzzParseCronLine(f *testing.F) {
	f.Add("17 * * * * root cd / && run-parts")
	f.Add("@reboot x")
	f.Add("A = b c d e f g h")
	f.Fuzz(func(t *testing.T, line string) {
		if job, ok := parseCronLine(line); ok && (job.Command == "" || job.Event == "" && job.DayOfWeek == "") {
			t.Errorf("%q gives %+v", line, job)
		}
	})
}

func FuzzParseDesktopEntry(f *testing.F) {
	f.Add([]byte("[Desktop Entry]\nName=a\nExec=b --token c\nHidden=true\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if item := parseDesktopEntry(data); item.Status != "enabled" && item.Status != "disabled" {
			t.Errorf("%+v", item)
		}
	})
}
