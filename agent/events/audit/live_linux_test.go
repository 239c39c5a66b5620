package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	libaudit "github.com/elastic/go-libaudit/v2"
	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/threat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// state is what of the kernel's audit the agent must leave as it was.
func state(t *testing.T) (enabled, backlog, rate, pid uint32, rules int) {
	t.Helper()
	c, err := libaudit.NewAuditClient(nil)
	if err != nil {
		t.Skipf("no audit here: %v", err)
	}
	defer c.Close()
	s, err := c.GetStatus()
	if err != nil {
		t.Skipf("audit is refused here: %v", err)
	}
	list, err := c.GetRules()
	if err != nil {
		t.Skipf("audit rules are refused here: %v", err)
	}
	for _, r := range list {
		if bytes.Contains(r, []byte(ruleKey)) {
			t.Error("a rule of the agent is there")
		}
	}
	return s.Enabled, s.BacklogLimit, s.RateLimit, s.PID, len(list)
}

// TestProgramsAndConnectionsOfThisMachine listens to the running kernel: it is told of a program and a connection, and leaves the
// kernel as it was.
func TestProgramsAndConnectionsOfThisMachine(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("the kernel's audit is for root")
	}
	enabled, backlog, rate, pid, rules := state(t)
	if pid != 0 {
		t.Skipf("process %d listens to this machine's audit", pid)
	}
	to, err := buffer.Open(t.Context(), t.TempDir(), buffer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, Tables, to, slog.New(slog.NewTextHandler(t.Output(), nil))) }()
	wait(t, "the kernel to be listened to", func() bool {
		select {
		case err := <-done:
			done <- err
			t.Fatal(err)
		default:
		}
		list, err := to.EventTables(t.Context())
		return err == nil && len(list) == len(Tables) && list[0].Active
	})
	if err := exec.Command("/bin/true", "first argument", "--token=abcdef0123456789").Run(); err != nil { // #nosec G204 -- fixed
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	shell := exec.Command("/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$0", listener.Addr().String()[len("127.0.0.1:"):]) // #nosec G204 -- fixed
	if err := shell.Run(); err != nil {
		t.Fatal(err)
	}
	wait(t, "the program to be told of", func() bool {
		for _, row := range read[threat.ProcessEvent](t, to, processes) {
			if row.Parent == int64(os.Getpid()) && row.Cmdline == "/bin/true first argument --token=[masked]" && row.SystemCall.V == "execve" && row.Mode == "0100755" && row.Uptime > 0 {
				return true
			}
		}
		return false
	})
	wait(t, "the connection to be told of", func() bool {
		for _, row := range read[threat.SocketEvent](t, to, sockets) {
			if row.Action == "connect" && row.RemotePort == int32(port) && row.RemoteAddress == "127.0.0.1" && row.Status.V == "succeeded" && row.PID == int64(shell.Process.Pid) { // #nosec G115 -- a port
				return true
			}
		}
		return false
	})
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	wait(t, "the kernel to be as it was", func() bool {
		e, b, r, p, n := state(t)
		return e == enabled && b == backlog && r == rate && p == 0 && n == rules
	})
}

func read[T any](t *testing.T, to *buffer.Buffer, table string) []T {
	t.Helper()
	var list []T
	if err := to.Events(t.Context(), tables.EventQuery{Table: table}, func(e tables.Event) error {
		var row T
		err := json.Unmarshal(e.Row, &row)
		list = append(list, row)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}
