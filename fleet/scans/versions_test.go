package scans_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/internal/textdiff"
)

// A pack's texts are kept, and any of them can come back as a new version.
func TestAPackIsRolledBack(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	first, second := text("mine", "SELECT 1"), text("mine", "SELECT 2")
	for _, yaml := range []string{first, second, second} { // the same text twice is one version
		if _, err := f.service.PutPack(t.Context(), f.acme, "mine", yaml); err != nil {
			t.Fatal(err)
		}
	}
	numbers := func() (found []int) {
		t.Helper()
		versions, err := f.service.Versions(t.Context(), f.acme, "mine")
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range versions {
			if v.Present != (i == 0) {
				t.Errorf("of %v the present one is not the youngest", versions)
			}
			found = append(found, v.Number)
		}
		return found
	}
	if got := numbers(); len(got) != 2 || got[0] != 2 {
		t.Errorf("versions %v", got)
	}
	pack, err := f.service.RollBack(t.Context(), f.acme, "mine", 1)
	if err != nil || pack.Text != first {
		t.Errorf("rolled back to %q, %v", pack.Text, err)
	}
	if got := numbers(); len(got) != 3 || got[0] != 3 {
		t.Errorf("versions after the roll back %v", got)
	}
	if _, err := f.service.RollBack(t.Context(), f.acme, "mine", 9); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a version that is not there: %v", err)
	}
	if _, err := f.service.VersionText(t.Context(), f.other, "mine", 1); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a stranger reads: %v", err)
	}
	if err := f.service.DeletePack(t.Context(), f.acme, "mine"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.service.RollBack(t.Context(), f.acme, "mine", 2); err != nil {
		t.Errorf("a deleted pack comes back: %v", err)
	}
}

func TestAVersionIsKeptBeforeItIsThePresentOne(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.put(f.acme, "own", "SELECT 1")
	f.schedule(f.acme, "own", true)
	number, err := f.service.AddVersion(t.Context(), f.acme, "own", text("own", "SELECT 1", "SELECT 2"))
	if err != nil || number != 2 {
		t.Fatalf("%d, %v", number, err)
	}
	versions, err := f.service.Versions(t.Context(), f.acme, "own")
	if err != nil || len(versions) != 2 || versions[0].Present || !versions[1].Present {
		t.Errorf("versions %v, %v", versions, err)
	}
	if pack, err := f.service.Pack(t.Context(), f.acme, "own"); err != nil || len(pack.Queries) != 1 {
		t.Errorf("the present text changed: %+v, %v", pack, err)
	}
	identity := agents.Identity{ID: uuid.New(), TenantID: f.acme.TenantID, Tenant: f.acme.Tenant, Platform: "darwin"}
	has := func(otherwise scans.Otherwise) (n int) {
		config, _, err := f.service.ConfigWith(t.Context(), identity, otherwise)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range config.Queries {
			if strings.HasPrefix(q.Collection, "pack:own/") {
				n++
			}
		}
		return n
	}
	edition := func(tenant int32, number int) scans.Otherwise {
		return scans.Otherwise{Editions: map[string]scans.Edition{"own": {Tenant: tenant, Number: number}}}
	}
	for name, c := range map[string]struct {
		otherwise scans.Otherwise
		want      int
	}{
		"as the tenant says": {scans.Otherwise{}, 1}, "the new text": {edition(f.acme.Tenant, 2), 2},
		"a text that is gone": {edition(f.acme.Tenant, 7), 1}, "another tenant's": {edition(f.msp.Tenant, 2), 1},
	} {
		if got := has(c.otherwise); got != c.want {
			t.Errorf("%s: %d queries, want %d", name, got, c.want)
		}
	}
	// Its collections count as collected, so that nothing closes them.
	f.service.Also = func(context.Context, int32) ([]scans.Otherwise, error) {
		return []scans.Otherwise{edition(f.acme.Tenant, 2)}, nil
	}
	collected, err := f.service.Collected(t.Context(), f.acme.Tenant)
	if err != nil || !slices.Contains(collected["darwin"], "pack:own/q1") {
		t.Errorf("collected: %v, %v", collected["darwin"], err)
	}
	lines, err := f.service.Diff(t.Context(), f.acme, "own", 1, 2)
	if err != nil || !slices.ContainsFunc(lines, func(l textdiff.Line) bool { return l.Op == "+" && strings.Contains(l.Text, "SELECT 2") }) {
		t.Errorf("the difference: %+v, %v", lines, err)
	}
	if young, err := f.service.Diff(t.Context(), f.acme, "own", 0, 0); err != nil || len(young) != len(lines) {
		t.Errorf("of the youngest: %+v, %v", young, err)
	}
	if pack, err := f.service.RollBack(t.Context(), f.acme, "own", 2); err != nil || len(pack.Queries) != 2 {
		t.Errorf("made the present one: %+v, %v", pack, err)
	}
	for name, err := range map[string]error{
		"inherited": second(f.service.AddVersion(t.Context(), f.acme, "base", text("base", "SELECT 3"))), "broken": second(f.service.AddVersion(t.Context(), f.acme, "own", text("own", "[broken]"))),
		"another name": second(f.service.AddVersion(t.Context(), f.acme, "own", text("other", "SELECT 3"))),
		"no class":     second(f.service.AddVersion(t.Context(), f.acme, "own", text("own", "[secret]"))),
	} {
		if err == nil {
			t.Errorf("%s: it was kept", name)
		}
	}
	if _, err := f.service.Diff(t.Context(), f.other, "own", 1, 2); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another tenant reads the difference: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
