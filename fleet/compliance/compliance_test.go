package compliance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/compliance"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	rootCheck = `check: only-root
title: Only root is root
platforms: [linux]
sql: SELECT uid, shell FROM users
pass: all(rows, .uid != 0 or .shell in params.shells)
params: {shells: [/bin/bash]}
severity: high
weight: 5
message: "{{ agent.hostname }}: user 0 has shell {{ failing[0].shell }}"
expected: "shell {{ params.shells[0] }}"
fix: only-root
controls: {sample: [A.1]}
`
	sshCheck = `check: ssh
title: SSH keeps root out
platforms: [linux]
applies: SELECT 1 AS one FROM users
sql: SELECT username FROM users
pass: len(rows) == 0
severity: low
message: "{{ rows[0].username }} is there"
expected: nobody
`
	rootFix   = "fix: only-root\ntext: \"Change {{ failing[0].shell }}.\"\nrisk: None.\n"
	framework = "framework: sample\ntitle: S\nsource: us\nlicence: ours\ncontrols: [{id: A.1}, {id: A.2}]\n"
)

func library(t testing.TB, checks ...string) *frameworks.Library {
	t.Helper()
	e, err := engine.New(engine.Options{Tables: all.Tables(), Platform: tables.Linux})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	files := fstest.MapFS{"fixes/only-root.yaml": {Data: []byte(rootFix)}, "catalogues/sample.yaml": {Data: []byte(framework)}}
	for _, text := range checks {
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "check: "), "\n")
		files["checks/"+name+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	l, err := frameworks.Load(files, queries.Compilers{tables.Linux: e})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// published keeps what consoles would be told.
type published struct {
	mu     sync.Mutex
	events []string // type, state
}

func (p *published) Publish(_ context.Context, _ uuid.UUID, _, _ string, body []byte) error {
	var e struct{ Type, State string }
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e.Type+" "+e.State)
	return nil
}

// fleet is a store, its judges, and one tenant.
type fleet struct {
	t        *testing.T
	db       *postgres.DB
	scope    access.Scope
	store    *rows.Store
	findings *findings.Service
	service  *compliance.Service
	runner   *findings.Runner
	bus      *published
}

func newFleet(t *testing.T, checks ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.New(t), bus: &published{}}
	f.scope = pgtest.Tenant(t, f.db, "acme")
	f.use(library(t, checks...))
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

// use puts a library in place, as a server that starts with it does.
func (f *fleet) use(l *frameworks.Library) {
	f.t.Helper()
	log := slog.New(slog.DiscardHandler)
	f.findings = findings.New(findings.Config{DB: f.db, Bus: f.bus, Log: log})
	f.service = compliance.New(f.db, l, f.findings)
	f.findings.Explain, f.findings.Effect = f.service.Explain, f.service.Effect
	f.runner = findings.NewRunner(findings.RunnerConfig{DB: f.db, Judges: []findings.Judge{f.service}, Batch: 3, Log: log})
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := rows.EnsureCollections(ctx, tx, f.service.Collections())
		return err
	})
	if err := f.service.Refresh(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
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

func (f *fleet) enroll(hostname string) *endpoint {
	f.t.Helper()
	e := &endpoint{Agent: rowstest.NewAgent(f.scope.TenantID, uuid.Must(uuid.NewV7())), fleet: f}
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		err := tx.QueryRow(ctx, `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 'active', $5, 'linux', 'amd64', 'Debian', '12', '0.1', '', $2, $4, 'test', $4, 'test', $4) RETURNING id`,
			f.scope.Tenant, e.ID, []byte(e.Public()), tx.Now, hostname).Scan(&e.id)
		if err != nil {
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

// shells tells the rows of the check only-root: pairs of uid and shell.
func (e *endpoint) shells(rows ...[]tables.Value) {
	e.fleet.t.Helper()
	e.tell(e.Differential("check:only-root", []string{"uid", "shell"}, rows))
}

func user(uid int64, shell string) []tables.Value {
	return []tables.Value{tables.IntValue(uid), tables.TextValue(shell)}
}

type verdict struct{ Check, Host, Verdict, Message string }

func (f *fleet) verdicts(filter compliance.Filter) []verdict {
	f.t.Helper()
	lines, err := f.service.List(f.t.Context(), f.scope, filter)
	if err != nil {
		f.t.Fatal(err)
	}
	var out []verdict
	for _, l := range lines {
		out = append(out, verdict{l.Check, l.Hostname, string(l.Verdict.Verdict), l.Message})
	}
	return out
}

func (f *fleet) list(filter findings.Filter) []*findings.Finding {
	f.t.Helper()
	found, err := f.findings.List(f.t.Context(), f.scope, filter, uuid.Max, 100)
	if err != nil {
		f.t.Fatal(err)
	}
	return found
}

// writes counts how often rows of a table were written, by the system column that names the writing transaction.
func (f *fleet) written(table string) map[string]int {
	f.t.Helper()
	counts := map[string]int{}
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, map[string]string{
			"verdicts": `SELECT xmin::text, count(*) FROM verdicts GROUP BY 1`,
			"findings": `SELECT xmin::text, count(*) FROM findings GROUP BY 1`,
		}[table])
		if err != nil {
			return err
		}
		defer rows.Close()
		clear(counts)
		for rows.Next() {
			var id string
			var n int
			if err := rows.Scan(&id, &n); err != nil {
				return err
			}
			counts[id] = n
		}
		return rows.Err()
	})
	return counts
}

func TestVerdictFollowsRows(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	e := f.enroll("web-1")
	if got := f.verdicts(compliance.Filter{}); got != nil {
		t.Errorf("before the agent told anything there are verdicts: %v", got)
	}

	e.shells(user(0, "/bin/bash"), user(1, "/bin/sh"))
	want := []verdict{{"only-root", "web-1", "pass", ""}}
	if diff := cmp.Diff(want, f.verdicts(compliance.Filter{})); diff != "" {
		t.Error(diff)
	}
	if got := f.list(findings.Filter{}); len(got) > 0 {
		t.Errorf("a check that passes has a finding: %+v", got[0])
	}

	e.shells(user(0, "/bin/bash"), user(0, "/bin/evil"), user(1, "/bin/sh"))
	want = []verdict{{"only-root", "web-1", "fail", "web-1: user 0 has shell /bin/evil"}}
	if diff := cmp.Diff(want, f.verdicts(compliance.Filter{Verdict: frameworks.Fail})); diff != "" {
		t.Error(diff)
	}
	open := f.list(findings.Filter{State: findings.Open, Check: "only-root", Agent: e.ID, Severity: findings.High, Kind: "check", Text: "EVIL"})
	if len(open) != 1 {
		t.Fatalf("there are %d open findings", len(open))
	}
	detail, _, err := f.findings.Get(t.Context(), f.scope, open[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	evidence := detail.Evidence
	evidence.RowIDs = nil
	wantEvidence := findings.Evidence{Columns: []string{"uid", "shell"}, Rows: [][]tables.Value{user(0, "/bin/evil")}, Failing: [][]string{{"shell", "uid"}}, Total: 1}
	if diff := cmp.Diff(wantEvidence, evidence); diff != "" {
		t.Error(diff)
	}
	if detail.Fix != "Change /bin/evil." || detail.Expected != "shell /bin/bash" || detail.Title != "Only root is root" || len(detail.RuleVersion) != 16 {
		t.Errorf("got %+v", detail)
	}

	e.shells(user(0, "/bin/bash"))
	if diff := cmp.Diff([]verdict{{"only-root", "web-1", "pass", ""}}, f.verdicts(compliance.Filter{})); diff != "" {
		t.Error(diff)
	}
	e.shells(user(0, "/bin/evil"))
	again := f.list(findings.Filter{})
	if len(again) != 1 || again[0].ID != open[0].ID || again[0].State != findings.Open {
		t.Fatalf("what comes back is another finding: %+v", again)
	}
	_, past, err := f.findings.Get(t.Context(), f.scope, open[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	wantPast := []findings.Transition{
		{State: findings.Open, Actor: "judge", Reason: "it came back"}, {State: findings.Resolved, Actor: "judge", Reason: "the check passes"}, {State: findings.Open, Actor: "judge"},
	}
	if diff := cmp.Diff(wantPast, past, cmpopts.IgnoreFields(findings.Transition{}, "At")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"finding open", "finding resolved", "finding open"}, f.bus.events); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyChangesAreWritten(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	one, two := f.enroll("web-1"), f.enroll("web-2")
	one.shells(user(0, "/bin/bash"))
	two.shells(user(0, "/bin/evil"))
	verdicts, findingsWritten := f.written("verdicts"), f.written("findings")

	two.shells(user(0, "/bin/evil")) // the same rows
	one.shells(user(0, "/bin/bash"), user(5, "/bin/sh"))
	if diff := cmp.Diff(verdicts, f.written("verdicts")); diff != "" {
		t.Errorf("a verdict was written again though it is the same:\n%s", diff)
	}
	if diff := cmp.Diff(findingsWritten, f.written("findings")); diff != "" {
		t.Errorf("a finding was written though nothing changed:\n%s", diff)
	}
	one.shells(user(0, "/bin/evil"))
	if got := len(f.written("verdicts")); got != len(verdicts) {
		t.Errorf("verdicts come from %d transactions, want %d", got, len(verdicts))
	}
}

// Of many checks on many agents, what one agent tells anew writes exactly the verdicts that depend on it; what it tells
// again writes none, and nothing is even looked at. scripts/bench/judge measures the same at full size.
func TestOneChangeWritesItsVerdictsAlone(t *testing.T) {
	t.Parallel()
	const checks, agents = 12, 5
	var texts []string
	for i := range checks {
		texts = append(texts, strings.Replace(rootCheck, "check: only-root", fmt.Sprintf("check: c%d", i), 1))
	}
	f := newFleet(t, texts...)
	var all []*endpoint
	for i := range agents {
		e := f.enroll(fmt.Sprint("web-", i))
		for c := range checks {
			e.tell(e.Differential(fmt.Sprint("check:c", c), []string{"uid", "shell"}, [][]tables.Value{user(0, "/bin/bash")}))
		}
		all = append(all, e)
	}
	stored := func() (verdicts map[string]string, pending int) {
		verdicts = map[string]string{}
		f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
			clear(verdicts)
			rows, err := tx.Query(ctx, `SELECT check_id || '/' || agent_id, xmin::text FROM verdicts`)
			if err != nil {
				return err
			}
			var key, written string
			if _, err := pgx.ForEachRow(rows, []any{&key, &written}, func() error { verdicts[key] = written; return nil }); err != nil {
				return err
			}
			return tx.QueryRow(ctx, `SELECT count(*) FROM pending_judgements`).Scan(&pending)
		})
		return verdicts, pending
	}
	before, _ := stored()
	if len(before) != checks*agents {
		t.Fatalf("there are %d verdicts", len(before))
	}
	for _, e := range all { // told again, unchanged
		for c := range checks {
			sender := rows.Sender{Tenant: f.scope.Tenant, Agent: e.id, TenantID: e.TenantID, AgentID: e.ID, Key: e.Public()}
			b, _, refused := rows.Open(sender, e.Sign(t, e.Differential(fmt.Sprint("check:c", c), []string{"uid", "shell"}, [][]tables.Value{user(0, "/bin/bash")})), time.Now())
			if refused != nil {
				t.Fatal(refused)
			}
			if _, err := f.store.Put(t.Context(), &e.session, b); err != nil {
				t.Fatal(err)
			}
		}
	}
	after, pending := stored()
	if diff := cmp.Diff(before, after); diff != "" || pending != 0 {
		t.Errorf("unchanged agents have %d collections judged, and verdicts written:\n%s", pending, diff)
	}
	all[2].tell(all[2].Differential("check:c7", []string{"uid", "shell"}, [][]tables.Value{user(0, "/bin/evil")}))
	after, _ = stored()
	var written []string
	for key, by := range after {
		if before[key] != by {
			written = append(written, key)
		}
	}
	if diff := cmp.Diff([]string{fmt.Sprintf("c7/%d", all[2].id)}, written); diff != "" {
		t.Error(diff)
	}
}

func TestApplicability(t *testing.T) {
	t.Parallel()
	f := newFleet(t, sshCheck)
	e := f.enroll("web-1")
	columns := []string{"username"}
	e.tell(e.Differential("check:ssh", columns, rowstest.Text([]string{"anna"})))
	if got := f.verdicts(compliance.Filter{}); got != nil {
		t.Errorf("judged before it is known whether the check applies: %v", got)
	}
	e.tell(e.Differential("check:ssh/applies", []string{"one"}, nil))
	want := []verdict{{"ssh", "web-1", "not_applicable", "What the check is about does not exist on this machine."}}
	if diff := cmp.Diff(want, f.verdicts(compliance.Filter{})); diff != "" {
		t.Error(diff)
	}
	e.tell(e.Differential("check:ssh/applies", []string{"one"}, [][]tables.Value{{tables.IntValue(1)}}))
	if got := f.verdicts(compliance.Filter{}); len(got) != 1 || got[0].Verdict != "fail" || got[0].Message != "anna is there" {
		t.Errorf("got %v", got)
	}
	e.tell(e.Differential("check:ssh/applies", []string{"one"}, nil))
	if got := f.list(findings.Filter{State: findings.Resolved}); len(got) != 1 {
		t.Errorf("the finding of a check that does not apply any more is not resolved: %v", got)
	}
}

// No rows at all is an answer too, and an error is neither pass nor failure.
func TestErrorsLeaveTheFinding(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	e := f.enroll("web-1")
	e.shells()
	if got := f.verdicts(compliance.Filter{}); len(got) != 1 || got[0].Verdict != "pass" {
		t.Errorf("a first batch without rows gives %v", got)
	}
	e.shells(user(0, "/bin/evil"))
	e.tell(e.Failed("check:only-root", "differential", "stopped at the 5s CPU limit"))
	if got := f.verdicts(compliance.Filter{}); len(got) != 1 || got[0].Verdict != "error" || got[0].Message != "stopped at the 5s CPU limit" {
		t.Errorf("got %v", got)
	}
	if got := f.list(findings.Filter{State: findings.Open}); len(got) != 1 {
		t.Errorf("an error changed the finding: %v", got)
	}
}

// A fix says what it would be worth on its machine: points, and controls where nothing else fails.
func TestEffectOfAFix(t *testing.T) {
	t.Parallel()
	second := strings.NewReplacer("check: only-root", "check: also-root", "[A.1]", "[A.1, A.2]", "weight: 5", "weight: 15").Replace(rootCheck)
	f := newFleet(t, rootCheck, second)
	e := f.enroll("web-1")
	e.shells(user(0, "/bin/evil"))
	e.tell(e.Differential("check:also-root", []string{"uid", "shell"}, [][]tables.Value{user(0, "/bin/evil")}))
	effect := func(check string) *findings.Effect {
		t.Helper()
		got, err := f.service.Effect(t.Context(), f.scope, findings.KindCheck, check, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := &findings.Effect{Before: 0, After: 75, Controls: map[string][]string{"sample": {"A.2"}}} // A.1 is served by the other as well
	if diff := cmp.Diff(want, effect("also-root")); diff != "" {
		t.Error(diff)
	}
	e.shells(user(0, "/bin/bash"))
	want = &findings.Effect{Before: 25, After: 100, Controls: map[string][]string{"sample": {"A.1", "A.2"}}}
	if diff := cmp.Diff(want, effect("also-root")); diff != "" {
		t.Error(diff)
	}
	if got := effect("only-root"); got != nil {
		t.Errorf("what passes has an effect: %+v", got)
	}
	if got, err := f.service.Effect(t.Context(), pgtest.Tenant(t, f.db, "other"), findings.KindCheck, "also-root", e.ID); err != nil || got != nil {
		t.Errorf("another tenant is told %+v, %v", got, err)
	}
}

// What was wrong with a revoked agent is over, its verdicts are the past's, and what it told last opens nothing.
func TestRevokedAgentHasNoFindings(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	gone, stays := f.enroll("web-1"), f.enroll("web-2")
	gone.shells(user(0, "/bin/evil"))
	stays.shells(user(0, "/bin/evil"))
	before := time.Now()
	revoke := func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE agents SET state = 'revoked' WHERE tenant_id = $1 AND id = $2`, tx.Scope.Tenant, gone.id); err != nil {
			return err
		}
		if err := f.findings.AgentRevoked(ctx, tx, gone.id); err != nil {
			return err
		}
		if err := f.service.AgentRevoked(ctx, tx, gone.id); err != nil {
			return err
		}
		return rows.CloseAgent(ctx, tx, gone.id)
	}
	f.in(f.scope, revoke)
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		return rows.Rejudge(ctx, tx, []string{"check:only-root"})
	})
	f.judge()
	found := f.list(findings.Filter{Agent: gone.ID})
	if len(found) != 1 || found[0].State != findings.Resolved || stays.state("only-root") != findings.Open {
		t.Fatalf("%+v, the other is %s", found, stays.state("only-root"))
	}
	if _, past, err := f.findings.Get(t.Context(), f.scope, found[0].ID); err != nil || past[0].Reason != "agent revoked" {
		t.Errorf("%+v, %v", past, err)
	}
	if got := f.verdicts(compliance.Filter{Agent: gone.ID}); len(got) != 0 {
		t.Errorf("a revoked agent has the verdicts %v", got)
	}
	if got := f.verdicts(compliance.Filter{Agent: gone.ID, At: before}); len(got) != 1 || got[0].Verdict != "fail" {
		t.Errorf("as of before there is %v", got)
	}
}

func TestVerdictsOfThePast(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	e := f.enroll("web-1")
	start := time.Now()
	e.shells(user(0, "/bin/bash"))
	passed := time.Now()
	e.shells(user(0, "/bin/evil"))
	if got := f.verdicts(compliance.Filter{At: start.Add(-time.Second)}); got != nil {
		t.Errorf("before: %v", got)
	}
	if diff := cmp.Diff([]verdict{{"only-root", "web-1", "pass", ""}}, f.verdicts(compliance.Filter{At: passed})); diff != "" {
		t.Error(diff)
	}
	if got := f.verdicts(compliance.Filter{At: time.Now()}); len(got) != 1 || got[0].Verdict != "fail" {
		t.Errorf("now: %v", got)
	}
}

func TestNewVersionOfACheck(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck, sshCheck)
	e := f.enroll("web-1")
	e.shells(user(0, "/bin/evil"))
	e.tell(e.Differential("check:ssh/applies", []string{"one"}, [][]tables.Value{{tables.IntValue(1)}}))
	e.tell(e.Differential("check:ssh", []string{"username"}, rowstest.Text([]string{"anna"})))

	f.use(library(t, strings.Replace(rootCheck, "[/bin/bash]", "[/bin/bash, /bin/evil]", 1))) // and no check ssh
	f.judge()
	if diff := cmp.Diff([]verdict{{"only-root", "web-1", "pass", ""}}, f.verdicts(compliance.Filter{})); diff != "" {
		t.Error(diff)
	}
	if got := f.list(findings.Filter{State: findings.Resolved}); len(got) != 2 {
		t.Errorf("%d findings are resolved, want both", len(got))
	}
}

func TestManyPendingAreJudgedInTurn(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	for range 7 { // more than two batches of the runner
		f.enroll("host").shells(user(0, "/bin/bash"))
	}
	f.use(library(t, strings.Replace(rootCheck, "[/bin/bash]", "[/bin/zsh]", 1)))
	f.judge()
	if got := len(f.verdicts(compliance.Filter{Verdict: frameworks.Fail})); got != 7 {
		t.Errorf("%d fail, want 7", got)
	}
	lines, err := f.service.Checks(t.Context(), f.scope)
	if err != nil || len(lines) != 1 || lines[0].Counts != (compliance.Counts{Fail: 7}) {
		t.Errorf("got %+v, %v", lines, err)
	}
}

// A server that was down finds what waits in every tenant, and ends when told to.
func TestRunnerFindsWhatWaits(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	f.enroll("web-1").shells(user(0, "/bin/evil"))
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		return rows.Rejudge(ctx, tx, []string{"check:only-root"})
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.runner.Run(ctx) }()
	deadline := time.Now().Add(20 * time.Second)
	for waiting := 1; waiting > 0; {
		f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
			pending, err := rows.ListPending(ctx, tx, 10)
			waiting = len(pending)
			return err
		})
		if time.Now().After(deadline) {
			t.Fatal("what waits is not judged")
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the runner ended with %v", err)
	}
}

func TestAnotherTenantSeesNothing(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	f.enroll("web-1").shells(user(0, "/bin/evil"))
	id := f.list(findings.Filter{})[0].ID
	other := pgtest.Tenant(t, f.db, "other")
	if found, err := f.findings.List(t.Context(), other, findings.Filter{}, uuid.Max, 10); err != nil || len(found) != 0 {
		t.Errorf("another tenant lists %v, %v", found, err)
	}
	if _, _, err := f.findings.Get(t.Context(), other, id); err == nil {
		t.Error("another tenant reads the finding")
	}
	if _, err := f.findings.Acknowledge(t.Context(), other, id, ""); err == nil {
		t.Error("another tenant acknowledges the finding")
	}
	if lines, err := f.service.List(t.Context(), other, compliance.Filter{}); err != nil || len(lines) != 0 {
		t.Errorf("another tenant lists verdicts %v, %v", lines, err)
	}
	lines, err := f.service.Checks(t.Context(), other)
	if err != nil || lines[0].Counts != (compliance.Counts{}) {
		t.Errorf("another tenant counts %+v, %v", lines, err)
	}
}

// What a check read of class personal is hidden from those who may not read that class.
func TestClassesAreMasked(t *testing.T) {
	t.Parallel()
	f := newFleet(t, sshCheck)
	e := f.enroll("web-1")
	e.tell(e.Differential("check:ssh/applies", []string{"one"}, [][]tables.Value{{tables.IntValue(1)}}))
	e.tell(e.Differential("check:ssh", []string{"username"}, rowstest.Text([]string{"anna"})))
	id := f.list(findings.Filter{})[0].ID
	reader := f.scope
	reader.Role = access.ReadOnly
	found, _, err := f.findings.Get(t.Context(), reader, id)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := json.Marshal(found)
	if err != nil || strings.Contains(string(shown), "anna") || !strings.Contains(found.Message, "query.personal") || len(found.Evidence.Rows) != 1 {
		t.Errorf("a reader without the class sees %s, %v", shown, err)
	}
	if found, err := f.findings.List(t.Context(), reader, findings.Filter{Text: "anna"}, uuid.Max, 10); err != nil || len(found) != 0 {
		t.Errorf("a search tells what is hidden: %v, %v", found, err)
	}
	lines, err := f.service.List(t.Context(), reader, compliance.Filter{})
	if err != nil || strings.Contains(lines[0].Message, "anna") {
		t.Errorf("the verdict's message is shown: %+v, %v", lines, err)
	}
	if found, _, err := f.findings.Get(t.Context(), f.scope, id); err != nil || found.Message != "anna is there" {
		t.Errorf("a reader with the class sees %+v, %v", found, err)
	}
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	f := newFleet(t, rootCheck)
	e := f.enroll("web-1")
	e.shells(user(0, "/bin/evil"))
	id := f.list(findings.Filter{})[0].ID
	got, err := f.findings.Acknowledge(t.Context(), f.scope, id, "known, being replaced")
	if err != nil || got.State != findings.Acknowledged {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := f.findings.Acknowledge(t.Context(), f.scope, id, ""); err == nil || !strings.Contains(err.Error(), "only an open one") {
		t.Errorf("twice: %v", err)
	}
	e.shells(user(0, "/bin/worse")) // still so, with another row
	now := f.list(findings.Filter{})[0]
	if now.State != findings.Acknowledged || !strings.Contains(now.Message, "/bin/worse") {
		t.Errorf("got %+v", now)
	}
	var action string
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT action FROM audit_entries ORDER BY seq DESC LIMIT 1`).Scan(&action)
	})
	if action != "findings.acknowledge" {
		t.Errorf("the audit's last entry is %q", action)
	}
	var counts map[uuid.UUID]int
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		counts, err = f.findings.CountOpen(ctx, tx, []uuid.UUID{e.ID})
		return err
	})
	if counts[e.ID] != 1 {
		t.Errorf("open findings are counted as %v", counts)
	}
}
