package services

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAutoexec(t *testing.T)       { tabletest.Run(t, Autoexec) }
func TestScheduledTasks(t *testing.T) { tabletest.Run(t, ScheduledTasks) }
func TestServices(t *testing.T)       { tabletest.Run(t, Services) }

func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ command, program, arguments string }{
		{`"C:\Program Files\a b.exe" /x "y z"`, `C:\Program Files\a b.exe`, `/x "y z"`},
		{`C:\Program Files\a.exe /x`, `C:\Program Files\a.exe`, "/x"},
		{`C:\Program Files\A.EXE`, `C:\Program Files\A.EXE`, ""},
		{"rundll32 a.dll,Go", "rundll32", "a.dll,Go"},
		{`"open`, "open", ""},
		{"", "", ""},
	} {
		if program, arguments := splitCommand(c.command); program != c.program || arguments != c.arguments {
			t.Errorf("%s: %q and %q", c.command, program, arguments)
		}
	}
}

func FuzzParseTask(f *testing.F) {
	f.Add([]byte(`<Task><Settings><Enabled>false</Enabled></Settings><Actions><Exec><Command>a</Command></Exec></Actions></Task>`))
	f.Add([]byte("\xff\xfe<\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if row, err := parseTask(data); err == nil && row.State == "" {
			t.Error("a task without a state")
		}
	})
}

func TestWMICLIEventConsumers(t *testing.T)     { tabletest.Run(t, WMICLIEventConsumers) }
func TestWMIEventFilters(t *testing.T)          { tabletest.Run(t, WMIEventFilters) }
func TestWMIFilterConsumerBinding(t *testing.T) { tabletest.Run(t, WMIFilterConsumerBinding) }
func TestWMIScriptEventConsumers(t *testing.T)  { tabletest.Run(t, WMIScriptEventConsumers) }
