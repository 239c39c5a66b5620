package drift_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/drift"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/packs/alertrules"
	policies "github.com/tenantra/tenantra/packs/drift"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const ports = "pack:p/ports"

func columns(name string) ([]string, bool) { return []string{"pid", "port", "name"}, name == ports }

// heard keeps what rules on drift would see.
type heard struct{ lines []string }

func (h *heard) Drift(_ context.Context, tx *postgres.Tx, _ int32, collection string, t alertrules.Table) error {
	for _, row := range t.Rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, cell.String())
		}
		line := collection + ": " + strings.Join(cells, " ")
		tx.AfterCommit(func() { h.lines = append(h.lines, line) })
	}
	return nil
}

type silentBus struct{}

func (silentBus) Publish(context.Context, uuid.UUID, string, string, []byte) error { return nil }

type fleet struct {
	t        *testing.T
	db       *postgres.DB
	scope    access.Scope
	store    *rows.Store
	findings *findings.Service
	service  *drift.Service
	runner   *findings.Runner
	heard    *heard
	class    tables.Class
	gone     bool // the pack that has the collection
	later    time.Duration
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.New(t), heard: &heard{}}
	f.scope = pgtest.Tenant(t, f.db, "acme")
	log := slog.New(slog.DiscardHandler)
	policy, err := policies.Parse("p.yaml", []byte("collections:\n  "+ports+":\n    columns: [port, name]\n    key: [port]\n    novel: true\n"), columns)
	if err != nil {
		t.Fatal(err)
	}
	f.findings = findings.New(findings.Config{DB: f.db, Bus: silentBus{}, Log: log})
	f.service = drift.New(drift.Config{DB: f.db, Findings: f.findings, Alerts: f.heard, Default: policy, Log: log,
		Now: func() time.Time { return time.Now().Add(f.later) },
		Columns: func(context.Context, int32) (func(string) ([]string, bool), error) {
			return func(name string) ([]string, bool) {
				names, ok := columns(name)
				return names, ok && !f.gone
			}, nil
		},
		Class: func(context.Context, access.Scope, string) (tables.Class, error) { return f.class, nil }})
	f.runner = findings.NewRunner(findings.RunnerConfig{DB: f.db, Judges: []findings.Judge{f.service}, Log: log})
	f.store = rows.NewStore(rows.Config{DB: f.db, MaxDelay: time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the store ended with %v", err)
		}
	})
	return f
}

func (f *fleet) in(scope access.Scope, fn func(ctx context.Context, tx *postgres.Tx) error) {
	f.t.Helper()
	if err := f.db.InScope(f.t.Context(), scope, fn); err != nil {
		f.t.Fatal(err)
	}
}

type endpoint struct {
	*rowstest.Agent
	fleet   *fleet
	scope   access.Scope
	id      int32
	session rows.Session
}

func (f *fleet) enroll(scope access.Scope, hostname string, tags ...string) *endpoint {
	f.t.Helper()
	e := &endpoint{Agent: rowstest.NewAgent(scope.TenantID, uuid.Must(uuid.NewV7())), fleet: f, scope: scope}
	f.in(scope, func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := rows.EnsureCollections(ctx, tx, []string{ports}); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id, tags,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 'active', $5, 'linux', 'amd64', 'Debian', '12', '0.1', '', $6, $2, $4, 'test', $4, 'test', $4) RETURNING id`,
			scope.Tenant, e.ID, []byte(e.Public()), tx.Now, hostname, append([]string{}, tags...)).Scan(&e.id)
		if err != nil {
			return err
		}
		return rows.AgentEnrolled(ctx, tx, e.id)
	})
	return e
}

// ports tells what listens: pid, port and name.
func (e *endpoint) ports(open ...string) {
	e.fleet.t.Helper()
	var cells [][]tables.Value
	for _, line := range open {
		var pid, port int64
		var name string
		if _, err := fmt.Sscan(line, &pid, &port, &name); err != nil {
			e.fleet.t.Fatal(err)
		}
		cells = append(cells, []tables.Value{tables.IntValue(pid), tables.IntValue(port), tables.TextValue(name)})
	}
	d := e.Differential(ports, []string{"pid", "port", "name"}, cells)
	sender := rows.Sender{Tenant: e.scope.Tenant, Agent: e.id, TenantID: e.TenantID, AgentID: e.ID, Key: e.Public()}
	b, _, refused := rows.Open(sender, e.Sign(e.fleet.t, d), time.Now())
	if refused != nil {
		e.fleet.t.Fatal(refused)
	}
	if result, err := e.fleet.store.Put(e.fleet.t.Context(), &e.session, b); err != nil || result.Refused != nil {
		e.fleet.t.Fatal(err, result.Refused)
	}
	if err := e.fleet.runner.RunOnce(e.fleet.t.Context(), e.scope.Tenant); err != nil {
		e.fleet.t.Fatal(err)
	}
}

func (f *fleet) want(lines ...string) {
	f.t.Helper()
	if diff := cmp.Diff(lines, f.heard.lines); diff != "" {
		f.t.Error(diff)
	}
	f.heard.lines = nil
}

func line(cells []tables.Value) string {
	var words []string
	for _, c := range cells {
		words = append(words, c.String())
	}
	return strings.Join(words, " ")
}

func TestOnlyWhatCountsIsAChange(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, b := f.enroll(f.scope, "a"), f.enroll(f.scope, "b")
	a.ports("1 22 sshd", "2 80 nginx")
	f.want() // the first look changes nothing
	b.ports("7 22 sshd")
	f.want()
	a.ports("9 22 sshd", "8 80 nginx") // other processes
	f.want()
	b.ports("7 22 sshd", "3 80 nginx")
	f.want(ports + ": added 0 1 2 80 nginx")
	a.ports("9 22 sshd", "8 80 caddy")
	f.want(ports + ": changed 1 0 2 80 caddy")
	a.ports("8 80 caddy")
	f.want(ports + ": removed 0 1 2 22 sshd")

	events, err := f.service.Events(t.Context(), f.scope, drift.Filter{Collection: ports, Agent: a.ID}, drift.Start(), 10)
	if err != nil || len(events) != 2 || events[0].Change != "removed" || events[1].Change != "changed" || line(events[1].Value) != "80 caddy" || line(events[1].Was) != "80 nginx" || !events[1].New {
		t.Errorf("events: %+v, %v", events, err)
	}
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		changes, err := f.service.Changes(ctx, tx, ports, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		if err == nil && (len(changes) != 3 || changes[0].Agent != b.id || len(changes[0].Table.Columns) != 6) {
			err = fmt.Errorf("changes for a dry run: %+v", changes)
		}
		return err
	})
}

func TestCompareTimesAndAgents(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, b := f.enroll(f.scope, "a"), f.enroll(f.scope, "b")
	a.ports("1 22 sshd", "2 80 nginx")
	then := time.Now()
	a.ports("1 22 sshd", "2 80 caddy", "3 443 caddy")
	b.ports("5 22 sshd", "6 25 exim")
	show := func(c drift.Comparison) (lines []string) {
		for _, change := range c.Changes {
			lines = append(lines, change.Kind+" "+line(change.Value.Cells))
		}
		return append(lines, fmt.Sprint(c.Same, " same"))
	}
	c, err := f.service.Compare(t.Context(), f.scope, ports, drift.Side{Agent: a.ID, At: then}, drift.Side{Agent: a.ID})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"changed 80 caddy", "added 443 caddy", "1 same"}, show(c)); diff != "" {
		t.Error(diff)
	}
	if c, err = f.service.Compare(t.Context(), f.scope, ports, drift.Side{Agent: a.ID}, drift.Side{Agent: b.ID}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"removed 443 caddy", "removed 80 caddy", "added 25 exim", "1 same"}, show(c)); diff != "" {
		t.Error(diff)
	}
	other := pgtest.Tenant(t, f.db, "other")
	if _, err := f.service.Compare(t.Context(), other, ports, drift.Side{Agent: a.ID}, drift.Side{Agent: a.ID}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another tenant: %v", err)
	}
	f.class = tables.ClassContent
	weak := f.scope
	weak.Role = access.User
	if _, err := f.service.Compare(t.Context(), weak, ports, drift.Side{Agent: a.ID}, drift.Side{Agent: a.ID}); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("a class that may not be read: %v", err)
	}
	if events, err := f.service.Events(t.Context(), weak, drift.Filter{}, drift.Start(), 10); err != nil || len(events) != 2 || events[0].Value != nil || events[0].Hidden != tables.ClassContent {
		t.Errorf("events of a class that may not be read: %+v, %v", events, err)
	}
}

// What is rare is counted in the viewer's subtree only; across tenants there are counts and no names.
func TestRareIsCounted(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	child, other := pgtest.Tenant(t, f.db, "child", f.scope.Tenant), pgtest.Tenant(t, f.db, "other")
	for i := range 4 {
		f.enroll(f.scope, fmt.Sprint("a", i)).ports("1 22 sshd")
	}
	odd := f.enroll(f.scope, "odd")
	odd.ports("1 22 sshd", "2 31337 nc")
	f.enroll(child, "c").ports("1 31337 nc")
	f.enroll(other, "o").ports("1 31337 nc", "2 6667 irc")
	names, rare, err := f.service.Rare(t.Context(), f.scope, ports, 3, time.Time{}, 10)
	if err != nil || len(rare) != 1 || line(rare[0].Value) != "31337 nc" || rare[0].Holders != 1 || rare[0].Fleet != 5 || fmt.Sprint(rare[0].Hostnames) != "[odd]" || fmt.Sprint(names) != "[port name]" {
		t.Errorf("here: %+v, %v", rare, err)
	}
	both := f.scope
	both.Visible = []int32{f.scope.Tenant, child.Tenant}
	if _, rare, err = f.service.Rare(t.Context(), both, ports, 3, time.Time{}, 10); err != nil || len(rare) != 1 || rare[0].Holders != 2 || rare[0].Fleet != 6 || rare[0].Tenants != 2 || rare[0].Hostnames != nil {
		t.Errorf("with the tenants below: %+v, %v", rare, err)
	}
	if _, rare, err = f.service.Rare(t.Context(), f.scope, ports, 3, time.Now().Add(time.Hour), 10); err != nil || len(rare) != 0 {
		t.Errorf("first seen in the future: %+v, %v", rare, err)
	}
}

func TestBaselines(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, web := f.enroll(f.scope, "a"), f.enroll(f.scope, "web", "web")
	a.ports("1 22 sshd")
	web.ports("1 22 sshd", "2 80 nginx")
	before := time.Now().Add(-time.Minute)
	a.ports("1 22 sshd", "2 99 once")
	a.ports("1 22 sshd")
	for _, b := range []drift.Baseline{
		{Name: "all", Collection: ports, Mode: "learned", LearnedFrom: before}, {Name: "webs", Collection: ports, Mode: "pinned", Tag: "web"}, {Name: "only-a", Collection: ports, Mode: "pinned", AgentID: a.ID},
	} {
		if _, err := f.service.AddBaseline(t.Context(), f.scope, b); err != nil {
			t.Fatal(err)
		}
	}
	list, err := f.service.Baselines(t.Context(), f.scope)
	if err != nil || len(list) != 3 || list[0].Values != 3 || list[1].Values != 1 || list[1].Hostname != "a" || list[2].Values != 2 {
		t.Fatalf("baselines: %+v, %v", list, err)
	}
	open := func() (subjects []string) {
		found, err := f.findings.List(t.Context(), f.scope, findings.Filter{Kind: drift.KindDrift, State: findings.Open}, uuid.Max, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range found {
			subjects = append(subjects, x.Subject+" "+x.Hostname)
		}
		return subjects
	}
	a.ports("1 22 sshd", "5 80 nginx") // known to all, but not of a
	if diff := cmp.Diff([]string{"only-a a"}, open()); diff != "" {
		t.Error(diff)
	}
	a.ports("1 22 sshd", "5 31337 nc")
	if diff := cmp.Diff([]string{"all a", "only-a a"}, sorted(open())); diff != "" {
		t.Error(diff)
	}
	_, _, strange, err := f.service.Deviations(t.Context(), f.scope, list[0].ID, a.ID)
	if err != nil || len(strange) != 1 || line(strange[0].Cells) != "31337 nc" {
		t.Errorf("deviations: %+v, %v", strange, err)
	}
	a.ports("1 22 sshd", "9 99 once") // it was seen while the baseline was learned
	if diff := cmp.Diff([]string{"only-a a"}, open()); diff != "" {
		t.Error(diff)
	}
	if err := f.service.DeleteBaseline(t.Context(), f.scope, list[1].ID); err != nil || len(open()) != 0 {
		t.Errorf("after deletion: %v, %v", open(), err)
	}
	other := pgtest.Tenant(t, f.db, "other")
	if err := f.service.DeleteBaseline(t.Context(), other, list[0].ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another tenant: %v", err)
	}
}

func sorted(list []string) []string {
	if len(list) == 2 && list[0] > list[1] {
		list[0], list[1] = list[1], list[0]
	}
	return list
}

// Another policy is another view: what is there then is no change.
func TestPolicyOfATenant(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll(f.scope, "a")
	a.ports("1 22 sshd")
	if err := f.service.PutPolicy(t.Context(), f.scope, "collections:\n  pack:p/none: {columns: [a]}\n"); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "drift.yaml:2:3") {
		t.Errorf("a wrong policy: %v", err)
	}
	if err := f.service.PutPolicy(t.Context(), f.scope, "collections:\n  "+ports+": {columns: [port]}\n"); err != nil {
		t.Fatal(err)
	}
	a.ports("1 22 dropbear")
	f.want()
	a.ports("1 22 sshd") // the name does not count any more
	f.want()
	a.ports("1 23 sshd")
	f.want(ports+": removed 0 0 1 22", ports+": added 1 0 1 23")
	if err := f.service.PutPolicy(t.Context(), f.scope, ""); err != nil {
		t.Fatal(err)
	}
}

// A policy that names a pack which is gone is told of, on each agent that is judged without it, until it works again.
func TestBrokenPolicyIsAFinding(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll(f.scope, "a")
	own := "collections:\n  " + ports + ": {columns: [port]}\n"
	if err := f.service.PutPolicy(t.Context(), f.scope, own); err != nil {
		t.Fatal(err)
	}
	a.ports("1 22 sshd")
	told := func(want findings.State) {
		t.Helper()
		found, err := f.findings.List(t.Context(), f.scope, findings.Filter{Kind: "drift_policy_error"}, uuid.Max, 10)
		if err != nil || len(found) != 1 || found[0].State != want || !strings.Contains(found[0].Message, ports) {
			t.Errorf("%+v, %v, want one that is %s", found, err, want)
		}
	}
	f.gone, f.later = true, time.Minute
	a.ports("1 23 sshd")
	told(findings.Open)
	f.gone, f.later = false, 2*time.Minute
	a.ports("1 24 sshd")
	told(findings.Resolved)
	f.gone, f.later = true, 3*time.Minute
	a.ports("1 25 sshd")
	told(findings.Open)
	if err := f.service.PutPolicy(t.Context(), f.scope, ""); err != nil {
		t.Fatal(err)
	}
	told(findings.Resolved)
}

// A revoked agent counts for nobody's rarity any more, and that it tells nothing is no change of it.
func TestRevokedAgentCountsNoMore(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	gone, stays := f.enroll(f.scope, "gone"), f.enroll(f.scope, "stays")
	gone.ports("1 22 sshd", "2 80 nginx")
	stays.ports("1 22 sshd")
	rare := func() (lines []string) {
		t.Helper()
		_, found, err := f.service.Rare(t.Context(), f.scope, ports, 10, time.Time{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range found {
			lines = append(lines, fmt.Sprintf("%s on %d of %d: %s", line(r.Value), r.Holders, r.Fleet, strings.Join(r.Hostnames, " ")))
		}
		return lines
	}
	if diff := cmp.Diff([]string{"80 nginx on 1 of 2: gone", "22 sshd on 2 of 2: gone stays"}, rare()); diff != "" {
		t.Error(diff)
	}
	f.heard.lines = nil
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE agents SET state = 'revoked' WHERE tenant_id = $1 AND id = $2`, tx.Scope.Tenant, gone.id); err != nil {
			return err
		}
		if err := rows.Rejudge(ctx, tx, []string{ports}); err != nil { // something waits
			return err
		}
		if err := rows.CloseAgent(ctx, tx, gone.id); err != nil {
			return err
		}
		if err := f.findings.AgentRevoked(ctx, tx, gone.id); err != nil {
			return err
		}
		return f.service.AgentRevoked(ctx, tx, gone.id)
	})
	if err := f.runner.RunOnce(t.Context(), f.scope.Tenant); err != nil {
		t.Fatal(err)
	}
	f.want()
	if diff := cmp.Diff([]string{"22 sshd on 1 of 1: stays"}, rare()); diff != "" {
		t.Error(diff)
	}
	if left, err := f.service.Events(t.Context(), f.scope, drift.Filter{}, drift.Start(), 10); err != nil || len(left) != 0 {
		t.Errorf("its end is a change: %+v, %v", left, err)
	}
}
