// Package scans answers what an agent is to collect, and when: the packs of the product and of the tenants, whether they
// run, and the configuration that follows from them for each platform.
//
// Packs and schedules are inherited down the tree of tenants; the nearest tenant that says something counts. The checks of
// the compliance library are collected everywhere.
package scans

import (
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/queries"
)

const (
	heartbeatSeconds = 30
	queryTimeout     = 30 * time.Second
	checkInterval    = time.Hour // of checks that name none
	zoneDefault      = "UTC"     // of tenants that name none
	packTextMax      = 1 << 20
	configAge        = 10 * time.Second // how long a configuration is taken for current without asking
	parsedMax        = 2_000            // packs kept compiled
	configsMax       = 50_000
)

// Library is what the product brings along.
type Library struct {
	Packs     []*packs.Pack
	Checks    []*frameworks.Check
	Modules   []modules.Module
	Compilers queries.Compilers // for the packs of tenants
}

// Pack is a pack as a tenant sees it.
type Pack struct {
	*packs.Pack
	// Owner is the tenant whose pack it is, zero for the product's own.
	Owner uuid.UUID
	owner int32
}

// Schedule says whether a pack runs for a tenant.
type Schedule struct {
	Pack    string
	Enabled bool
	// Said is the tenant that said so, zero where it is the default: the product's packs run, others do not.
	Said uuid.UUID
}

// link is a tenant on the path from the root to the one that is looked at.
type link struct {
	id     int32
	public uuid.UUID
}

// stored is what the tenants on a path say, the nearest first.
type stored struct {
	path      []link // from the root down
	packs     []storedPack
	schedules []storedSchedule
}

type storedPack struct {
	tenant int32
	name   string
	yaml   string
}

type storedSchedule struct {
	tenant  int32
	pack    string
	enabled bool
}
