package fleettest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

const (
	longVariable = "TENANTRA_TEST_LONG" // asks for the outage of SECURITY-MODEL's length

	outageAgents  = 6
	outageBatches = 60      // of each agent
	outageRows    = 40      // of each batch
	outageCell    = 4 << 10 // bytes of a row
)

// outage is how long the database is away, and how long servers wait for it: in both forms the outage is longer than two
// waits, after which a server gives batches back.
func outage() (away, wait time.Duration) {
	if os.Getenv(longVariable) != "" {
		return 75 * time.Second, 30 * time.Second
	}
	return 6 * time.Second, 2 * time.Second
}

// TestDatabaseAwayUnderLoad is the second part of S19: while agents send as fast as they may, the database is away. The
// server waits, tells agents and people to come again, its memory stays bounded, and in the end each row is stored once.
func TestDatabaseAwayUnderLoad(t *testing.T) {
	t.Parallel()
	away, wait := outage()
	d := StartDatabase(t)
	f := d.Server(t, wait)
	f.signIn(<-f.first)
	acme := f.Tenant("acme")
	f.Do(http.MethodPut, "/packs/hostile", "acme", map[string]string{"yaml": "pack: hostile\nqueries:\n  a:\n    sql: SELECT name FROM processes\n    interval: 1h\n"}, nil)
	f.Do(http.MethodPut, "/schedules/hostile", "acme", map[string]bool{"enabled": true}, nil)

	before := f.rss(t)
	peak, stopWatch := f.watchMemory(t)
	senders := make([]*sender, outageAgents)
	for i := range senders {
		senders[i] = newSender(t, f, f.impostor(t, "acme", plainFacts), i)
	}
	var sending sync.WaitGroup
	for _, s := range senders {
		sending.Go(s.run)
	}
	acknowledged := func() (n int64) {
		for _, s := range senders {
			n += s.acknowledged.Load()
		}
		return n
	}
	Eventually(t, "the load runs", func() error {
		if n := acknowledged(); n < outageAgents {
			return fmt.Errorf("%d batches are acknowledged", n)
		}
		return nil
	})
	d.Away()
	gone := time.Now()
	for refused := 0; time.Since(gone) < away; refused++ {
		// People are told to come again, each time after the server has waited.
		asked := time.Now()
		_, err := client.Get[client.Agent](t.Context(), acme, "/agents/"+senders[0].agent.ID.String(), nil)
		var problem *client.Error
		if !errors.As(err, &problem) || problem.Status != http.StatusServiceUnavailable {
			t.Errorf("while the database is away: %v, want 503", err)
			break
		}
		if took := time.Since(asked); took > 2*wait+lateness {
			t.Errorf("a person waited %s", took)
		}
	}
	during := acknowledged()
	d.Back()
	back := time.Now()
	sending.Wait()
	stopWatch()
	t.Logf("all was stored %s after the database came back", time.Since(back).Round(time.Millisecond))
	t.Logf("%d of %d batches were acknowledged before the outage; %d connections were told to come again; memory %d MiB before, %d MiB at most",
		during, outageAgents*outageBatches, retried(senders), before/mebibyte, peak.Load()/mebibyte)
	if during == outageAgents*outageBatches {
		t.Error("the load was over before the outage")
	}
	if retried(senders) == 0 {
		t.Error("nobody was told to come again: the outage was shorter than the server's patience")
	}
	if got := peak.Load(); got > before+growthMax+collectSlack {
		t.Errorf("the server grew from %d MiB to %d MiB", before/mebibyte, got/mebibyte)
	}
	for _, s := range senders {
		stored := d.stored(t, s.agent.ID)
		for n := range outageBatches * outageRows {
			if copies := stored[s.name(n)]; copies != 1 {
				t.Fatalf("row %s is stored %d times", s.name(n), copies)
			}
		}
		if len(stored) != outageBatches*outageRows {
			t.Errorf("agent %d sent %d rows, stored are %d", s.number, outageBatches*outageRows, len(stored))
		}
	}
}

const sqlStored = `
SELECT v.value::jsonb ->> 0, r.copies
  FROM tenantra.agents a
  JOIN tenantra.agent_rows r ON r.tenant_id = a.tenant_id AND r.agent_id = a.id
  JOIN tenantra.row_values v ON v.tenant_id = r.tenant_id AND v.collection_id = r.collection_id AND v.row_id = r.row_id
 WHERE a.public_id = $1`

// stored gives the first cells of an agent's rows and how often each is stored.
func (d *Database) stored(t *testing.T, agent uuid.UUID) map[string]int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), sqlStored, agent)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]int{}
	var name string
	var copies int
	if _, err := pgx.ForEachRow(rows, []any{&name, &copies}, func() error { stored[name] += copies; return nil }); err != nil {
		t.Fatal(err)
	}
	return stored
}

func retried(senders []*sender) (n int64) {
	for _, s := range senders {
		n += s.again.Load()
	}
	return n
}

// watchMemory looks at the server's memory until stop is called.
func (f *Fleet) watchMemory(t *testing.T) (peak *atomic.Int64, stop func()) {
	peak = &atomic.Int64{}
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				peak.Store(max(peak.Load(), f.rss(t)))
			}
		}
	})
	return peak, func() { close(done); watching.Wait() }
}

// sender is an agent that has signed all its batches and sends them as fast as the server takes them, again from the first
// that is not stored whenever it is told so.
type sender struct {
	t      *testing.T
	fleet  *Fleet
	agent  *rowstest.Agent
	number int
	bodies [][]byte

	acknowledged, again atomic.Int64
}

func newSender(t *testing.T, f *Fleet, a *rowstest.Agent, number int) *sender {
	t.Helper()
	s := &sender{t: t, fleet: f, agent: a, number: number}
	for batch := range outageBatches {
		var rows [][]string
		for n := range outageRows {
			rows = append(rows, []string{s.name(batch*outageRows + n), strings.Repeat("x", outageCell)})
		}
		s.bodies = append(s.bodies, a.Sign(t, a.Append(hostileCollection, []string{"name", "filling"}, rowstest.Text(rows...))))
	}
	return s
}

// name is the first cell of the nth row.
func (s *sender) name(n int) string { return fmt.Sprintf("%d-%06d", s.number, n) }

func (s *sender) run() {
	deadline := time.Now().Add(2 * Patience)
	for !s.session() {
		if time.Now().After(deadline) {
			s.t.Errorf("agent %d is not through: %d of %d batches are acknowledged", s.number, s.acknowledged.Load(), len(s.bodies))
			return
		}
		s.again.Add(1)
		<-time.After(200 * time.Millisecond) // as agents back off
	}
}

// session is one connection; it tells whether all is acknowledged.
func (s *sender) session() bool {
	dialer := &websocket.Dialer{TLSClientConfig: s.fleet.trust(s.t), HandshakeTimeout: Patience}
	conn, response, err := dialer.DialContext(s.t.Context(), "wss://"+s.fleet.address()+"/agent/connect", nil)
	if err != nil {
		return false
	}
	response.Body.Close()
	defer conn.Close()
	w := &wire{conn, s.agent}
	var challenge protocol.Challenge
	if !take(w, protocol.TypeChallenge, &challenge) {
		return false
	}
	w.hello(s.t, challenge, time.Now().UTC(), plainFacts)
	var welcome protocol.Welcome
	if !take(w, protocol.TypeWelcome, &welcome) {
		return false
	}
	if welcome.LastSequence < s.acknowledged.Load() {
		s.t.Errorf("agent %d: batch %d was acknowledged, the server knows %d", s.number, s.acknowledged.Load(), welcome.LastSequence)
	}
	s.acknowledged.Store(welcome.LastSequence)
	go func() {
		for _, body := range s.bodies[welcome.LastSequence:] {
			packed, err := frame.Encode(protocol.TypeBatch, "x", json.RawMessage(body))
			if err != nil || conn.WriteMessage(websocket.BinaryMessage, packed) != nil {
				return // the reader finds out
			}
		}
	}()
	for s.acknowledged.Load() < int64(len(s.bodies)) {
		var ack protocol.Ack
		if !take(w, protocol.TypeAck, &ack) {
			return false
		}
		if ack.Refused != nil || ack.Sequence != s.acknowledged.Load()+1 {
			s.t.Errorf("agent %d: batch %d was acknowledged with %+v after %d", s.number, ack.Sequence, ack.Refused, s.acknowledged.Load())
			return true
		}
		s.acknowledged.Store(ack.Sequence)
	}
	return true
}

// take reads a message of a kind; anything else ends the session.
func take(w *wire, kind protocol.Type, body any) bool {
	envelope, err := w.next()
	return err == nil && envelope.Type == kind && protocol.Decode(envelope.Body, body) == nil
}
