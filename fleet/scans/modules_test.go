package scans_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/tables"
)

// What a tenant says of modules decides what is collected, how often, and what agents refuse.
func TestModulesAreInTheConfiguration(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	users, err := modules.Find("users")
	if err != nil {
		t.Fatal(err)
	}
	memory, err := modules.Find("memory_info")
	if err != nil {
		t.Fatal(err)
	}
	f.service.Library.Modules = []modules.Module{memory, users}
	said := modules.Standard()
	f.service.Modules = func(context.Context, int32) (modules.Settings, error) { return said, nil }
	query := func(collection string) (protocol.Config, *protocol.ConfigQuery) {
		f.service.Changed(f.acme.TenantID)
		config, _, err := f.service.Config(t.Context(), agents.Identity{ID: uuid.New(), TenantID: f.acme.TenantID, Tenant: f.acme.Tenant, Key: 1, Platform: "linux"})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(config.Queries, func(q protocol.ConfigQuery) bool { return q.Collection == collection })
		if i < 0 {
			return config, nil
		}
		return config, &config.Queries[i]
	}
	if _, q := query("module:users"); q == nil || q.IntervalSeconds != 3600 || q.SQL != users.SQL(tables.Linux, tables.ClassPersonal) {
		t.Errorf("by default users is collected as %+v", q)
	}
	if _, q := query("module:memory_info"); q != nil {
		t.Error("memory_info changes all the time and is collected by default")
	}
	said = modules.Settings{Allowed: tables.ClassInventory, Of: map[string]modules.Setting{
		"users": {State: modules.Off}, "memory_info": {State: modules.Collected, Interval: 5 * time.Minute},
	}}
	config, q := query("module:memory_info")
	if q == nil || q.IntervalSeconds != 300 {
		t.Errorf("memory_info is collected as %+v", q)
	}
	if !slices.Equal(config.DisabledTables, []string{"users"}) || config.AllowedClass != "inventory" {
		t.Errorf("agents refuse %v above class %s", config.DisabledTables, config.AllowedClass)
	}
	if _, q := query("module:users"); q != nil {
		t.Error("a module that is off is collected")
	}
}
