package eventlog_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	log "golang.org/x/sys/windows/svc/eventlog"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/agent/events/eventlog"
	"github.com/tenantra/tenantra/tables"
)

// TestWindowsLogIsFollowed writes to the running system's log. Wine has no log: there the refusal must say so.
func TestWindowsLogIsFollowed(t *testing.T) {
	dir, err := os.MkdirTemp("", "eventlog") // Wine lacks the call by which TempDir is removed
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	to, err := buffer.Open(t.Context(), dir, buffer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- eventlog.Run(ctx, []string{"Application"}, to, slog.New(slog.DiscardHandler)) }()
	written := false
	for deadline := time.Now().Add(20 * time.Second); ; {
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "channel Application") && !strings.Contains(err.Error(), "no event log") {
				t.Fatalf("the refusal does not say what it is about: %v", err)
			}
			t.Skipf("this system's log cannot be followed: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		list, err := to.EventTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !written && len(list) == 1 && list[0].Active {
			written = true
			source, err := log.Open("tenantra-test")
			if err != nil {
				t.Skipf("nothing can be written to the log: %v", err)
			}
			defer source.Close()
			if err := source.Info(1, "hello of the test"); err != nil {
				t.Skipf("nothing can be written to the log: %v", err)
			}
		}
		found := false
		if err := to.Events(t.Context(), tables.EventQuery{Table: eventlog.Table}, func(e tables.Event) error {
			found = found || strings.Contains(string(e.Row), "hello of the test")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if found {
			break
		}
		if time.Now().After(deadline) {
			t.Skip("the log took the event and did not tell of it: Wine's calls are empty")
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
}
