package access_test

import (
	"testing"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/tables"
)

func TestClassesTakeTheirPermissionsAndThoseBelow(t *testing.T) {
	t.Parallel()
	without := func(role access.Role, p access.Permission) access.Scope {
		return access.Scope{Role: role, Without: access.RightsOf(p)}
	}
	for _, test := range []struct {
		name  string
		scope access.Scope
		want  tables.Class
	}{
		{"an administrator", access.Scope{Role: access.Admin}, tables.ClassContent},
		{"a user", access.Scope{Role: access.User}, tables.ClassPersonal},
		{"a reader", access.Scope{Role: access.ReadOnly}, tables.ClassInventory},
		{"who pays", access.Scope{Role: access.BillingViewer}, tables.ClassInventory},
		{"the system", access.Scope{}, tables.ClassInventory},
		{"an administrator denied content", without(access.Admin, access.QueryContent), tables.ClassPersonal},
		// Content holds personal columns too.
		{"an administrator denied what is personal", without(access.Admin, access.QueryPersonal), tables.ClassInventory},
	} {
		if got := test.scope.Readable(); got != test.want {
			t.Errorf("%s reads up to %s, want %s", test.name, got, test.want)
		}
		for class := tables.ClassInventory; class <= tables.ClassSecret; class++ {
			if got := test.scope.MayRead(class); got != (class <= test.want) {
				t.Errorf("%s may read %s: %v", test.name, class, got)
			}
		}
	}
}
