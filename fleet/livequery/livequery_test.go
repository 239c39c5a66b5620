package livequery

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/catalogue"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// edge stands for the agents and their connections: it lists targets and keeps what was sent to whom.
type edge struct {
	agents []TargetAgent

	mu   sync.Mutex
	last Target // that was resolved
	sent map[uuid.UUID][]protocol.Command
	seen chan struct{} // one a command
}

func (e *edge) Targets(_ context.Context, _ *postgres.Tx, t Target) ([]TargetAgent, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = t
	return e.agents, nil
}

func (e *edge) asked() Target {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}

func (e *edge) Broadcast(_ context.Context, agents []uuid.UUID, command protocol.Command) error {
	for _, agent := range agents {
		e.mu.Lock()
		e.sent[agent] = append(e.sent[agent], command)
		e.mu.Unlock()
		e.seen <- struct{}{}
	}
	return nil
}

func (e *edge) SignCommand(_ context.Context, _ uuid.UUID, _ string, kind protocol.CommandKind, _ int64, body any, _ time.Duration) (protocol.Command, error) {
	text, err := json.Marshal(body)
	return protocol.Command{Header: protocol.Signed{Payload: []byte(kind)}, Body: text}, err
}

type fixture struct {
	*Service
	edge  *edge
	scope access.Scope
}

// newFixture has n connected agents and one that is offline, in one tenant.
func newFixture(t *testing.T, n int) fixture {
	t.Helper()
	db := pgtest.New(t)
	scope := pgtest.Tenant(t, db, "acme")
	e := &edge{sent: map[uuid.UUID][]protocol.Command{}, seen: make(chan struct{}, 4*n+16)}
	for i := range n + 1 {
		e.agents = append(e.agents, TargetAgent{ID: int32(i + 1), Tenant: scope.Tenant, PublicID: uuid.New(), TenantID: scope.TenantID,
			Hostname: fmt.Sprintf("host-%d", i), Platform: "linux", Online: i < n})
	}
	messages, err := bus.Open(bus.Config{Installation: db.Installation()})
	if err != nil {
		t.Fatal(err)
	}
	checker, err := catalogue.NewChecker()
	if err != nil {
		t.Fatal(err)
	}
	s := New(Config{DB: db, Log: slog.New(slog.DiscardHandler), Permit: checker.Permit, Targets: e,
		Check: func(sql string) (*engine.Analysis, error) { return checker.Check(sql, 0) }, Signer: e, Sender: e, Bus: messages})
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		messages.Close()
		if err := checker.Close(); err != nil {
			t.Error(err)
		}
	})
	return fixture{s, e, scope}
}

func (f fixture) ask(t *testing.T, sql string) *Query {
	t.Helper()
	q, err := f.Ask(t.Context(), f.scope, Request{SQL: sql})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// answer gives one part of agent i's answer.
func (f fixture) answer(t *testing.T, q *Query, i, part int, final protocol.Outcome, rows ...[]tables.Value) {
	t.Helper()
	a := f.edge.agents[i]
	header := protocol.AnswerHeader{QueryID: q.ID.String(), Part: part, Final: final != "", Outcome: final, Columns: []string{"pid"}, RowCount: len(rows),
		Execution: protocol.Execution{DurationMS: 12}}
	if final == protocol.OutcomeFailed {
		header.Error = "no such table: x"
	}
	if err := f.Answer(t.Context(), From{Agent: a.ID, Tenant: a.Tenant, AgentID: a.PublicID, TenantID: a.TenantID}, header, rows); err != nil {
		t.Fatal(err)
	}
}

func row(pid int64) []tables.Value { return []tables.Value{tables.IntValue(pid)} }

// stream reads a campaign to its end.
func (f fixture) stream(t *testing.T, scope access.Scope, id uuid.UUID) []Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var events []Event
	if err := f.Stream(ctx, scope, id, func(e Event) error { events = append(events, e); return nil }); err != nil {
		t.Fatal(err)
	}
	return events
}

func TestEveryTargetEndsInOneOutcome(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 4)
	q := f.ask(t, "SELECT pid FROM processes")
	if diff := cmp.Diff(Counts{Targets: 5, Running: 4, Offline: 1}, q.Counts); diff != "" {
		t.Fatal(diff)
	}
	for range 4 {
		<-f.edge.seen
	}
	done := make(chan []Event)
	go func() { done <- f.stream(t, f.scope, q.ID) }()
	f.answer(t, q, 0, 0, "", row(1), row(2))
	f.answer(t, q, 0, 0, "", row(1), row(2)) // sent again after a lost connection
	f.answer(t, q, 0, 1, protocol.OutcomeRows, row(3))
	f.answer(t, q, 1, 0, protocol.OutcomeNoRows)
	f.answer(t, q, 2, 0, protocol.OutcomeFailed)
	f.answer(t, q, 3, 0, protocol.OutcomeRefused)
	events := <-done
	last := events[len(events)-1]
	want := Counts{Targets: 5, WithRows: 1, NoRows: 1, Failed: 1, Refused: 1, Offline: 1}
	if last.Type != "done" || *last.Counts != want {
		t.Errorf("the stream ends with %s %+v, want done %+v", last.Type, last.Counts, want)
	}
	kinds := map[string]int{}
	for _, e := range events {
		if e.Type != "progress" {
			kinds[e.Type]++
		}
	}
	if diff := cmp.Diff(map[string]int{"rows": 2, "agent": 5, "done": 1}, kinds); diff != "" {
		t.Errorf("events (- wanted, + got):\n%s", diff)
	}
	// A later reader sees the same.
	again := map[string]int{}
	for _, e := range f.stream(t, f.scope, q.ID) {
		again[e.Type]++
	}
	if diff := cmp.Diff(map[string]int{"rows": 2, "agent": 5, "done": 1}, again); diff != "" {
		t.Errorf("a replay (- wanted, + got):\n%s", diff)
	}
}

func TestAnAnswerAfterTheEndChangesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	q := f.ask(t, "SELECT pid FROM processes")
	<-f.edge.seen
	if _, err := f.Cancel(t.Context(), f.scope, q.ID); err != nil {
		t.Fatal(err)
	}
	<-f.edge.seen // the cancel
	f.answer(t, q, 0, 0, protocol.OutcomeRows, row(1))
	events := f.stream(t, f.scope, q.ID)
	if last := events[len(events)-1]; last.Counts.TimedOut != 1 || last.Counts.WithRows != 0 {
		t.Errorf("counts are %+v", last.Counts)
	}
	f.edge.mu.Lock()
	defer f.edge.mu.Unlock()
	commands := f.edge.sent[f.edge.agents[0].PublicID]
	if len(commands) != 2 || string(commands[1].Header.Payload) != string(protocol.CommandCancel) {
		t.Errorf("the agent got %d commands, want a query and its cancel", len(commands))
	}
}

func TestOverdueCampaignsEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	q := f.ask(t, "SELECT pid FROM processes")
	f.answer(t, q, 0, 0, protocol.OutcomeNoRows)
	if err := f.sweepOnce(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	events := f.stream(t, f.scope, q.ID)
	want := Counts{Targets: 3, NoRows: 1, TimedOut: 1, Offline: 1}
	if last := events[len(events)-1]; *last.Counts != want {
		t.Errorf("counts are %+v, want %+v", *last.Counts, want)
	}
}

func TestAnotherTenantSeesNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	q := f.ask(t, "SELECT pid FROM processes")
	f.answer(t, q, 0, 0, protocol.OutcomeRows, row(1))
	other := pgtest.Tenant(t, f.DB, "globex")
	if err := f.Stream(t.Context(), other, q.ID, func(Event) error { return nil }); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("stream: %v, want not found", err)
	}
	if _, err := f.Cancel(t.Context(), other, q.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("cancel: %v, want not found", err)
	}
	// An agent of another tenant cannot answer into the campaign.
	forged := From{Agent: 1, Tenant: other.Tenant, AgentID: uuid.New(), TenantID: other.TenantID}
	header := protocol.AnswerHeader{QueryID: q.ID.String(), Part: 7, Columns: []string{"pid"}}
	if err := f.Answer(t.Context(), forged, header, [][]tables.Value{row(66)}); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, e := range f.stream(t, f.scope, q.ID) {
		if e.Type == "rows" {
			rows++
		}
	}
	if rows != 1 {
		t.Errorf("the campaign has %d parts, want its own agent's one", rows)
	}
}

func TestWhatTheRoleMayNotReadIsRefusedBeforeAnyAgentIsAsked(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	for name, tc := range map[string]struct {
		sql  string
		role access.Role
		code fault.Code
	}{
		"syntax":           {"SELEC 1", access.Admin, fault.Invalid},
		"unknown table":    {"SELECT * FROM nowhere", access.Admin, fault.Invalid},
		"empty":            {"  ", access.Admin, fault.Invalid},
		"content":          {"SELECT value FROM process_envs", access.User, fault.Forbidden},
		"content, admin":   {"SELECT value FROM process_envs WHERE pid = 1", access.Admin, ""},
		"personal":         {"SELECT username FROM users", access.User, ""},
		"writes":           {"DELETE FROM processes", access.Admin, fault.Invalid},
		"pragma":           {"PRAGMA table_info(processes)", access.Admin, fault.Invalid},
		"NUL in statement": {"SELECT 1\x00", access.Admin, fault.Invalid},
	} {
		scope := f.scope
		scope.Role = tc.role
		if _, err := f.Ask(t.Context(), scope, Request{SQL: tc.sql}); fault.CodeOf(err) != tc.code {
			t.Errorf("%s: %v, want code %q", name, err, tc.code)
		}
	}
}

func TestMalformedAnswersAreRefused(t *testing.T) {
	t.Parallel()
	id := uuid.NewString()
	for name, h := range map[string]protocol.AnswerHeader{
		"no id":           {Columns: []string{"a"}},
		"negative part":   {QueryID: id, Part: -1, Columns: []string{"a"}},
		"unknown outcome": {QueryID: id, Final: true, Outcome: "well", Columns: []string{"a"}},
		"short row":       {QueryID: id, Columns: []string{"a", "b"}},
	} {
		if _, err := newAnswer(From{}, h, [][]tables.Value{row(1)}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	a, err := newAnswer(From{}, protocol.AnswerHeader{QueryID: id, Columns: []string{"a\x00"}}, [][]tables.Value{{tables.TextValue("\xff\x00")}})
	if err != nil || a.rows != "[[\"\uFFFD\uFFFD\"]]" || a.header.Columns[0] != "a\uFFFD" {
		t.Errorf("%+v: %v", a, err)
	}
}
