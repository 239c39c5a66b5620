package access_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
)

func TestRoleTable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		role       access.Role
		permission access.Permission
		want       bool
	}{
		{access.SuperAdmin, access.TenantsManage, true},
		{access.Admin, access.TenantsManage, false},
		{access.Admin, access.UsersManage, true},
		{access.Manager, access.UsersManage, false},
		{access.Manager, access.AgentsManage, true},
		{access.User, access.QueryRun, true},
		{access.User, access.QueryContent, false},
		{access.ReadOnly, access.QueryRun, false},
		{access.ReadOnly, access.UsersRead, false},
		{access.ReadOnly, access.FindingsRead, true},
		{access.BillingViewer, access.AgentsRead, false},
		{access.BillingViewer, access.SelfManage, true},
		{"ROOT", access.TenantsRead, false},
		{"", access.SelfManage, false},
		{access.SuperAdmin, "tenants.burn", false},
	} {
		if got := test.role.Has(test.permission); got != test.want {
			t.Errorf("%s has %s = %v, want %v", test.role, test.permission, got, test.want)
		}
	}
}

func TestStrongerRolesLackNothingOfWeakerOnes(t *testing.T) {
	t.Parallel()
	order := []access.Role{access.SuperAdmin, access.MSPAdmin, access.Admin, access.Manager, access.User, access.ReadOnly}
	for i := 1; i < len(order); i++ {
		for _, p := range order[i].Permissions() {
			if !order[i-1].Has(p) {
				t.Errorf("%s has %s but %s lacks it", order[i], p, order[i-1])
			}
		}
	}
}

func TestNobodyGrantsWhatTheyLack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to access.Role
		want     bool
	}{
		{access.SuperAdmin, access.SuperAdmin, true},
		{access.MSPAdmin, access.SuperAdmin, false},
		{access.MSPAdmin, access.MSPAdmin, true},
		{access.Admin, access.MSPAdmin, false},
		{access.Admin, access.Admin, true},
		{access.Admin, access.BillingViewer, true},
		{access.Manager, access.ReadOnly, false},
		{access.Admin, "ROOT", false},
	} {
		if got := test.from.CanGrant(test.to); got != test.want {
			t.Errorf("%s grants %s = %v, want %v", test.from, test.to, got, test.want)
		}
	}
}

func TestTierTable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tier    access.Tier
		feature access.Feature
		want    bool
	}{
		{access.Free, access.AgentScanning, true},
		{access.Free, access.Alerts, false},
		{access.Basic, access.Alerts, true},
		{access.Basic, access.MultiTenant, false},
		{access.Pro, access.AIRisk, false},
		{access.Enterprise, access.AIRisk, true},
		{"gold", access.Dashboard, false},
		{access.Enterprise, "teleport", false},
	} {
		if got := test.tier.Has(test.feature); got != test.want {
			t.Errorf("%s has %s = %v, want %v", test.tier, test.feature, got, test.want)
		}
	}
}

func TestActorString(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("01977000-0000-7000-8000-000000000001")
	if got := (access.Actor{Kind: access.KindUser, ID: id, Name: "a@b.c"}).String(); got != "user:"+id.String() {
		t.Errorf("a person is %q", got)
	}
	if got := access.System(1, "retention").Actor.String(); got != "system:retention" {
		t.Errorf("the system is %q", got)
	}
}

func TestOnlyNarrows(t *testing.T) {
	t.Parallel()
	wide := access.Scope{Tenant: 2, Visible: []int32{2, 3, 4}}
	narrow := wide.Only()
	if narrow.Sees(3) || !narrow.Sees(2) || !wide.Sees(3) {
		t.Errorf("narrowed to %v from %v", narrow.Visible, wide.Visible)
	}
}

func TestRightsAreWhatTheTableSays(t *testing.T) {
	t.Parallel()
	for _, role := range access.Roles() {
		for _, p := range access.Permissions() {
			if role.Rights().Has(p) != role.Has(p) {
				t.Errorf("%s: %s differs between set and table", role, p)
			}
		}
	}
	if access.All.Has("tenants.burn") || access.RightsOf("tenants.burn") != 0 {
		t.Error("an unknown permission is in a set")
	}
	list := access.RightsOf(access.QueryRun, access.AgentsRead).List()
	if len(list) != 2 || list[0] != access.AgentsRead || list[1] != access.QueryRun {
		t.Errorf("the list is %v", list)
	}
}

func TestWhatWasTakenFromARoleCanBeNeitherUsedNorGranted(t *testing.T) {
	t.Parallel()
	whole := access.Scope{Role: access.Admin}
	if !whole.CanGrant(access.Manager) || whole.CanGrant(access.MSPAdmin) {
		t.Error("an ADMIN grants MANAGER and below")
	}
	denied := access.Scope{Role: access.Admin, Without: access.RightsOf(access.QueryRun)}
	if denied.Can(access.QueryRun) || !denied.Can(access.AgentsRead) {
		t.Error("only the denied permission is gone")
	}
	if denied.CanGrant(access.User) || !denied.CanGrant(access.ReadOnly) {
		t.Error("a role with the denied permission must not be granted, others may")
	}
}
