package drift_test

import (
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/drift"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/tables"
)

// S11: a drift policy watches no collection of a class that its author may not read, and nothing of such a collection is
// told to readers who lack the class.
func TestS11PolicyAndReadersByClass(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a := f.enroll(f.scope, "a")
	a.ports("1 22 sshd")
	a.ports("1 23 secretd")
	f.class = tables.ClassContent
	manager, admin := f.scope, f.scope
	manager.Role, admin.Role = access.Manager, access.Admin
	policy := "collections:\n  " + ports + ": {columns: [port, name]}\n"
	if err := f.service.PutPolicy(t.Context(), manager, policy); fault.CodeOf(err) != fault.Forbidden || !strings.Contains(err.Error(), "content") {
		t.Errorf("a manager watches content: %v", err)
	}
	if err := f.service.PutPolicy(t.Context(), admin, policy); err != nil {
		t.Errorf("an admin may read content: %v", err)
	}
	seen, err := f.service.Events(t.Context(), manager, drift.Filter{}, drift.Start(), 10)
	if err != nil || len(seen) == 0 {
		t.Fatalf("%v, %v", seen, err)
	}
	for _, e := range seen {
		if e.Hidden != tables.ClassContent || e.Value != nil || e.Was != nil {
			t.Errorf("a manager reads %+v", e)
		}
	}
}
