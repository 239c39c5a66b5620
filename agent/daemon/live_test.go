package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/internal/fakefleet"
	"github.com/tenantra/tenantra/agent/protocol"
)

// ask sends a live query and waits for the final part.
func (r *rig) ask(t *testing.T, q protocol.LiveQuery) []fakefleet.Answer {
	t.Helper()
	r.Send(r.Order(protocol.CommandQuery, 0, q))
	return r.answered(t, q.QueryID)
}

func (r *rig) answered(t *testing.T, id string) []fakefleet.Answer {
	t.Helper()
	r.Wait(t, "the answer to "+id, func() bool {
		parts := r.Answers(id)
		return len(parts) > 0 && parts[len(parts)-1].Header.Final
	})
	return r.Answers(id)
}

func TestLiveQueriesEndInTheirOutcome(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.policy = filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(r.policy, []byte(`{"disabled_tables": []}`), 0o600); err != nil {
		t.Fatal(err)
	}
	r.things.set(thing{Name: "a", Owner: "ann", Number: 1})
	r.start(t)
	r.connected(t, 1)
	r.Send(r.Order(protocol.CommandConfig, 1, protocol.Config{HeartbeatSeconds: 60})) // inventory only
	r.Wait(t, "the configuration", func() bool {
		beats := r.Heartbeats()
		return len(beats) > 0 && beats[len(beats)-1].ConfigVersion == 1
	})
	endless := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT sum(i) FROM n"
	for _, c := range []struct {
		sql     string
		seconds int
		limit   int64
		want    protocol.Outcome
		text    string
	}{
		{sql: "SELECT name FROM things", want: protocol.OutcomeRows},
		{sql: "SELECT name FROM things WHERE number > 5", want: protocol.OutcomeNoRows},
		{sql: "SELECT nam FROM things", want: protocol.OutcomeFailed, text: "nam"},
		{sql: endless, seconds: 1, want: protocol.OutcomeTimedOut, text: "limit"},
		{sql: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n", limit: 10, want: protocol.OutcomeFailed, text: "10 row"},
		{sql: "SELECT owner FROM things", want: protocol.OutcomeRefused, text: "class personal"},
		{sql: "SELECT * FROM dialled", want: protocol.OutcomeRefused, text: "network"},
		{sql: "ATTACH 'x' AS y", want: protocol.OutcomeFailed},
	} {
		parts := r.ask(t, protocol.LiveQuery{QueryID: c.sql, SQL: c.sql, TimeoutSeconds: c.seconds, RowLimit: c.limit})
		last := parts[len(parts)-1].Header
		if last.Outcome != c.want || !strings.Contains(last.Error, c.text) {
			t.Errorf("%s: %s, %q; want %s with %q", c.sql, last.Outcome, last.Error, c.want, c.text)
		}
	}
}

func TestLargeAnswersComeInParts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var rows []thing
	for i := range 5000 {
		rows = append(rows, thing{Name: fmt.Sprint(i)})
	}
	r.things.set(rows...)
	r.start(t)
	r.connected(t, 1)
	parts := r.ask(t, protocol.LiveQuery{QueryID: "large", SQL: "SELECT name FROM things"})
	total := 0
	for i, p := range parts {
		total += len(p.Answer.Rows)
		if p.Header.Part != i || p.Header.RowCount != len(p.Answer.Rows) || len(p.Header.Columns) != 1 {
			t.Errorf("part %d is %+v", i, p.Header)
		}
	}
	if len(parts) != 3 || total != 5000 || parts[2].Header.Execution.Rows != 5000 {
		t.Errorf("5000 rows came as %d in %d parts", total, len(parts))
	}
}

func TestCancelReachesARunningStatement(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.gate = make(chan struct{}) // never opened
	r.start(t)
	r.connected(t, 1)
	q := protocol.LiveQuery{QueryID: "slow", SQL: "SELECT name FROM things"}
	r.Send(r.Order(protocol.CommandQuery, 0, q))
	r.Send(r.Order(protocol.CommandQuery, 0, q)) // the same order twice runs once
	r.Send(r.Order(protocol.CommandCancel, 0, protocol.Cancel{QueryID: "slow"}))
	if parts := r.answered(t, "slow"); len(parts) != 1 || parts[0].Header.Outcome != protocol.OutcomeCancelled {
		t.Errorf("the cancelled query was answered by %+v", parts)
	}
	r.things.mu.Lock()
	r.things.gate = nil
	r.things.mu.Unlock()
	r.ask(t, protocol.LiveQuery{QueryID: "next", SQL: "SELECT 1"})
	if parts := r.Answers("slow"); len(parts) != 1 {
		t.Errorf("the query was answered %d times", len(parts))
	}
}

func TestAnswersOutliveTheConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	gate := make(chan struct{})
	r.things.gate = gate
	r.things.set(thing{Name: "a"})
	r.start(t)
	r.connected(t, 1)
	r.Send(r.Order(protocol.CommandQuery, 0, protocol.LiveQuery{QueryID: "q", SQL: "SELECT name FROM things"}))
	r.ask(t, protocol.LiveQuery{QueryID: "behind", SQL: "SELECT 1"}) // so the first has begun
	r.Drop()
	close(gate)
	if parts := r.answered(t, "q"); parts[len(parts)-1].Header.Outcome != protocol.OutcomeRows {
		t.Errorf("the answer is %+v", parts)
	}
}

// TestComplaintsAboutOneMessageKeepTheConnection: the fleet refuses a message that is no batch, and a batch that it could
// not even read; neither ends the session nor comes again.
func TestComplaintsAboutOneMessageKeepTheConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.things.set(thing{Name: "a"})
	r.Behave(fakefleet.Behaviour{Unreadable: func(h protocol.BatchHeader) bool { return h.Sequence == 1 }})
	r.start(t)
	r.connected(t, 1)
	r.SendRaw(protocol.TypeError, protocol.Error{Code: protocol.CodeUnknownQuery, Message: "nobody asked"})
	r.SendRaw("novelty", struct{}{})
	r.configure(t, 1, query(protocol.ModeDifferential, 1))
	r.Wait(t, "the state anew", func() bool { return len(r.Batches()) == 1 })
	if h := r.Batches()[0].Header; h.Sequence != 2 || h.Counter != 0 || r.Sessions() != 1 {
		t.Errorf("after the complaints came %+v in session %d", h, r.Sessions())
	}
}
