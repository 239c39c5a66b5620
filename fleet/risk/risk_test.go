package risk_test

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/risk"
	"github.com/tenantra/tenantra/tables"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type silentBus struct{}

func (silentBus) Publish(context.Context, uuid.UUID, string, string, []byte) error { return nil }

type fleet struct {
	t        *testing.T
	db       *postgres.DB
	scope    access.Scope
	findings *findings.Service
	service  *risk.Service
	now      time.Time
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.New(t), now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}
	f.scope = pgtest.Tenant(t, f.db, "acme")
	f.findings = findings.New(findings.Config{DB: f.db, Bus: silentBus{}, Log: slog.New(slog.DiscardHandler)})
	f.service = risk.New(risk.Config{DB: f.db, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.now },
		Collections: func(_ context.Context, _ int32, kind, subject string) ([]string, error) {
			return []string{"pack:" + kind + "/" + subject}, nil
		},
	}, func(time.Duration, string, func(context.Context) error) {})
	return f
}

func (f *fleet) in(scope access.Scope, fn func(ctx context.Context, tx *postgres.Tx) error) {
	f.t.Helper()
	if err := f.db.InScope(f.t.Context(), scope, fn); err != nil {
		f.t.Fatal(err)
	}
}

// enroll makes an agent with findings: their severities, and the address that each names, "" for none.
func (f *fleet) enroll(scope access.Scope, hostname string, severities []findings.Severity, addresses ...string) uuid.UUID {
	f.t.Helper()
	public := uuid.Must(uuid.NewV7())
	f.in(scope, func(ctx context.Context, tx *postgres.Tx) error {
		var id int32
		err := tx.QueryRow(ctx, `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, decode(repeat('00', 32), 'hex'), 'active', $4, 'linux', 'amd64', 'Debian', '12', '0.1', '', $2, $3, 'test', $3, 'test', $3) RETURNING id`,
			scope.Tenant, public, tx.Now, hostname).Scan(&id)
		if err != nil {
			return err
		}
		for i, severity := range severities {
			o := findings.Observation{Agent: id, Kind: "check", Subject: string(rune('a' + i)), Title: "T", Severity: severity, Message: "m",
				Evidence: findings.Evidence{Columns: []string{}, Rows: [][]tables.Value{}, Failing: [][]string{}}}
			if i < len(addresses) && addresses[i] != "" {
				o.Evidence.Columns, o.Evidence.Rows = []string{"address", "port"}, [][]tables.Value{{tables.TextValue(addresses[i]), tables.IntValue(80)}}
				o.Evidence.Failing = [][]string{{"port"}}
			}
			if err := f.findings.Raise(ctx, tx, o); err != nil {
				return err
			}
		}
		return nil
	})
	return public
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.01 }

func TestEveryPointIsAFindings(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	well := f.enroll(f.scope, "well", nil)
	bad := f.enroll(f.scope, "bad", []findings.Severity{findings.Critical, findings.High, findings.High, findings.Low}, "", "0.0.0.0", "127.0.0.1")
	a, reasons, err := f.service.Asset(t.Context(), f.scope, bad)
	if err != nil {
		t.Fatal(err)
	}
	// 20 + 8 × 1.5 + 8 × 0.5 + 1
	if !near(a.Points, 37) || !near(a.Score, 100*(1-math.Exp(-37.0/40))) || len(reasons) != 4 {
		t.Errorf("%+v with %d reasons", a, len(reasons))
	}
	shares := 0.0
	for _, r := range reasons {
		shares += r.Share
	}
	if !near(shares, a.Score) || reasons[0].Finding.Severity != findings.Critical || !strings.Contains(reasons[1].Text, "8 × 1.5 (reachable from the network)") || reasons[2].Exposure != risk.Local {
		t.Errorf("shares make %v; %+v", shares, reasons)
	}
	if err := f.service.SetImportance(t.Context(), f.scope, bad, 5); err != nil {
		t.Fatal(err)
	}
	if a, _, err = f.service.Asset(t.Context(), f.scope, bad); err != nil || !near(a.Points, 74) {
		t.Errorf("twice as important: %+v, %v", a, err)
	}
	sum, err := f.service.Summary(t.Context(), f.scope)
	if err != nil || sum.Assets != 2 || sum.Open[findings.High] != 2 || sum.Worst[0].AgentID != bad || sum.Worst[1].AgentID != well || sum.Worst[1].Score != 0 || !near(sum.Worst[0].Points, 74) || !near(sum.Score, a.Score/math.Sqrt2) {
		t.Errorf("together: %+v, %v", sum, err)
	}
}

func TestTenantsTogetherAndApart(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	child, other := pgtest.Tenant(t, f.db, "child", f.scope.Tenant), pgtest.Tenant(t, f.db, "other")
	f.enroll(f.scope, "a", []findings.Severity{findings.Low})
	b := f.enroll(child, "b", []findings.Severity{findings.Critical})
	f.enroll(other, "c", []findings.Severity{findings.Critical})
	both := f.scope
	both.Visible = []int32{f.scope.Tenant, child.Tenant}
	sum, err := f.service.Summary(t.Context(), both)
	if err != nil || sum.Assets != 2 || len(sum.Tenants) != 2 || sum.Tenants[0].Name != "child" || sum.Open[findings.Critical] != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
	if _, _, err := f.service.Asset(t.Context(), other, b); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another tenant: %v", err)
	}
	if err := f.service.SetImportance(t.Context(), other, b, 1); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another tenant: %v", err)
	}
}

// Other weights are another version, and the trend says by which each day was measured.
func TestWeightsHaveVersions(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.enroll(f.scope, "a", []findings.Severity{findings.High})
	if err := f.service.KeepDay(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := risk.Default()
	w.Severity = map[string]float64{"low": 0, "medium": 0, "high": 1, "critical": 2}
	v, err := f.service.PutWeights(t.Context(), f.scope, w, "we are calm")
	if err != nil || v.Version != 1 {
		t.Fatal(v, err)
	}
	f.now = f.now.AddDate(0, 0, 1)
	if err := f.service.KeepDay(t.Context()); err != nil {
		t.Fatal(err)
	}
	days, err := f.service.Trend(t.Context(), f.scope, f.now.AddDate(0, 0, -7), f.now)
	if err != nil || len(days) != 2 || days[0].WeightsVersion != 0 || days[1].WeightsVersion != 1 || days[1].Score >= days[0].Score || days[0].Open[findings.High] != 1 {
		t.Errorf("%+v, %v", days, err)
	}
	for name, spoil := range map[string]func(*risk.Weights){
		"severity": func(w *risk.Weights) {
			w.Severity = map[string]float64{"low": 9, "medium": 3, "high": 8, "critical": 20}
		},
		"missing":    func(w *risk.Weights) { w.Severity = nil },
		"nan":        func(w *risk.Weights) { w.Reachable = math.NaN() },
		"importance": func(w *risk.Weights) { w.Importance = []float64{1, 2} },
		"falling":    func(w *risk.Weights) { w.Importance = []float64{5, 4, 3, 2, 1} },
		"scale":      func(w *risk.Weights) { w.Scale = 0 },
		"kind":       func(w *risk.Weights) { w.Kinds = map[string]float64{"check": -1} },
	} {
		w := risk.Default()
		spoil(&w)
		if _, err := f.service.PutWeights(t.Context(), f.scope, w, "x"); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestModulesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	agent := f.enroll(f.scope, "a", []findings.Severity{findings.High})
	f.in(f.scope, func(ctx context.Context, tx *postgres.Tx) error {
		for i, name := range []string{"check:a", "check:b", "pack:p/users", "pack:p/ports"} {
			_, err := tx.Exec(ctx, `
WITH c AS (INSERT INTO collections (tenant_id, name, created_at) VALUES ($1, $2, $3) RETURNING id)
INSERT INTO agent_collections (tenant_id, agent_id, collection_id, epoch, counter, query_version, mode, shape_id, rows, duplicates, changed_at, last_batch_at, told_at, status_code, execution_log, duration_ms, cpu_ms, bytes)
SELECT $1, a.id, c.id, 1, 1, 'v', 'differential', 0, 7, false, $3, $3, $3, $4::smallint, CASE WHEN $4::smallint = 1 THEN 'no such file' ELSE '' END, 1, 1, 1 FROM c, agents a WHERE a.tenant_id = $1`,
				f.scope.Tenant, name, tx.Now, map[bool]int16{true: 1, false: 0}[i == 3])
			if err != nil {
				return err
			}
		}
		return nil
	})
	modules, err := f.service.Modules(t.Context(), f.scope, agent)
	if err != nil || len(modules) != 3 {
		t.Fatalf("%+v, %v", modules, err)
	}
	checks, ports, users := modules[0], modules[1], modules[2]
	if checks.Name != "checks" || checks.Status != "warning" || checks.Rows != 14 || len(checks.Risks) != 1 || !near(checks.Points, 8) {
		t.Errorf("checks: %+v", checks)
	}
	if ports.Status != "failed" || len(ports.Messages) != 1 || users.Status != "ok" {
		t.Errorf("ports: %+v, users: %+v", ports, users)
	}
}
