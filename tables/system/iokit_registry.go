package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/ioreg"
)

// registryEntry is one entry of the registry of drivers and devices.
type registryEntry struct {
	Name        string `col:"name" doc:"Name."`
	Class       string `col:"class" doc:"Class of the object."`
	ID          int64  `col:"id" doc:"Identifier."`
	Parent      int64  `col:"parent" doc:"Identifier of the entry above."`
	BusyState   int64  `col:"busy_state" type:"INTEGER" doc:"Above 0 while it waits for a driver."`
	RetainCount int64  `col:"retain_count" type:"INTEGER" doc:"References to it."`
	Depth       int64  `col:"depth" type:"INTEGER" doc:"Depth in the tree."`
}

// IOKitRegistry has a row for each entry of the plane IOService.
// Source: ioreg(8) on a running system.
var IOKitRegistry = tables.Define[registryEntry](tables.Spec{
	Name: "iokit_registry", Doc: "Drivers and devices as the kernel's registry holds them.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT name, class FROM iokit_registry WHERE class LIKE '%USB%'"},
}, generateIOKitRegistry)

func generateIOKitRegistry(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*registryEntry) error) error {
	for _, e := range ioreg.Plane(ctx, host, "IOService") {
		row := registryEntry{Name: e.Name, Class: e.Class, ID: e.ID, Parent: e.Parent, BusyState: e.Busy, RetainCount: e.Retain, Depth: e.Depth}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}
