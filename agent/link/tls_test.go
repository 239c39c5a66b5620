package link_test

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/internal/fakefleet"
	"github.com/tenantra/tenantra/agent/link"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/spool"
	"github.com/tenantra/tenantra/agent/state"
)

// blockedTimes is more than the attempts after which the link would poll.
const blockedTimes = 5

// watchedLog keeps what is logged, and wakes who waits for a text.
type watchedLog struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (w *watchedLog) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	select {
	case w.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (w *watchedLog) wait(t *testing.T, want string, times int) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		w.mu.Lock()
		text := w.text.String()
		w.mu.Unlock()
		if strings.Count(text, want) >= times {
			return
		}
		select {
		case <-w.more:
		case <-deadline:
			t.Fatalf("%q is not in the log:\n%s", want, text)
		}
	}
}

// TestLinkTrustsOnlyThePinnedAuthority is S31 for a session: an agent that was enrolled meets something else at its
// fleet's address, and neither the websocket nor the fallback path accepts it.
func TestLinkTrustsOnlyThePinnedAuthority(t *testing.T) {
	t.Parallel()
	home := fakefleet.New(t, fakefleet.Options{})
	for name, c := range map[string]struct {
		options fakefleet.Options
		want    string
	}{
		"authority of another fleet": {fakefleet.Options{}, "certificate signed by unknown authority"},
		"right authority wrong name": {fakefleet.Options{FleetsCA: home, Name: "fleet.example"}, "127.0.0.1"},
		"expired":                    {fakefleet.Options{FleetsCA: home, Expired: true}, "expired"},
		"TLS 1.2":                    {fakefleet.Options{FleetsCA: home, TLSMax: tls.VersionTLS12}, "protocol version"},
		"plain HTTP":                 {fakefleet.Options{PlainHTTP: true}, "TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := state.OpenDir(filepath.Join(t.TempDir(), "state"), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			id := home.Enroll(t, dir)
			there := fakefleet.New(t, c.options)
			id.Server = there.URL()
			log := &watchedLog{more: make(chan struct{}, 1)}
			run(t, dir, id, log)
			log.wait(t, c.want, 2*blockedTimes) // often enough for a fallback
			if there.Sessions() != 0 || there.Polls() != 0 {
				t.Errorf("%d sessions and %d polls were made", there.Sessions(), there.Polls())
			}
		})
	}
}

func run(t *testing.T, dir state.Dir, id *enroll.Identity, log io.Writer) {
	t.Helper()
	db, err := state.Open(t.Context(), dir, id.AgentID, id.TenantID, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l := link.New(link.Options{
		Identity: id, Spool: spool.New(db, spool.Signer{AgentID: id.AgentID, TenantID: id.TenantID, Key: id.Key()}), Outbox: link.NewOutbox(),
		Heartbeat: func(context.Context) (protocol.HeartbeatHeader, time.Duration, error) {
			return protocol.HeartbeatHeader{}, time.Minute, nil
		},
		Log: slog.New(slog.NewTextHandler(log, nil)), Pace: link.Pace{BackOffMin: time.Millisecond, BackOffMax: 5 * time.Millisecond},
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAnotherFleetBehindTheSameAuthorityIsRefused(t *testing.T) {
	t.Parallel()
	home := fakefleet.New(t, fakefleet.Options{})
	other := fakefleet.New(t, fakefleet.Options{FleetsCA: home})
	other.FleetID = "another"
	dir, err := state.OpenDir(filepath.Join(t.TempDir(), "state"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	id := home.Enroll(t, dir)
	id.Server = other.URL()
	log := &watchedLog{more: make(chan struct{}, 1)}
	run(t, dir, id, log)
	log.wait(t, "the server says it is fleet", 1)
}
