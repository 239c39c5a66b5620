package services

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAutoruns(t *testing.T)       { tabletest.Run(t, Autoruns) }
func TestScheduledJobs(t *testing.T)  { tabletest.Run(t, ScheduledJobs) }
func TestSystemServices(t *testing.T) { tabletest.Run(t, SystemServices) }

func TestUnitCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		commands      []string
		line, program string
	}{
		{nil, "", ""},
		{[]string{"/usr/sbin/cron -f"}, "/usr/sbin/cron -f", "/usr/sbin/cron"},
		{[]string{"-+!!/bin/a", "@/bin/b b -x"}, "/bin/a; /bin/b b -x", "/bin/a"},
		{[]string{`"/opt/with blank/x" -y`}, `"/opt/with blank/x" -y`, "/opt/with"},
		{[]string{"${PROGRAM} run"}, "${PROGRAM} run", ""},
		{[]string{"%h/bin/x"}, "%h/bin/x", ""},
	} {
		if line, program := unitCommand(c.commands); line != c.line || program != c.program {
			t.Errorf("%q: %q, %q", c.commands, line, program)
		}
	}
}

func TestParseUdevRuns(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		`ACTION=="add", RUN+="/bin/a -x"`: {"/bin/a -x"}, `RUN="/bin/a", RUN{program}+="b"`: {"/bin/a", "b"},
		`PROGRAM=="/bin/c", SYMLINK+="x"`: {"/bin/c"}, `# RUN+="/bin/a"`: nil, `RUN{builtin}+="kmod load x"`: nil, `RUN+=""`: nil, `NAME=="RUN"`: nil, ``: nil, `RUN`: nil,
	} {
		if diff := cmp.Diff(want, parseUdevRuns(line)); diff != "" {
			t.Errorf("%q:\n%s", line, diff)
		}
	}
}

func TestParseAnacronLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"1 5 cron.daily run-parts /etc/cron.daily": true, "@monthly 15 m cmd\n": true, "# 1 5 a b": false, "SHELL=/bin/sh": false, "1 5 name": false, "": false,
	} {
		if row, ok := parseAnacronLine(line); ok != want || ok && (row.Name == "" || row.Command == "") {
			t.Errorf("%q: %+v, %t", line, row, ok)
		}
	}
}

func FuzzParseUdevRuns(f *testing.F) {
	f.Add(`ACTION=="add", RUN+="/bin/a -x", MODE="0660"`)
	f.Fuzz(func(t *testing.T, line string) {
		for _, command := range parseUdevRuns(line) {
			if command == "" {
				t.Error("an empty command")
			}
		}
	})
}

func TestWindowsProgram(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		`%SystemRoot%\system32\a.exe`: `C:\Windows\system32\a.exe`, `%WINDIR%\a.exe`: `C:\Windows\a.exe`, `\SystemRoot\System32\drivers\a.sys`: `C:\Windows\System32\drivers\a.sys`,
		`System32\drivers\a.sys`: `C:\Windows\System32\drivers\a.sys`, `\??\C:\a.sys`: `C:\a.sys`, `D:\a.exe`: `D:\a.exe`, `a.exe`: `a.exe`, ``: ``, `%SystemRoot%`: `%SystemRoot%`,
	} {
		if got := windowsProgram(path); got != want {
			t.Errorf("%s is %s, wanted %s", path, got, want)
		}
	}
}
