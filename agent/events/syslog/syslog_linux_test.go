package syslog

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/threat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const sudoLine = `"2026-01-05T12:00:00.1+00:00","host","5","authpriv","sudo:"," ann : USER=root, ""quoted"""` + "\n"

var sudo = &threat.SyslogEvent{DateTime: "2026-01-05T12:00:00.1+00:00", Host: "host", Severity: 5, Facility: "authpriv", Tag: "sudo", Message: `ann : USER=root, "quoted"`}

func TestParseLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		line string
		want *threat.SyslogEvent
	}{
		"quoted":          {sudoLine, sudo},
		"not quoted":      {"now,h,3,kern,kernel:,a, b\n", &threat.SyslogEvent{DateTime: "now", Host: "h", Severity: 3, Facility: "kern", Tag: "kernel", Message: "a,b"}},
		"too few":         {"now,h,3,kern,kernel:\n", nil},
		"severity beyond": {"now,h,8,kern,kernel:,x\n", nil},
		"no severity":     {"now,h,high,kern,kernel:,x\n", nil},
		"wrong encoding":  {"now,h,3,kern,k:,a\xff\n", &threat.SyslogEvent{DateTime: "now", Host: "h", Severity: 3, Facility: "kern", Tag: "k", Message: "a\ufffd"}},
		"nothing":         {"\n", nil},
		"unclosed":        {`"now,h` + "\n", nil},
	} {
		got, _ := parseLine([]byte(c.line))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(sudoLine))
	f.Fuzz(func(t *testing.T, line []byte) {
		if row, ok := parseLine(line); ok && (row.Severity < 0 || row.Severity > 7) {
			t.Errorf("%+v", row)
		}
	})
}

func TestMessagesThroughThePipe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, PipeName)
	if err := os.Mkdir(filepath.Dir(pipe), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(pipe, []byte("a file in the pipe's place"), 0o666); err != nil { // #nosec G306 -- what the test is about
		t.Fatal(err)
	}
	to, err := buffer.Open(t.Context(), t.TempDir(), buffer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, dir, to, slog.New(slog.DiscardHandler)) }()
	status := func() (s tables.EventTable) {
		list, err := to.EventTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			s = list[0]
		}
		return s
	}
	wait(t, "the pipe", func() bool { return status().Active })
	if reason := status().Reason; !strings.Contains(reason, pipe) {
		t.Errorf("nothing says where to write: %q", reason)
	}
	info, err := os.Lstat(pipe)
	if err != nil || info.Mode() != os.ModeNamedPipe|0o600 {
		t.Fatalf("the pipe is %v, %v", info.Mode(), err)
	}
	for range 2 { // a log daemon that restarts
		writer, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := writer.WriteString(sudoLine + "no line of the form\n" + strings.Repeat("x", 3*lineMax) + "\n" + sudoLine); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, "the messages", func() bool { return status().Recorded == 4 && status().Dropped == 4 })
	if status().Reason != "" {
		t.Errorf("the reason stays %q", status().Reason)
	}
	if err := to.Events(t.Context(), tables.EventQuery{Table: Table}, func(e tables.Event) error {
		var row threat.SyslogEvent
		if err := json.Unmarshal(e.Row, &row); err != nil {
			return err
		}
		if row.Time == 0 {
			t.Error("no time")
		}
		row.Time = 0
		if diff := cmp.Diff(sudo, &row); diff != "" {
			t.Error(diff)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if _, err := os.Lstat(pipe); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the pipe stays: %v", err)
	}
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		<-time.After(10 * time.Millisecond)
	}
}
