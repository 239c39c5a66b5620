package threat

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAppcompatShims(t *testing.T)                { tabletest.Run(t, AppcompatShims) }
func TestBackgroundActivitiesModerator(t *testing.T) { tabletest.Run(t, BackgroundActivitiesModerator) }
func TestShellbags(t *testing.T)                     { tabletest.Run(t, Shellbags) }
func TestOfficeMRU(t *testing.T)                     { tabletest.Run(t, OfficeMRU) }
func TestShimcache(t *testing.T)                     { tabletest.Run(t, Shimcache) }
func TestUserassist(t *testing.T)                    { tabletest.Run(t, Userassist) }

func FuzzParseShimcache(f *testing.F) {
	f.Add([]byte("\x34\x00\x00\x00"))
	f.Add([]byte("\x80\x00\x00\x00"))
	f.Add([]byte("\xee\x0f\xdc\xba\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if rows := parseShimcache(data); len(rows) > len(data) {
			t.Errorf("%d entries in %d bytes", len(rows), len(data))
		}
	})
}

func FuzzParseUserAssist(f *testing.F) {
	f.Add("HRZR_PGYFRFFVBA", make([]byte, 72))
	f.Fuzz(func(_ *testing.T, name string, data []byte) { parseUserAssist(name, data) })
}

func FuzzParseOfficeItem(f *testing.F) {
	f.Add(`[F00000000][T01D8A1B2C3D4E5F6][O00000000]*C:\path`)
	f.Fuzz(func(_ *testing.T, text string) { parseOfficeItem(text) })
}

func TestWindowsSecurityProducts(t *testing.T) { tabletest.Run(t, WindowsSecurityProducts) }

func TestPrefetch(t *testing.T) { tabletest.Run(t, Prefetch) }

func TestRecentFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("an image is scanned from another system here")
	}
	root := t.TempDir()
	at := time.Unix(1767323045, 0)
	for name, data := range map[string][]byte{
		"Windows/System32/config/SOFTWARE":                                   []byte("Windows Registry Editor Version 5.00\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\S-1-5-21-1-2-3-1001]\n\"ProfileImagePath\"=\"C:\\\\Users\\\\ada\"\n"),
		"Users/ada/AppData/Roaming/Microsoft/Windows/Recent/letter.docx.lnk": shortcut(`C:\Users\ada\letter.docx`),
		"Users/ada/AppData/Roaming/Microsoft/Windows/Recent/broken.lnk":      []byte("broken"),
		"Users/ada/AppData/Roaming/Microsoft/Windows/Recent/desktop.ini":     []byte("[x]"),
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	h, err := host.NewImage(root, tables.Windows, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), RecentFiles, h, tabletest.Query(RecentFiles, nil, nil))
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	for column, want := range map[string]any{
		"uid": int64(1001), "filename": "letter.docx", "path": `C:\Users\ada\letter.docx`, "type": "file", "mtime": int64(1767323045),
		"shortcut_path": `C:\Users\ada\AppData\Roaming\Microsoft\Windows\Recent\letter.docx.lnk`,
	} {
		if got := rows[0][column]; got != want {
			t.Errorf("%s is %v, want %v", column, got, want)
		}
	}
}

// shortcut makes the least of a shortcut that leads to a file.
func shortcut(target string) []byte {
	b := make([]byte, 0x4C)
	copy(b, []byte{0x4C, 0, 0, 0, 1, 0x14, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46, 2})
	info := make([]byte, 28)
	for at, v := range map[int]byte{0: byte(28 + len(target) + 1), 4: 28, 8: 1, 16: 28, 24: byte(28 + len(target))} {
		info[at] = v
	}
	return append(append(b, info...), target+"\x00"...)
}

func TestParseEvent(t *testing.T) {
	t.Parallel()
	const event = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>
<EventID>4625</EventID><Version>0</Version><Level>0</Level><Task>12544</Task><Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime='2026-01-02T03:04:05.0000000Z'/>
<Execution ProcessID='700' ThreadID='712'/><Channel>Security</Channel><Computer>DESK-1</Computer></System>
<EventData><Data Name='TargetUserName'>ada</Data><Data>loose</Data><Data>ends</Data></EventData></Event>`
	row, err := parseEvent([]byte(event))
	want := windowsEventlogEntry{
		Channel: "Security", Datetime: "2026-01-02T03:04:05.0000000Z", Task: 12544, ProviderName: "Microsoft-Windows-Security-Auditing",
		ProviderGUID: "{54849625-5478-4994-a5ba-3e3b0328c30d}", ComputerName: "DESK-1", Eventid: 4625, Keywords: "0x8010000000000000",
		Data: `{"EventData":{"Data":["loose","ends"],"TargetUserName":"ada"}}`, PID: 700, TID: 712,
	}
	if err != nil || row != want {
		t.Errorf("%+v, %v", row, err)
	}
	user, err := parseEvent([]byte(`<Event><System/><UserData><X><A>1</A><B><C>2</C></B></X></UserData></Event>`))
	if err != nil || user.Data != `{"UserData":{"X":{"A":"1","B":{"C":"2"}}}}` {
		t.Errorf("%q, %v", user.Data, err)
	}
	for _, bad := range []string{"", "<Event>", "text", strings.Repeat("<a>", 100)} {
		if _, err := parseEvent([]byte(bad)); err == nil {
			t.Errorf("%q is an event", bad)
		}
	}
}

func TestEventQuery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		equal map[string][]string
		want  string
	}{
		{map[string][]string{"channel": {"System"}}, "*"},
		{map[string][]string{"eventid": {"4624", "4625"}}, "*[System[(EventID=4624 or EventID=4625)]]"},
		{map[string][]string{"pid": {"7"}, "timestamp": {"60000"}}, "*[System[(Execution[@ProcessID=7]) and TimeCreated[timediff(@SystemTime) <= 60000]]]"},
		{map[string][]string{"time_range": {"2026-01-02T03:04:05Z;'] or *['"}}, "*[System[TimeCreated[@SystemTime>='2026-01-02T03:04:05Z']]]"},
	} {
		q := tabletest.Query(WindowsEventlog, c.equal, nil)
		if got := eventQuery(q, eventSpans(q)[0]); got != c.want {
			t.Errorf("%v makes %s, want %s", c.equal, got, c.want)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte("<Event><System><EventID>1</EventID></System><EventData><Data Name='a'>b</Data></EventData></Event>"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = parseEvent(data) })
}
