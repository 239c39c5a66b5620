package audit

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	libaudit "github.com/elastic/go-libaudit/v2"
	"github.com/elastic/go-libaudit/v2/auparse"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the wanted rows from what the records give")

// collector reads rows out of events as the listener does.
type collector struct{ rows []string }

func (c *collector) ReassemblyComplete(records []*auparse.AuditMessage) {
	e := newEvent(records, func(time.Time) int64 { return 7 })
	var rows []string
	e.rows(func(table string, row any) {
		text, err := json.Marshal(row)
		if err != nil {
			panic(err)
		}
		rows = append(rows, table+" "+string(text))
	})
	slices.Sort(rows)
	c.rows = append(c.rows, rows...)
}

func (*collector) EventsLost(int) {}

func collect(t testing.TB, text string) []string {
	t.Helper()
	c := &collector{}
	whole, err := libaudit.NewReassembler(inFlight, time.Hour, c)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		message, err := auparse.ParseLogLine(lines.Text())
		if err != nil {
			continue
		}
		whole.PushMessage(message)
	}
	if err := whole.Close(); err != nil { // events whose end is missing
		t.Fatal(err)
	}
	return c.rows
}

// TestRecordedEvents reads records as kernels wrote them: whole, interleaved, with their end missing, hexadecimal, cut.
func TestRecordedEvents(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.log")
	if err != nil || len(files) == 0 {
		t.Fatalf("no records: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(collect(t, string(text)), "\n") + "\n"
			if strings.Contains(got, "hunter2") || strings.Contains(got, "68756E74657232") {
				t.Errorf("a credential is shown: %s", got)
			}
			golden := strings.TrimSuffix(file, ".log") + ".want"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`pid=1 comm="a b" exe=(null)`:                 "map[comm:\"a b\" exe:(null) pid:1]",
		`pid=1 msg='op=x pid=2 exe="/bin/su" res=ok'`: "map[exe:\"/bin/su\" msg:'op=x pid=2 exe=\"/bin/su\" res=ok' op:x pid:1 res:ok]",
		`avc:  denied  { read } for  pid=3`:           "map[pid:3]",
		`a="unclosed b=2`:                             "map[a:\"unclosed b=2]",
		`=x a= b`:                                     "map[a:]",
		"pid=1\x1dUID=\"root\" ":                      "map[UID:\"root\" pid:1]",
		``:                                            "map[]",
	} {
		if got := fmt.Sprint(map[string]string(parseFields(text))); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzRecords(f *testing.F) {
	files, err := filepath.Glob("testdata/*.log")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, row := range collect(t, text) {
			if table, _, _ := strings.Cut(row, " "); !slices.Contains(Tables, table) {
				t.Errorf("a row of %s", table)
			}
		}
	})
}
