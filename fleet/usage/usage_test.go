package usage

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/auth/authtest"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is an MSP with a customer, and a stranger beside them.
type world struct {
	*authtest.Site
	service         *Service
	msp, acme, bolt access.Scope
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	w.Site = authtest.New(t, httpapi.Config{}, func(s *authtest.Site, api *httpapi.API) {
		w.service = New(Config{DB: s.DB, Now: s.Clock.Now, Tenants: func(ctx context.Context) ([]int32, error) { return s.DB.Subtree(ctx, postgres.RootTenant) }})
		w.service.Routes(api)
	})
	w.msp = pgtest.Tenant(t, w.DB, "msp")
	w.acme = pgtest.Tenant(t, w.DB, "acme", w.msp.Tenant)
	w.bolt = pgtest.Tenant(t, w.DB, "bolt")
	return w
}

// plan gives a tenant a plan.
func (w *world) plan(scope access.Scope, plan access.Tier) {
	w.T.Helper()
	err := w.DB.InScope(w.T.Context(), scope, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE tenants SET plan = $2 WHERE id = $1`, scope.Tenant, string(plan))
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// places asks for agents' room in some tenants.
func (w *world) places(tenants ...int32) (places *Places) {
	w.T.Helper()
	err := w.DB.InTenants(w.T.Context(), tenants, access.Actor{Kind: access.KindSystem, Name: "test"}, func(ctx context.Context, tx *postgres.Tx) (err error) {
		places, err = w.service.Places(ctx, tx, Agents, tenants)
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return places
}

// meter finds one of the meters of a standing.
func meter(t *testing.T, standing map[string]any, name Meter) string {
	t.Helper()
	for _, m := range standing["meters"].([]any) {
		m := m.(map[string]any)
		if m["meter"] == string(name) {
			return fmt.Sprintf("%v of %v %s", m["used"], m["limit"], m["state"])
		}
	}
	t.Fatalf("no meter %s in %v", name, standing)
	return ""
}

func TestAPlanIsShownAsUsedOfLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan(w.acme, access.Basic)
	for i := range 3 {
		rowstest.Enroll(t, w.DB, w.acme, fmt.Sprintf("host-%d", i), "linux")
	}
	w.service.Stored(w.acme.Tenant, 9_000_000, 100)
	if err := w.service.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	boss := w.Person(w.msp, "boss@msp.example", access.Admin)
	all := boss.Items("/usage?recursive=true")
	if len(all) != 2 || all[0]["tenant"] != "acme" || all[1]["tenant"] != "msp" {
		t.Fatalf("the MSP sees %v", all)
	}
	for name, want := range map[Meter]string{Agents: "3 of 250 fine", Rows: "9e+06 of 1e+07 near", Bytes: "100 of 1.073741824e+10 fine", Scans: "0 of 200 fine"} {
		if got := meter(t, all[0], name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := meter(t, all[1], Agents); got != "0 of <nil> fine" {
		t.Errorf("the largest plan has agents %s", got)
	}
	if own := boss.Items("/usage"); len(own) != 1 || own[0]["tenant"] != "msp" {
		t.Errorf("without recursive: %v", own)
	}
	first := boss.Want(http.StatusOK, http.MethodGet, "/usage?recursive=true&limit=1", nil)
	if second := boss.Items(fmt.Sprintf("/usage?recursive=true&limit=1&cursor=%s", first["next_cursor"])); len(second) != 1 || second[0]["tenant"] != "msp" {
		t.Errorf("the second page is %v", second)
	}
	stranger := w.Person(w.bolt, "admin@bolt.example", access.Admin)
	if seen := stranger.Items("/usage?recursive=true"); len(seen) != 1 || seen[0]["tenant"] != "bolt" {
		t.Errorf("another tenant sees %v", seen)
	}
	stranger.Want(http.StatusNotFound, http.MethodGet, "/usage?tenant=acme", nil)
}

func TestTheBillingViewerSeesUsageAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	payer := w.Person(w.acme, "billing@acme.example", access.BillingViewer)
	payer.Want(http.StatusOK, http.MethodGet, "/usage", nil)
	payer.Want(http.StatusOK, http.MethodGet, "/usage/history", nil)
	payer.Want(http.StatusForbidden, http.MethodGet, "/audit", nil)
	payer.Want(http.StatusForbidden, http.MethodGet, "/users", nil)
	reader := w.Person(w.acme, "reader@acme.example", access.ReadOnly)
	reader.Want(http.StatusForbidden, http.MethodGet, "/usage", nil)
	w.plan(w.bolt, access.Free)
	thrifty := w.Person(w.bolt, "billing@bolt.example", access.BillingViewer)
	if told := thrifty.Want(http.StatusForbidden, http.MethodGet, "/usage/history", nil); told["code"] != "tier_required" {
		t.Errorf("reports in the plan free: %v", told)
	}
	thrifty.Want(http.StatusOK, http.MethodGet, "/usage", nil)
}

func TestOneMoreThanThePlanHasIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan(w.acme, access.Free)
	ask := func(meter Meter) error {
		return w.DB.InScope(t.Context(), w.acme, func(ctx context.Context, tx *postgres.Tx) error { return w.service.Room(ctx, tx, meter) })
	}
	for i := range 24 {
		rowstest.Enroll(t, w.DB, w.acme, fmt.Sprintf("host-%d", i), "linux")
	}
	if err := ask(Agents); err != nil {
		t.Fatalf("the 25th of 25: %v", err)
	}
	// Two ask for the last place: the second waits for the first, and then there is none.
	took := make(chan error, 2)
	for i := range 2 {
		go func() {
			took <- w.DB.InScope(t.Context(), w.acme, func(ctx context.Context, tx *postgres.Tx) error {
				if err := w.service.Room(ctx, tx, Agents); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at)
SELECT tenant_id, gen_random_uuid(), public_key, state, $2, platform, arch, os_name, os_version, version, hardware_id,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at FROM agents WHERE tenant_id = $1 LIMIT 1`, w.acme.Tenant, fmt.Sprintf("last-%d", i))
				return err
			})
		}()
	}
	one, other := <-took, <-took
	if (one == nil) == (other == nil) || fault.CodeOf(one) != fault.LimitReached && fault.CodeOf(other) != fault.LimitReached {
		t.Errorf("two for the last place: %v, %v", one, other)
	}
	err := ask(Agents)
	if fault.CodeOf(err) != fault.LimitReached || !strings.Contains(err.Error(), "25 of 25 agents of the plan free") {
		t.Errorf("the 26th: %v", err)
	}
	if err := ask(LiveQueries); err != nil {
		t.Errorf("live queries share the agents' limit: %v", err)
	}
	w.plan(w.acme, access.Enterprise)
	if err := ask(Agents); err != nil {
		t.Errorf("with the largest plan: %v", err)
	}
}

func TestDaysAddUpToMonths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.service
	host := rowstest.Enroll(t, w.DB, w.acme, "host", "linux")
	store := rowstest.Store(t, w.DB)
	host.Tell(t, store, "pack:a/b", []string{"n"}, rowstest.Text([]string{"1"}, []string{"2"}))
	err := w.DB.InScope(t.Context(), w.acme, func(ctx context.Context, tx *postgres.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "scans.export", Object: "collections"})
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Stored(w.acme.Tenant, 2, 10)
	s.Stored(w.acme.Tenant, 3, 20)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.flush(cancelled); err == nil {
		t.Error("a flush without a database said nothing")
	}
	for range 2 { // taking stock twice counts nothing twice
		if err := s.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.TakeStock(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	payer := w.Person(w.acme, "billing@acme.example", access.BillingViewer)
	today := dayOf(w.Clock.Now())
	days := payer.Items("/usage/history")
	if len(days) == 0 || days[0]["period"] != today.Format(time.DateOnly) {
		t.Fatalf("the days are %v", days)
	}
	want := map[string]any{"period": today.Format(time.DateOnly), "tenant": "acme", "tenant_id": w.acme.TenantID.String(), "agents": 1.0, "agents_seen": 0.0, "batches": 2.0, "rows": 5.0, "bytes": 30.0,
		"live_queries": 0.0, "scans": 0.0, "exports": 1.0, "stored_rows": 2.0, "stored_bytes": days[0]["stored_bytes"]}
	if diff := cmp.Diff(want, days[0]); diff != "" {
		t.Error(diff)
	}
	err = w.DB.InScope(t.Context(), w.acme, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, `
INSERT INTO usage_days (tenant_id, day, agents, batches, rows, scans, stored_rows)
VALUES ($1, '2025-03-01', 7, 1, 10, 2, 100), ($1, '2025-03-31', 4, 2, 20, 3, 50), ($1, '2025-04-01', 5, 1, 1, 1, 60)`, w.acme.Tenant)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	months := payer.Items("/usage/history?by=month&from=2025-03-01&to=2025-04-30")
	if len(months) != 2 || months[0]["period"] != "2025-04" {
		t.Fatalf("the months are %v", months)
	}
	for field, want := range map[string]float64{"agents": 7, "batches": 3, "rows": 30, "scans": 5, "stored_rows": 50} {
		if months[1][field] != want {
			t.Errorf("March has %s %v, want %v", field, months[1][field], want)
		}
	}
	first := payer.Want(http.StatusOK, http.MethodGet, "/usage/history?from=2025-03-01&to=2025-04-30&limit=2", nil)
	if rest := payer.Items(fmt.Sprintf("/usage/history?from=2025-03-01&to=2025-04-30&limit=2&cursor=%s", first["next_cursor"])); len(rest) != 1 || rest[0]["period"] != "2025-03-01" {
		t.Errorf("the second page is %v", rest)
	}
	stranger := w.Person(w.bolt, "admin@bolt.example", access.Admin)
	if seen := stranger.Items("/usage/history?recursive=true&from=2025-01-01&to=2025-12-31"); len(seen) != 0 {
		t.Errorf("another tenant sees %v", seen)
	}
	for _, bad := range []string{"from=yesterday", "from=2025-02-01&to=2025-01-01", "from=2001-01-01&to=2025-01-01", "by=year", "to=2025-13-01"} {
		payer.Want(http.StatusBadRequest, http.MethodGet, "/usage/history?"+bad, nil)
	}
}
