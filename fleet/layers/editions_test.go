package layers

import (
	"slices"
	"testing"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

// A new text of a pack is tried on a part of the agents, and taken back by itself where their queries fail.
func TestANewTextOfAPackIsTriedFirst(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	endpoints := []*rowstest.Endpoint{f.web}
	for range 39 {
		endpoints = append(endpoints, rowstest.Enroll(t, f.db, f.acme, "more", "linux"))
	}
	trying := func() (list []*rowstest.Endpoint) {
		for _, e := range endpoints {
			config, _ := f.config(e)
			if slices.ContainsFunc(config.Queries, func(q protocol.ConfigQuery) bool { return q.Collection == "pack:own/v2" }) {
				list = append(list, e)
			}
		}
		return list
	}
	if _, err := f.Put(t.Context(), f.acme, OfTenant, f.acme.TenantID, Draft{Content: Content{PackVersions: map[string]int{"own": 9}}}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a version that there is not: %v", err)
	}
	f.put(f.acme, OfTenant, f.acme.TenantID, Draft{Content: Content{PackVersions: map[string]int{"own": 2}}, Canary: 25})
	canary := trying()
	if len(canary) == 0 || len(canary) > 20 {
		t.Fatalf("%d of 40 try it", len(canary))
	}
	also, err := f.Also(t.Context(), f.acme.Tenant)
	if err != nil || len(also) != 2 || also[0].Editions["own"].Number != 2 || also[0].Editions["own"].Tenant != f.acme.Tenant {
		t.Errorf("what may be collected: %+v, %v", also, err)
	}
	f.took(0, canary...)
	if err := f.WatchOnce(t.Context()); err != nil { // notes that they have it
		t.Fatal(err)
	}
	store := rowstest.Store(t, f.db)
	for _, e := range canary {
		e.Fail(t, store, "pack:own/v2", "no such table")
	}
	if err := f.WatchOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := trying(); len(left) != 0 {
		t.Errorf("%d go on with a text that fails", len(left))
	}
	f.put(f.acme, OfTenant, f.acme.TenantID, Draft{Content: Content{PackVersions: map[string]int{"own": 2}}})
	if all := trying(); len(all) != 40 {
		t.Errorf("%d of 40 have what was put for all", len(all))
	}
}
