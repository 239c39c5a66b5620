package usage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/fleet/access"
)

func TestAFileOfPlansChangesWhatItNames(t *testing.T) {
	t.Parallel()
	plans, err := ParsePlans("plans.yaml", []byte("free: {agents: 40, rows: none}\nenterprise:\n  agents: 20000\npro: {scans: 0}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultPlans()
	want[access.Free][Agents] = 40
	delete(want[access.Free], Rows)
	want[access.Enterprise][Agents] = 20_000
	want[access.Pro][Scans] = 0
	if diff := cmp.Diff(want, plans); diff != "" {
		t.Error(diff)
	}
}

func TestAFileOfPlansIsReadStrictly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"plan", "gold: {agents: 1}", "plans.yaml:1:1: there is no plan gold"},
		{"meter", "free:\n  hosts: 1", "plans.yaml:2:3: there is no meter hosts: take agents, live_queries, scans, rows, bytes"},
		{"below zero", "free: {agents: -1}", "a limit is a whole number from 0 on, or none"},
		{"fraction", "free: {agents: 1.5}", "a limit is a whole number"},
		{"text", "free: {agents: many}", "a limit is a whole number"},
		{"truth", "free: {agents: true}", "a limit is a whole number"},
		{"nothing", "free: {agents: }", "a limit is a whole number"},
		{"too large", "free: {agents: 18446744073709551615}", "a limit is a whole number"},
		{"list", "free: {agents: [1]}", "a limit is a whole number"},
		{"twice", "free: {agents: 1, agents: 2}", "plans.yaml:1"},
		{"plan twice", "free: {agents: 1}\nfree: {agents: 2}", "plans.yaml:2"},
		{"no map", "free: 7", "plans.yaml:1"},
		{"empty", "", "the file is empty"},
		{"too long", strings.Repeat("# plans\n", PlansMax), "at most 65536 bytes"},
	} {
		if _, err := ParsePlans("plans.yaml", []byte(test.text)); !strings.Contains(fmt.Sprint(err), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func FuzzParsePlans(f *testing.F) {
	f.Add([]byte("free: {agents: 40, rows: none}"))
	f.Add([]byte("pro:\n  scans: 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		plans, err := ParsePlans("plans.yaml", text)
		if err != nil {
			return
		}
		for plan, limits := range plans {
			for meter, most := range limits {
				if most < 0 {
					t.Errorf("%s has %d %s", plan, most, meter)
				}
			}
		}
	})
}

// What an installation sets is what counts.
func TestPlansOfTheInstallationCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan(w.acme, access.Free)
	w.plan(w.bolt, access.Basic)
	w.service.Plans[access.Free] = map[Meter]int64{Agents: 2}
	places := w.places(w.acme.Tenant, w.bolt.Tenant, w.msp.Tenant)
	for i, tenant := range []int32{w.acme.Tenant, w.acme.Tenant, w.bolt.Tenant, w.msp.Tenant} {
		if err := places.Take(tenant); err != nil {
			t.Errorf("place %d: %v", i, err)
		}
	}
	if err := places.Take(w.acme.Tenant); err == nil || !strings.Contains(err.Error(), "2 of 2 agents of the plan free") {
		t.Errorf("the third of two: %v", err)
	}
}
