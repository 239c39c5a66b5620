package scans_test

import (
	"testing"

	"github.com/tenantra/tenantra/fleet/fault"
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
		for _, v := range versions {
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
