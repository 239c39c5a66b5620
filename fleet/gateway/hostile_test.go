package gateway_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

// stored gives how many rows an agent has, and how many copies of them.
func (f *fleet) stored(a *rowstest.Agent) (rows, copies int) {
	f.t.Helper()
	err := f.db.InScope(f.t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		const text = `SELECT count(*), coalesce(sum(r.copies), 0) FROM agent_rows r JOIN agents a ON a.tenant_id = r.tenant_id AND a.id = r.agent_id WHERE a.public_id = $1`
		return tx.QueryRow(ctx, text, a.ID).Scan(&rows, &copies)
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return rows, copies
}

// ack gives the next acknowledgement; commands in between are counted.
func (w *wire) ack() (ack protocol.Ack, commands int) {
	w.t.Helper()
	for {
		envelope, err := w.next()
		if err != nil {
			w.t.Fatal(err)
		}
		if envelope.Type == protocol.TypeCommand {
			commands++
			continue
		}
		if err := protocol.Decode(envelope.Body, &ack); err != nil || envelope.Type != protocol.TypeAck {
			w.t.Fatalf("got %s %s (%v), want an acknowledgement", envelope.Type, envelope.Body, err)
		}
		return ack, commands
	}
}

// TestReplayedAndReorderedBatches is S15 over the wire: what was recorded and is sent again, in whichever order, over a new
// connection or the old one, is stored once; a batch before its turn is a gap, whose collection is asked for anew.
func TestReplayedAndReorderedBatches(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll()
	var bodies []json.RawMessage
	for _, names := range [][]string{{"a"}, {"a", "b"}, {"b", "c", "d"}, {"b", "c", "d", "e"}, {"e"}} {
		var result [][]string
		for _, name := range names {
			result = append(result, []string{name})
		}
		bodies = append(bodies, a.Sign(t, a.Differential(ports, columns, rowstest.Text(result...))))
	}
	w := f.connect(a, f.url)
	for i := range 3 {
		w.send(protocol.TypeBatch, bodies[i])
		if ack, _ := w.ack(); ack.Refused != nil || ack.Sequence != int64(i+1) {
			t.Fatalf("%+v", ack)
		}
	}
	for _, connection := range []*wire{w, f.connect(a, f.url)} {
		for _, i := range []int{2, 0, 1, 0} {
			connection.send(protocol.TypeBatch, bodies[i])
			if ack, _ := connection.ack(); ack.Refused != nil || ack.Sequence != int64(i+1) {
				t.Errorf("batch %d again: %+v", i+1, ack)
			}
		}
		if rows, copies := f.stored(a); rows != 3 || copies != 3 {
			t.Errorf("after batches were sent again: %d rows in %d copies", rows, copies)
		}
	}
	// The fifth before the fourth: it does not follow on the third.
	w.send(protocol.TypeBatch, bodies[4])
	ack, commands := w.ack()
	if ack.Refused == nil || ack.Refused.Code != protocol.CodeGap {
		t.Fatalf("a batch before its turn: %+v", ack)
	}
	w.send(protocol.TypeBatch, bodies[3])
	ack, more := w.ack()
	if ack.Sequence != 4 {
		t.Errorf("the batch that came late: %+v", ack)
	}
	if rows, copies := f.stored(a); rows != 3 || copies != 3 {
		t.Errorf("after batches in the wrong order: %d rows in %d copies", rows, copies)
	}
	if commands+more == 0 {
		if header, body := w.command(); header.Kind != protocol.CommandResync {
			t.Errorf("the collection is not asked for anew, but %s %s", header.Kind, body)
		}
	}
	a.Resync(ports)
	w.batch(a.Differential(ports, columns, rowstest.Text([]string{"e"})))
	if ack, _ := w.ack(); ack.Refused != nil {
		t.Errorf("the whole state: %+v", ack)
	}
	if rows, copies := f.stored(a); rows != 1 || copies != 1 {
		t.Errorf("after the whole state: %d rows in %d copies", rows, copies)
	}
}

// TestSlowReaderIsEnded: an agent that does not read what it is sent loses its connection and no more than that; another one
// gets its commands meanwhile, and the slow one is welcome again.
func TestSlowReaderIsEnded(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	slow, quick := f.enroll(), f.enroll()
	f.connect(slow, f.url) // and reads nothing more
	w := f.connect(quick, f.url)
	noise := make([]byte, 1<<20) // does not pack
	rand.Read(noise)
	command := func(a *rowstest.Agent, text string) protocol.Command {
		made, err := f.around.SignCommand(t.Context(), f.scope.TenantID, a.ID.String(), protocol.CommandQuery, 0, protocol.LiveQuery{QueryID: "q", SQL: text}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	large, small := command(slow, base64.StdEncoding.EncodeToString(noise)), command(quick, "SELECT 1")
	deadline := time.Now().Add(time.Minute)
	for sent := 0; f.gateway.Connected() == 2; sent++ {
		if time.Now().After(deadline) {
			t.Fatalf("after %d large commands that nobody read the connection is still there", sent)
		}
		// What the sockets' buffers do not take waits in a queue of bounded length.
		if err := f.gateway.Send(t.Context(), slow.ID, large); err != nil {
			t.Fatal(err)
		}
		if err := f.gateway.Send(t.Context(), quick.ID, small); err != nil {
			t.Fatal(err)
		}
		if header, _ := w.command(); header.AgentID != quick.ID.String() {
			t.Fatalf("the quick agent got a command for %s", header.AgentID)
		}
	}
	again := f.connect(slow, f.url)
	if err := f.gateway.Send(t.Context(), slow.ID, command(slow, "SELECT 2")); err != nil {
		t.Fatal(err)
	}
	if header, _ := again.command(); header.Kind != protocol.CommandQuery {
		t.Errorf("the slow agent, connected again, got %s", header.Kind)
	}
}
