package livequery

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

func (f fixture) from(i int) From {
	a := f.edge.agents[i]
	return From{Agent: a.ID, Tenant: a.Tenant, AgentID: a.PublicID, TenantID: a.TenantID}
}

func (f fixture) counts(t *testing.T, q *Query) Counts {
	t.Helper()
	found, err := f.find(t.Context(), f.scope, q.ID)
	if err != nil {
		t.Fatal(err)
	}
	return found.Counts
}

// arrived gives the ids of the questions that an agent gets when it connects.
func (f fixture) arrived(t *testing.T, from From) []string {
	t.Helper()
	commands, err := f.Arrived(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range commands {
		var q protocol.LiveQuery
		if err := json.Unmarshal(c.Body, &q); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, q.QueryID)
	}
	return ids
}

func TestACampaignWaitsForAgentsThatAreAway(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	q, err := f.Ask(t.Context(), f.scope, Request{SQL: "SELECT pid FROM processes", Wait: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Targets: 2, Running: 1, Waiting: 1}, q.Counts); diff != "" {
		t.Fatal(diff)
	}
	f.answer(t, q, 0, 0, protocol.OutcomeNoRows)
	if err := f.sweepOnce(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if found, err := f.find(t.Context(), f.scope, q.ID); err != nil || found.State != Running {
		t.Fatalf("the campaign ended without the agent that is away: %+v, %v", found, err)
	}
	// The agent comes, on whichever server, and is asked; nobody else is.
	if ids := f.arrived(t, f.from(1)); len(ids) != 1 || ids[0] != q.ID.String() {
		t.Fatalf("the agent that comes gets %v", ids)
	}
	if ids := f.arrived(t, f.from(0)); len(ids) != 0 {
		t.Errorf("an agent that has answered gets %v", ids)
	}
	stranger := pgtest.Tenant(t, f.DB, "globex")
	if ids := f.arrived(t, From{Agent: f.edge.agents[1].ID, Tenant: stranger.Tenant, AgentID: uuid.New(), TenantID: stranger.TenantID}); len(ids) != 0 {
		t.Errorf("another tenant's agent gets %v", ids)
	}
	if diff := cmp.Diff(Counts{Targets: 2, NoRows: 1, Running: 1}, f.counts(t, q)); diff != "" {
		t.Error(diff)
	}
	f.answer(t, q, 1, 0, protocol.OutcomeRows, row(1))
	if err := f.sweepOnce(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	found, err := f.find(t.Context(), f.scope, q.ID)
	if err != nil || found.State != Done || found.Counts != (Counts{Targets: 2, NoRows: 1, WithRows: 1}) {
		t.Errorf("at the end: %+v, %v", found, err)
	}
}

func TestAWaitingCampaignEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 0)
	ask := func() *Query {
		q, err := f.Ask(t.Context(), f.scope, Request{SQL: "SELECT pid FROM processes", Wait: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		<-f.edge.seen // it is sent in any case: the agent may have come this moment
		return q
	}
	over, cancelled := ask(), ask()
	if _, err := f.Cancel(t.Context(), f.scope, cancelled.ID); err != nil {
		t.Fatal(err)
	}
	if ids := f.arrived(t, f.from(0)); len(ids) != 1 || ids[0] != over.ID.String() {
		t.Errorf("after one of two was cancelled the agent gets %v", ids)
	}
	if diff := cmp.Diff(Counts{Targets: 1, Offline: 1}, f.counts(t, cancelled)); diff != "" {
		t.Errorf("cancelled: %s", diff)
	}
	if err := f.sweepOnce(t.Context(), time.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Targets: 1, TimedOut: 1}, f.counts(t, over)); diff != "" {
		t.Errorf("over: %s", diff)
	}
	for name, r := range map[string]Request{"too long": {SQL: "SELECT 1", Wait: 8 * 24 * time.Hour}, "negative": {SQL: "SELECT 1", Wait: -1}} {
		if _, err := f.Ask(t.Context(), f.scope, r); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An agent whose answer does not come is asked again while it is heard of, and given up in the end. What it says in a later
// try replaces what is left of an earlier one.
func TestAnOverdueAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 0)
	e := rowstest.Enroll(t, f.DB, f.scope, "web", "linux")
	f.edge.agents = []TargetAgent{{ID: e.Key, Tenant: f.scope.Tenant, PublicID: e.ID, TenantID: f.scope.TenantID, Hostname: "web", Online: true}}
	online := func(on bool) {
		t.Helper()
		if err := f.DB.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE agent_presence SET online = $2 WHERE tenant_id = $1`, f.scope.Tenant, on)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	online(true)
	q, err := f.Ask(t.Context(), f.scope, Request{SQL: "SELECT pid FROM processes", Wait: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	<-f.edge.seen
	f.answer(t, q, 0, 0, "", row(1), row(2))
	f.answer(t, q, 0, 1, "", row(3))
	now := time.Now()
	later := func() {
		t.Helper()
		now = now.Add(time.Minute)
		if err := f.sweepOnce(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	later()
	<-f.edge.seen // the second time
	online(false)
	later()
	if diff := cmp.Diff(Counts{Targets: 1, Waiting: 1}, f.counts(t, q)); diff != "" {
		t.Errorf("away: %s", diff)
	}
	if ids := f.arrived(t, f.from(0)); len(ids) != 1 {
		t.Errorf("the agent comes back and gets %v", ids)
	}
	f.answer(t, q, 0, 0, protocol.OutcomeRows, row(1))
	page, _, err := readAll(t, f, q)
	if err != nil || len(page) != 1 {
		t.Errorf("the third try gave 1 row, %d are there: %v", len(page), err)
	}
	never, err := f.Ask(t.Context(), f.scope, Request{SQL: "SELECT pid FROM processes", Wait: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	online(true)
	for range attemptsMax {
		later()
	}
	if diff := cmp.Diff(Counts{Targets: 1, TimedOut: 1}, f.counts(t, never)); diff != "" {
		t.Errorf("given up: %s", diff)
	}
}

func readAll(t *testing.T, f fixture, q *Query) (items []apiRow, cursor string, err error) {
	t.Helper()
	err = f.DB.InScope(t.Context(), f.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		items, cursor, err = readRows(ctx, tx, q.ID, position{}, 100)
		return err
	})
	return items, cursor, err
}

// A statement chooses the targets: what it names and the scope does not see chooses nobody.
func TestTargetsAreChosenByAStatement(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	f.Choose = func(_ context.Context, _ access.Scope, sql string) ([]uuid.UUID, error) {
		if sql == "none" {
			return nil, nil
		}
		return []uuid.UUID{f.edge.agents[1].PublicID}, nil
	}
	if _, err := f.Ask(t.Context(), f.scope, Request{SQL: "SELECT 1", Target: Target{SQL: "none"}}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("nobody is chosen: %v", err)
	}
	q, err := f.Ask(t.Context(), f.scope, Request{SQL: "SELECT 1", Target: Target{SQL: "SELECT agent FROM users"}})
	if err != nil || q.Target.SQL == "" {
		t.Errorf("%+v, %v", q, err)
	}
	if got := f.edge.asked(); len(got.AgentIDs) != 1 || got.AgentIDs[0] != f.edge.agents[1].PublicID || got.SQL != "" {
		t.Errorf("the target is resolved as %+v", got)
	}
}
