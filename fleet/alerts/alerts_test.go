package alerts_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/jobs"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	portRule = `rule: telnet
title: Telnet is open
on: collection
collections: [pack:p/ports]
sql: SELECT port, name FROM ports WHERE port = 23
when: len(rows) >= threshold and "lab" not in agent.tags
params: {a: 1}
severity: high
message: "{{ rows[0].name }} on {{ agent.hostname }}"
notify: [mail]
fixtures:
  - {name: open, fires: true, rows: {ports: [{port: 23, name: telnetd}]}}
  - {name: closed, fires: false}
`
	eachPort = `rule: low-port
title: A low port is open
on: collection
collections: [pack:p/ports]
when: any(rows, .port < 1000)
severity: low
message: port {{ rows[0].port }}
group_by: [port]
enabled: false
fixtures:
  - {name: open, fires: true, rows: {ports: [{port: 23}]}}
  - {name: closed, fires: false, rows: {ports: [{port: 2300}]}}
`
	findingRule = `rule: bad-check
title: A check fails
on: finding
when: rows[0].severity == "high" and rows[0].kind == "check"
severity: critical
message: "{{ rows[0].title }} on {{ agent.hostname }}"
group_by: [subject]
fixtures:
  - {name: fails, fires: true, rows: {finding: [{severity: high, kind: check, title: x}]}}
  - {name: low, fires: false, rows: {finding: [{severity: low, kind: check}]}}
`
	offlineRule = `rule: silent
title: An agent is silent
on: agent
when: rows[0].silent_minutes >= threshold
threshold: 30
severity: medium
message: "{{ rows[0].silent_minutes }} minutes"
fixtures:
  - {name: silent, fires: true, rows: {agent: [{silent_minutes: 31}]}}
  - {name: online, fires: false, rows: {agent: [{silent_minutes: 0}]}}
`
	scheduleRule = `rule: query-fails
title: A query fails
on: schedule
when: any(rows, .code != 0)
severity: low
message: "{{ rows[0].collection }}: {{ rows[0].log }}"
group_by: [collection]
fixtures:
  - {name: fails, fires: true, rows: {schedule: [{code: 1}]}}
  - {name: runs, fires: false, rows: {schedule: [{code: 0}]}}
`
	driftRule = `rule: new-port
title: A port is new
on: drift
collections: [pack:p/ports]
when: any(rows, .change == "added" and .others == 0)
severity: medium
resolve_after: 1h
message: port {{ rows[0].port }}
fixtures:
  - {name: added, fires: true, rows: {ports: [{change: added, others: 0, port: 1}]}}
  - {name: removed, fires: false, rows: {ports: [{change: removed, others: 0, port: 1}]}}
`
)

// sources is one collection.
type sources struct{}

func (sources) Collection(name string) (alertrules.Schema, bool) {
	if name == "pack:p/secrets" {
		return alertrules.Schema{Columns: []string{"text"}, Class: tables.ClassContent}, true
	}
	return alertrules.Schema{Columns: []string{"port", "name"}}, name == "pack:p/ports"
}

func (sources) Drift(name string) (alertrules.Schema, bool) {
	return alertrules.Schema{Columns: []string{"port"}}, name == "pack:p/ports"
}

// told keeps what people would be told.
type told struct {
	mu   sync.Mutex
	list []string
}

func (n *told) Notify(_ context.Context, tx *postgres.Tx, m alerts.Notification) ([]string, error) {
	line := fmt.Sprintf("%s %s %s %v", m.Notice, m.Alert.Rule, m.Alert.Message, m.Channels)
	tx.AfterCommit(func() {
		n.mu.Lock()
		n.list = append(n.list, line)
		n.mu.Unlock()
	})
	return m.Channels, nil
}

// take gives what was told since the last time.
func (n *told) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.list
	n.list = nil
	return list
}

type silentBus struct{}

func (silentBus) Publish(context.Context, uuid.UUID, string, string, []byte) error { return nil }

// fleet is a store, its judge and one tenant, with a clock that tests move.
type fleet struct {
	t        *testing.T
	db       *postgres.DB
	scope    access.Scope
	store    *rows.Store
	findings *findings.Service
	service  *alerts.Service
	runner   *findings.Runner
	jobs     *jobs.Runner
	told     *told
	mu       sync.Mutex
	offset   time.Duration
}

func (f *fleet) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Now().Add(f.offset)
}

// later moves the clock on and does what time brings.
func (f *fleet) later(d time.Duration) {
	f.t.Helper()
	f.mu.Lock()
	f.offset += d
	f.mu.Unlock()
	if err := f.service.Tick(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func newFleet(t *testing.T, library ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.New(t), told: &told{}}
	f.scope = pgtest.Tenant(t, f.db, "acme")
	log := slog.New(slog.DiscardHandler)
	compiler := alertrules.NewCompiler()
	t.Cleanup(func() { _ = compiler.Close() })
	var loaded []*alertrules.Rule
	for _, text := range library {
		r, err := alertrules.Parse("library.yaml", []byte(text), compiler, sources{})
		if err != nil {
			t.Fatal(err)
		}
		loaded = append(loaded, r)
	}
	var err error
	if f.jobs, err = jobs.New(jobs.Config{DB: f.db, Poll: 100 * time.Millisecond, Log: log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.jobs.Close)
	f.findings = findings.New(findings.Config{DB: f.db, Bus: silentBus{}, Log: log})
	f.service = alerts.New(alerts.Config{DB: f.db, Bus: silentBus{}, Findings: f.findings, Notifier: f.told, Jobs: f.jobs, Library: loaded, Compiler: compiler, Log: log, Now: f.now,
		Sources: func(context.Context, int32) (alertrules.Sources, error) { return sources{}, nil }})
	f.findings.Follow = f.service.FindingChanged
	if err := f.jobs.Ready(); err != nil {
		t.Fatal(err)
	}
	f.runner = findings.NewRunner(findings.RunnerConfig{DB: f.db, Judges: []findings.Judge{f.service}, Log: log})
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := rows.EnsureCollections(ctx, tx, []string{"pack:p/ports"})
		return err
	})
	f.store = rows.NewStore(rows.Config{DB: f.db, MaxDelay: time.Millisecond})
	background(t, f.store.Run)
	return f
}

func background(t *testing.T, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
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
	id      int32
	session rows.Session
}

func (f *fleet) enroll(hostname string, tags ...string) *endpoint {
	f.t.Helper()
	e := &endpoint{Agent: rowstest.NewAgent(f.scope.TenantID, uuid.Must(uuid.NewV7())), fleet: f}
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		err := tx.QueryRow(ctx, `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id, tags,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 'active', $5, 'linux', 'amd64', 'Debian', '12', '0.1', '', $6, $2, $4, 'test', $4, 'test', $4) RETURNING id`,
			f.scope.Tenant, e.ID, []byte(e.Public()), tx.Now, hostname, append([]string{}, tags...)).Scan(&e.id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO agent_presence (tenant_id, agent_id, last_seen_at, online) VALUES ($1, $2, $3, true)`, f.scope.Tenant, e.id, tx.Now); err != nil {
			return err
		}
		return rows.AgentEnrolled(ctx, tx, e.id)
	})
	return e
}

// tell stores a draft and judges.
func (e *endpoint) tell(d rowstest.Draft) {
	e.fleet.t.Helper()
	sender := rows.Sender{Tenant: e.fleet.scope.Tenant, Agent: e.id, TenantID: e.TenantID, AgentID: e.ID, Key: e.Public()}
	b, _, refused := rows.Open(sender, e.Sign(e.fleet.t, d), time.Now())
	if refused != nil {
		e.fleet.t.Fatal(refused)
	}
	if result, err := e.fleet.store.Put(e.fleet.t.Context(), &e.session, b); err != nil || result.Refused != nil {
		e.fleet.t.Fatal(err, result.Refused)
	}
	e.fleet.judge()
}

func (f *fleet) judge() {
	f.t.Helper()
	if err := f.runner.RunOnce(f.t.Context(), f.scope.Tenant); err != nil {
		f.t.Fatal(err)
	}
}

// ports tells which ports are open now.
func (e *endpoint) ports(open ...int64) {
	e.fleet.t.Helper()
	var cells [][]tables.Value
	for _, port := range open {
		cells = append(cells, []tables.Value{tables.IntValue(port), tables.TextValue(fmt.Sprint("d", port))})
	}
	e.tell(e.Differential("pack:p/ports", []string{"port", "name"}, cells))
}

func (f *fleet) list(filter alerts.Filter) []*alerts.Alert {
	f.t.Helper()
	found, err := f.service.List(f.t.Context(), f.scope, filter, uuid.Max, 100)
	if err != nil {
		f.t.Fatal(err)
	}
	return found
}

func (f *fleet) history(a *alerts.Alert) (events []string) {
	f.t.Helper()
	_, _, past, err := f.service.Get(f.t.Context(), f.scope, a.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range past {
		events = append(events, strings.TrimSpace(e.Event+" "+e.Reason))
	}
	slices.Reverse(events)
	return events
}

func (f *fleet) want(told ...string) {
	f.t.Helper()
	if diff := cmp.Diff(told, f.told.take()); diff != "" {
		f.t.Errorf("told: %s", diff)
	}
}

func TestAlertFollowsRows(t *testing.T) {
	t.Parallel()
	f := newFleet(t, portRule)
	e, lab := f.enroll("web-1"), f.enroll("lab-1", "lab")
	e.ports(22)
	lab.ports(23)
	f.want()

	e.ports(22, 23)
	f.want("opened telnet d23 on web-1 [mail]")
	e.ports(22, 23, 80) // other rows change: nothing new
	f.want()
	open := f.list(alerts.Filter{State: alerts.Open, Rule: "telnet", Agent: e.ID, Severity: findings.High, Text: "WEB-1"})
	if len(open) != 1 || open[0].Members != 1 || open[0].Occurrences != 1 || open[0].Labels["agent.id"] != e.ID.String() || !slices.Equal(open[0].Hostnames, []string{"web-1"}) {
		t.Fatalf("open: %+v", open)
	}
	found, err := f.findings.List(t.Context(), f.scope, findings.Filter{Kind: alerts.KindAlert}, uuid.Max, 10)
	if err != nil || len(found) != 1 || found[0].Subject != "telnet" || found[0].State != findings.Open {
		t.Fatalf("findings: %+v, %v", found, err)
	}

	e.ports(22)
	f.want("resolved telnet d23 on web-1 [mail]")
	e.ports(23)
	f.want("reopened telnet d23 on web-1 [mail]")
	want := []string{"opened", "notified opened to mail", "resolved the finding is resolved", "notified resolved to mail", "reopened", "notified reopened to mail"}
	if diff := cmp.Diff(want, f.history(open[0])); diff != "" {
		t.Error(diff)
	}
}

// Groups across agents are one alert, which is over when the last agent is well.
func TestOneAlertGathersAgents(t *testing.T) {
	t.Parallel()
	f := newFleet(t, eachPort)
	on := true
	if _, err := f.service.PutSetting(t.Context(), f.scope, "low-port", alerts.Setting{Enabled: &on}); err != nil {
		t.Fatal(err)
	}
	a, b := f.enroll("a"), f.enroll("b")
	a.ports(23, 80)
	b.ports(23)
	f.want("opened low-port port 23 []", "opened low-port port 80 []")
	var got []string
	for _, alert := range f.list(alerts.Filter{}) {
		got = append(got, fmt.Sprint(alert.Labels["port"], " ", alert.Members))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"23 2", "80 1"}, got); diff != "" {
		t.Error(diff)
	}
	a.ports(80)
	f.want()
	b.ports()
	f.want("resolved low-port port 23 []")
}

func TestRuleOnFindings(t *testing.T) {
	t.Parallel()
	f := newFleet(t, findingRule)
	a, b := f.enroll("a"), f.enroll("b")
	raise := func(e *endpoint, kind string) {
		f.in(access.System(f.scope.Tenant, "judge"), func(ctx context.Context, tx *postgres.Tx) error {
			return f.findings.Raise(ctx, tx, findings.Observation{Agent: e.id, Kind: kind, Subject: "ssh", Title: "Root over SSH", Severity: findings.High, Message: "m"})
		})
	}
	resolve := func(e *endpoint) {
		f.in(access.System(f.scope.Tenant, "judge"), func(ctx context.Context, tx *postgres.Tx) error {
			return f.findings.Resolve(ctx, tx, e.id, "check", "ssh", "well")
		})
	}
	raise(a, "clone")
	f.want()
	raise(a, "check")
	raise(a, "check")
	raise(b, "check")
	f.want("opened bad-check Root over SSH on a []")
	resolve(a)
	f.want()
	resolve(b)
	f.want("resolved bad-check Root over SSH on b []")
}

func TestRulesOnAgentsAndSchedules(t *testing.T) {
	t.Parallel()
	f := newFleet(t, offlineRule, scheduleRule)
	e := f.enroll("a")
	sweep := func() {
		t.Helper()
		if err := f.service.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	online := func(now bool) {
		f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE agent_presence SET online = $2 WHERE tenant_id = $1`, f.scope.Tenant, now)
			return err
		})
	}
	sweep()
	f.want()
	online(false)
	f.later(10 * time.Minute)
	sweep()
	f.want()
	f.later(21 * time.Minute)
	sweep()
	sweep()
	f.want("opened silent 31 minutes []")
	online(true)
	sweep()
	f.want("resolved silent 31 minutes []")

	e.ports(1)
	e.tell(e.Failed("pack:p/ports", "differential", "no such file"))
	sweep()
	f.want("opened query-fails pack:p/ports: no such file []")
	e.ports(2)
	sweep()
	f.want("resolved query-fails pack:p/ports: no such file []")
}

// What happened once is over after a while, or when a person says so.
func TestDriftAlertEndsByItself(t *testing.T) {
	t.Parallel()
	f := newFleet(t, driftRule)
	e := f.enroll("a")
	drift := func(change string, port int64) {
		f.in(access.System(f.scope.Tenant, "drift"), func(ctx context.Context, tx *postgres.Tx) error {
			return f.service.Drift(ctx, tx, e.id, "pack:p/ports", alertrules.Table{Columns: []string{"change", "new", "others", "fleet", "port"}, Rows: [][]tables.Value{
				{tables.TextValue(change), tables.IntValue(1), tables.IntValue(0), tables.IntValue(3), tables.IntValue(port)},
			}})
		})
	}
	drift("removed", 1)
	f.want()
	drift("added", 8080)
	f.want("opened new-port port 8080 []")
	drift("removed", 8080) // says nothing about what was added
	f.want()
	f.later(59 * time.Minute)
	f.want()
	f.later(2 * time.Minute)
	f.want("resolved new-port port 8080 []")
	if found, err := f.findings.List(t.Context(), f.scope, findings.Filter{Kind: alerts.KindAlert, State: findings.Open}, uuid.Max, 10); err != nil || len(found) > 0 {
		t.Errorf("the finding stays: %v, %v", found, err)
	}
}

func TestPeopleMoveAlerts(t *testing.T) {
	t.Parallel()
	f := newFleet(t, strings.Replace(portRule, "notify: [mail]", "renotify: 1h\nescalate: [{after: 2h, notify: [boss]}]", 1))
	e := f.enroll("a")
	e.ports(23)
	f.want("opened telnet d23 on a []")
	id := f.list(alerts.Filter{})[0].ID
	f.later(61 * time.Minute)
	f.want("renotified telnet d23 on a []")
	if _, err := f.service.Acknowledge(t.Context(), f.scope, id, "mine"); err != nil {
		t.Fatal(err)
	}
	f.later(3 * time.Hour)
	f.want()
	if _, err := f.service.Reopen(t.Context(), f.scope, id, ""); err != nil {
		t.Fatal(err)
	}
	f.later(time.Second)
	f.want("escalated telnet d23 on a [boss]")
	if _, err := f.service.Snooze(t.Context(), f.scope, id, f.now().Add(2*time.Hour), ""); err != nil {
		t.Fatal(err)
	}
	f.later(119 * time.Minute)
	f.want()
	f.later(2 * time.Minute)
	f.want("renotified telnet d23 on a []")
	a, err := f.service.Resolve(t.Context(), f.scope, id, "false alarm")
	if err != nil || a.State != alerts.Resolved || a.Members != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	f.want()
	if _, err := f.service.Resolve(t.Context(), f.scope, id, ""); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("resolved twice: %v", err)
	}
	e.ports(23, 99) // it is still so
	f.want("reopened telnet d23 on a []")
}

func TestWindowsKeepNoticesBack(t *testing.T) {
	t.Parallel()
	f := newFleet(t, portRule)
	now := f.now()
	w, err := f.service.AddWindow(t.Context(), f.scope, alerts.Window{Name: "move", Kind: alerts.Maintenance, StartsAt: now.Add(-time.Hour), EndsAt: now.Add(time.Hour), Tags: []string{"db"}})
	if err != nil {
		t.Fatal(err)
	}
	db, web := f.enroll("db-1", "db"), f.enroll("web-1")
	db.ports(23)
	web.ports(23)
	f.want("opened telnet d23 on web-1 [mail]")
	kept := f.list(alerts.Filter{Agent: db.ID})[0]
	if events := f.history(kept); len(events) != 2 || !strings.HasPrefix(events[1], `held maintenance window "move" until `) {
		t.Errorf("history: %q", events)
	}
	f.later(61 * time.Minute)
	f.want("opened telnet d23 on db-1 [mail]")
	if err := f.service.DeleteWindow(t.Context(), f.scope, w.ID); err != nil {
		t.Fatal(err)
	}
	if err := f.service.DeleteWindow(t.Context(), f.scope, w.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("deleted twice: %v", err)
	}
}

// S9: what a parent says holds below; what a sibling says is never seen.
func TestRulesAreInherited(t *testing.T) {
	t.Parallel()
	f := newFleet(t, portRule)
	child := pgtest.Tenant(t, f.db, "child", f.scope.Tenant)
	sibling := pgtest.Tenant(t, f.db, "sibling", f.scope.Tenant)
	other := pgtest.Tenant(t, f.db, "other")
	mine := strings.Replace(portRule, "Telnet is open", "Telnet of acme", 1)
	if _, err := f.service.PutRule(t.Context(), f.scope, "telnet", mine); err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.PutRule(t.Context(), sibling, "telnet", strings.Replace(portRule, "Telnet is open", "Telnet of sibling", 1)); err != nil {
		t.Fatal(err)
	}
	five, off := 5, false
	if _, err := f.service.PutSetting(t.Context(), f.scope, "telnet", alerts.Setting{Threshold: &five}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.PutSetting(t.Context(), child, "telnet", alerts.Setting{Enabled: &off, Notify: []string{"own"}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		scope     access.Scope
		title     string
		enabled   bool
		threshold int
		own       bool
	}{
		{f.scope, "Telnet of acme", true, 5, true}, {child, "Telnet of acme", false, 5, false}, {sibling, "Telnet of sibling", true, 5, true}, {other, "Telnet is open", true, 0, false},
	} {
		e, err := f.service.Rule(t.Context(), c.scope, "telnet")
		if err != nil {
			t.Fatal(err)
		}
		threshold := 0
		if e.Threshold != nil {
			threshold = *e.Threshold
		}
		if e.Title != c.title || e.Enabled != c.enabled || threshold != c.threshold || e.Own != c.own {
			t.Errorf("%s: %q, enabled %v, threshold %d, own %v", c.title, e.Title, e.Enabled, threshold, e.Own)
		}
	}
	if err := f.service.DeleteRule(t.Context(), child, "telnet"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a child deletes its parent's rule: %v", err)
	}
}

// A rule that is switched off closes what it opened; one that comes is judged on what is there.
func TestChangedRulesAreJudgedAnew(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll("a")
	e.ports(23)
	background(t, f.jobs.Run)
	if _, err := f.service.PutRule(t.Context(), f.scope, "telnet", portRule); err != nil {
		t.Fatal(err)
	}
	f.eventually("the new rule fires on what is there", func() bool {
		f.judge()
		return len(f.list(alerts.Filter{State: alerts.Open})) == 1
	})
	off := false
	if _, err := f.service.PutSetting(t.Context(), f.scope, "telnet", alerts.Setting{Enabled: &off}); err != nil {
		t.Fatal(err)
	}
	f.eventually("its alert is closed", func() bool { return len(f.list(alerts.Filter{State: alerts.Resolved})) == 1 })
	if found, err := f.findings.List(t.Context(), f.scope, findings.Filter{State: findings.Open}, uuid.Max, 10); err != nil || len(found) > 0 {
		t.Errorf("findings stay: %v, %v", found, err)
	}
}

func (f *fleet) eventually(what string, done func() bool) {
	f.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			f.t.Fatalf("not in time: %s", what)
		}
	}
}

func TestRuleThatCannotBeJudgedIsAFinding(t *testing.T) {
	t.Parallel()
	f := newFleet(t, strings.Replace(portRule, `"lab" not in agent.tags`, `all(rows, .name > "a")`, 1))
	e := f.enroll("a")
	e.tell(e.Differential("pack:p/ports", []string{"port", "name"}, [][]tables.Value{{tables.IntValue(23), tables.IntValue(7)}}))
	found, err := f.findings.List(t.Context(), f.scope, findings.Filter{Kind: "rule_error", State: findings.Open}, uuid.Max, 10)
	if err != nil || len(found) != 1 || !strings.Contains(found[0].Message, "telnet cannot be judged") {
		t.Fatalf("findings: %+v, %v", found, err)
	}
	e.ports(23)
	if found, err = f.findings.List(t.Context(), f.scope, findings.Filter{Kind: "rule_error", State: findings.Resolved}, uuid.Max, 10); err != nil || len(found) != 1 {
		t.Errorf("it stays: %v, %v", found, err)
	}
	f.want("opened telnet d23 on a [mail]")
}

// S11: a rule looks at no class that its author may not read.
func TestClassIsCheckedWhenARuleIsStored(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	text := strings.NewReplacer("p/ports", "p/secrets", "SELECT port, name FROM ports WHERE port = 23", "SELECT text AS name FROM secrets", "ports: [{port: 23, name: telnetd}]", "secrets: [{text: x}]").Replace(portRule)
	weak := f.scope
	weak.Role = access.Manager
	if _, err := f.service.PutRule(t.Context(), weak, "telnet", text); fault.CodeOf(err) != fault.Forbidden {
		t.Errorf("a manager stores a rule on content: %v", err)
	}
	if _, err := f.service.PutRule(t.Context(), f.scope, "telnet", text); err != nil {
		t.Errorf("an administrator: %v", err)
	}
}

func TestFreeTierHasNoAlerts(t *testing.T) {
	t.Parallel()
	f := newFleet(t, portRule)
	f.in(access.System(f.scope.Tenant, "test"), func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE tenants SET plan = 'free' WHERE id = $1`, f.scope.Tenant)
		return err
	})
	f.enroll("a").ports(23)
	f.want()
	if found := f.list(alerts.Filter{}); len(found) > 0 {
		t.Errorf("alerts of a tenant without: %+v", found)
	}
}

func TestDryRunJudgesHistory(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, b, c := f.enroll("a"), f.enroll("b"), f.enroll("c")
	for _, open := range [][]int64{{22}, {22, 23}, {23}, {22}, {23, 80}} {
		a.ports(open...)
	}
	b.ports(23)
	c.ports(80)
	r, err := f.service.Check(t.Context(), f.scope, "telnet", portRule)
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.service.DryRun(t.Context(), f.scope, r, time.Now().Add(-time.Hour), time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	var agents []string
	for _, x := range d.Agents {
		agents = append(agents, fmt.Sprint(x.Hostname, " ", x.Fired))
	}
	if d.Fired != 3 || d.Firing != 2 || d.Truncated || d.Errors != 0 || d.Basis != "history" || !slices.Equal(agents, []string{"a 2", "b 1"}) {
		t.Errorf("dry run: %+v %v", d, agents)
	}
	if len(f.list(alerts.Filter{})) > 0 {
		t.Error("a dry run opened alerts")
	}
	if _, err := f.service.DryRun(t.Context(), f.scope, r, time.Now(), time.Now().Add(-time.Hour)); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a period that ends before it begins: %v", err)
	}
	other := pgtest.Tenant(t, f.db, "other")
	if d, err = f.service.DryRun(t.Context(), other, r, time.Now().Add(-time.Hour), time.Now().Add(time.Minute)); err != nil || d.Fired != 0 || d.Moments != 0 {
		t.Errorf("in another tenant: %+v, %v", d, err)
	}
}

func TestDryRunOfFindingsAndAgents(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	e := f.enroll("a")
	for range 2 {
		f.in(access.System(f.scope.Tenant, "judge"), func(ctx context.Context, tx *postgres.Tx) error {
			if err := f.findings.Raise(ctx, tx, findings.Observation{Agent: e.id, Kind: "check", Subject: "ssh", Title: "T", Severity: findings.High}); err != nil {
				return err
			}
			return f.findings.Resolve(ctx, tx, e.id, "check", "ssh", "x")
		})
	}
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE agent_presence SET online = false, last_seen_at = now() - interval '2 hours' WHERE tenant_id = $1`, f.scope.Tenant)
		return err
	})
	for _, c := range []struct {
		text, basis string
		fired       int
	}{{findingRule, "history", 2}, {offlineRule, "now", 1}, {scheduleRule, "now", 0}} {
		r, err := f.service.Check(t.Context(), f.scope, "x", c.text)
		if err != nil {
			t.Fatal(err)
		}
		d, err := f.service.DryRun(t.Context(), f.scope, r, time.Now().Add(-time.Hour), time.Now().Add(time.Minute))
		if err != nil || d.Fired != c.fired || d.Basis != c.basis {
			t.Errorf("%s: %+v, %v", r.ID, d, err)
		}
	}
}

func TestAnotherTenantSeesNoAlert(t *testing.T) {
	t.Parallel()
	f := newFleet(t, portRule)
	f.enroll("a").ports(23)
	id := f.list(alerts.Filter{})[0].ID
	other := pgtest.Tenant(t, f.db, "other")
	if found, err := f.service.List(t.Context(), other, alerts.Filter{}, uuid.Max, 10); err != nil || len(found) > 0 {
		t.Errorf("list: %v, %v", found, err)
	}
	if _, _, _, err := f.service.Get(t.Context(), other, id); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("get: %v", err)
	}
	if _, err := f.service.Resolve(t.Context(), other, id, ""); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("resolve: %v", err)
	}
}
