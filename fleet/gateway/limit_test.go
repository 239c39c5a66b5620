package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/gateway"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

const batchOf = 10 // rows

// tight are limits that two batches use up and of which the next has to wait a tenth of a second or two.
func tight() gateway.Limits {
	l := gateway.DefaultLimits()
	l.Patience = time.Millisecond
	return l
}

// spool is an agent's batches, signed, and how many of them are acknowledged.
type spool struct {
	agent  *rowstest.Agent
	bodies [][]byte
	stored int
}

func (f *fleet) spool(n, cell int) *spool {
	s := &spool{agent: f.enroll()}
	for batch := range n {
		var list [][]string
		for i := range batchOf {
			list = append(list, []string{fmt.Sprintf("%s-%d-%d-%s", s.agent.ID, batch, i, strings.Repeat("x", cell))})
		}
		s.bodies = append(s.bodies, s.agent.Sign(f.t, s.agent.Append(ports, columns, rowstest.Text(list...))))
	}
	return s
}

// send sends what is not acknowledged over one connection, until all is or the server refuses: then it gives the refusal.
func (f *fleet) send(s *spool, url string) *protocol.Error {
	f.t.Helper()
	w, challenge := f.dial(s.agent, url)
	header := f.hello(s.agent, challenge)
	header.TenantID = s.agent.TenantID.String()
	w.greet(header)
	var welcome protocol.Welcome
	w.expect(protocol.TypeWelcome, &welcome)
	if int(welcome.LastSequence) != s.stored {
		f.t.Errorf("%d batches were acknowledged, the server has %d", s.stored, welcome.LastSequence)
	}
	for s.stored < len(s.bodies) {
		w.send(protocol.TypeBatch, json.RawMessage(s.bodies[s.stored]))
		envelope, err := w.next()
		if err != nil {
			f.t.Fatal(err)
		}
		if envelope.Type == protocol.TypeError {
			var refused protocol.Error
			if err := protocol.Decode(envelope.Body, &refused); err != nil {
				f.t.Fatal(err)
			}
			if _, err := w.next(); !websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
				f.t.Errorf("after the refusal: %v, want the close code %d", err, websocket.CloseTryAgainLater)
			}
			return &refused
		}
		var ack protocol.Ack
		if err := protocol.Decode(envelope.Body, &ack); err != nil || ack.Refused != nil || int(ack.Sequence) != s.stored+1 {
			f.t.Fatalf("%s %s, %v", envelope.Type, envelope.Body, err)
		}
		s.stored++
	}
	w.conn.Close()
	return nil
}

// TestFloodIsHeldBackAndNothingIsLost: an agent, or all agents of a tenant, that send more than they may are told when to come
// again, and what they kept is stored once. Others do not feel it.
func TestFloodIsHeldBackAndNothingIsLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit func(*gateway.Limits)
		cell  int
		// two tells that two agents share the limit
		two bool
	}{
		"rows of an agent":   {func(l *gateway.Limits) { l.AgentRows = gateway.Rate{PerSecond: 100, Burst: 2 * batchOf} }, 1, false},
		"bytes of an agent":  {func(l *gateway.Limits) { l.AgentBytes = gateway.Rate{PerSecond: 500_000, Burst: 250_000} }, 10_000, false},
		"rows of the tenant": {func(l *gateway.Limits) { l.TenantRows = gateway.Rate{PerSecond: 100, Burst: 2 * batchOf} }, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t)
			limits := tight()
			test.limit(&limits)
			_, url := f.server(limits)
			spools := []*spool{f.spool(6, test.cell)}
			if test.two {
				spools = append(spools, f.spool(6, test.cell))
			}
			other := f.neighbour("Globex")
			refusals := 0
			deadline := time.Now().Add(time.Minute)
			for left := true; left; {
				left = false
				for _, s := range spools {
					refused := f.send(s, url)
					if refused == nil {
						continue
					}
					left = true
					refusals++
					if refused.Code != protocol.CodeBusy || refused.RetryMillis <= 0 || refused.RetryMillis > 10_000 {
						t.Fatalf("refused with %+v, want %s and a time to come again", refused, protocol.CodeBusy)
					}
					if refusals == 1 {
						if refused := f.send(other, url); refused != nil {
							t.Errorf("another tenant's agent is refused: %+v", refused)
						}
					}
					<-time.After(time.Duration(refused.RetryMillis) * time.Millisecond) // as agents do
				}
				if time.Now().After(deadline) {
					t.Fatal("the spools do not get empty")
				}
			}
			if refusals == 0 {
				t.Error("nobody was held back")
			}
			for _, s := range spools {
				f.wantRows(s)
			}
		})
	}
}

// neighbour is an agent of another tenant with one batch.
func (f *fleet) neighbour(name string) *spool {
	f.t.Helper()
	scope := f.scope
	defer func() { f.scope = scope }()
	f.scope = pgtest.Tenant(f.t, f.db, name)
	err := f.db.InScope(f.t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := rows.EnsureCollections(ctx, tx, []string{ports})
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return f.spool(1, 1)
}

// wantRows checks that each row of a spool is stored once.
func (f *fleet) wantRows(s *spool) {
	f.t.Helper()
	var stored, copies int
	err := f.db.InScope(f.t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		const text = `SELECT count(*), coalesce(sum(r.copies), 0) FROM agent_rows r JOIN agents a ON a.tenant_id = r.tenant_id AND a.id = r.agent_id WHERE a.public_id = $1`
		return tx.QueryRow(ctx, text, s.agent.ID).Scan(&stored, &copies)
	})
	if want := len(s.bodies) * batchOf; err != nil || stored != want || copies != want {
		f.t.Errorf("%d rows in %d copies are stored, %v: want %d", stored, copies, err, want)
	}
}

// TestFloodByRequestsIsHeldBack is the same for an agent without a websocket: the answer says when to come again.
func TestFloodByRequestsIsHeldBack(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	limits := tight()
	limits.AgentRows = gateway.Rate{PerSecond: 10, Burst: batchOf}
	_, url := f.server(limits)
	s := f.spool(2, 1)
	f.url = url
	send := func(body []byte) *http.Response {
		t.Helper()
		var batch protocol.Batch
		if err := json.Unmarshal(body, &batch); err != nil {
			t.Fatal(err)
		}
		response := f.request(s.agent, http.MethodPost, "/scan/result", protocol.ResultRequest{Batches: []protocol.Batch{batch}})
		response.Body.Close()
		return response
	}
	if r := send(s.bodies[0]); r.StatusCode != http.StatusOK {
		t.Fatalf("the first batch: %s", r.Status)
	}
	r := send(s.bodies[1])
	seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if r.StatusCode != http.StatusServiceUnavailable || err != nil || seconds < 1 || seconds > 10 {
		t.Fatalf("the second batch: %s, Retry-After %q", r.Status, r.Header.Get("Retry-After"))
	}
	<-time.After(time.Duration(seconds) * time.Second)
	if r := send(s.bodies[1]); r.StatusCode != http.StatusOK {
		t.Fatalf("after the time to wait: %s", r.Status)
	}
	f.wantRows(s)
}
