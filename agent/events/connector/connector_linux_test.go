package connector

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/threat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// message is one of the kernel's.
func message(what, thread, process uint32) []byte {
	b := binary.NativeEndian.AppendUint32(nil, 76)
	b = append(b, make([]byte, 12)...)
	b = binary.NativeEndian.AppendUint32(b, cnIdxProc)
	b = append(b, make([]byte, 16)...)
	b = binary.NativeEndian.AppendUint32(b, what)
	b = append(b, make([]byte, 12)...)
	b = binary.NativeEndian.AppendUint32(b, thread)
	b = binary.NativeEndian.AppendUint32(b, process)
	return append(b, make([]byte, 16)...)
}

func TestParseExecs(t *testing.T) {
	t.Parallel()
	two := append(message(procEventExec, 8, 7), append(message(1, 9, 9), message(procEventExec, 5, 5)...)...)
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"two among others": {two, "[7 5]"},
		"cut":              {two[:70], "[]"},
		"size of nothing":  {make([]byte, 100), "[]"},
		"empty":            {nil, "[]"},
	} {
		got := []int{}
		parseExecs(c.data, func(pid int) { got = append(got, pid) })
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func FuzzExecs(f *testing.F) {
	f.Add(message(procEventExec, 8, 7))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		parseExecs(data, func(int) { n++ })
		if n*netlinkHeader > len(data) {
			t.Errorf("%d programs in %d bytes", n, len(data))
		}
	})
}

func TestLook(t *testing.T) {
	t.Parallel()
	proc := t.TempDir()
	dir := filepath.Join(proc, "7")
	for _, err := range []error{
		os.Mkdir(dir, 0o750),
		os.WriteFile(filepath.Join(dir, "cmdline"), []byte("/bin/x\x00--password=hunter2\x00"), 0o600),
		os.WriteFile(filepath.Join(dir, "status"), []byte("Name:\tx\nPPid:\t3\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n"), 0o600),
		os.WriteFile(filepath.Join(dir, "loginuid"), []byte("1000"), 0o600),
		os.WriteFile(filepath.Join(proc, "uptime"), []byte("123.45 1.0\n"), 0o600),
		os.Symlink("/bin/x (deleted)", filepath.Join(dir, "exe")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	row := look(proc, 7, time.Unix(5, 0))
	if row.Cmdline != "/bin/x --password=[masked]" || row.Parent != 3 || row.EUID != 2 || row.FSGID != tables.Some(int64(8)) || row.AUID != tables.Some(int64(1000)) ||
		row.Path != "/bin/x" || row.Uptime != 123 || row.Time != 5 {
		t.Errorf("%+v", row)
	}
	if gone := look(proc, 8, time.Unix(5, 0)); gone.PID != 8 || gone.Path != "" || gone.AUID.Valid {
		t.Errorf("%+v", gone)
	}
}

// TestProgramsOfThisMachine listens to the running kernel.
func TestProgramsOfThisMachine(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("the process connector is for root")
	}
	to, err := buffer.Open(t.Context(), t.TempDir(), buffer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, "audit is refused", to, slog.New(slog.DiscardHandler)) }()
	sleeper := exec.CommandContext(ctx, "/bin/sleep", "1234.5")
	started := false
	for deadline := time.Now().Add(20 * time.Second); ; {
		select {
		case err := <-done:
			t.Skipf("the kernel has no process connector for this user: %v", err)
		default:
		}
		list, err := to.EventTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !started && len(list) == 1 && list[0].Active {
			started = true
			if err := sleeper.Start(); err != nil {
				t.Fatal(err)
			}
		}
		found := false
		if err := to.Events(t.Context(), tables.EventQuery{Table: Table}, func(e tables.Event) error {
			var row threat.ProcessEvent
			err := json.Unmarshal(e.Row, &row)
			found = found || row.Cmdline == "/bin/sleep 1234.5" && row.Parent == int64(os.Getpid())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if found {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the program is not told of")
		}
		<-time.After(20 * time.Millisecond)
	}
	cancel()
	_ = sleeper.Wait() // killed with the context
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
}
