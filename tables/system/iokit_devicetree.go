package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/ioreg"
)

// deviceTreeEntry is one entry of the tree of devices that the firmware handed over.
type deviceTreeEntry struct {
	Name        string `col:"name" doc:"Name."`
	Class       string `col:"class" doc:"Class of the object."`
	ID          int64  `col:"id" doc:"Identifier."`
	Parent      int64  `col:"parent" doc:"Identifier of the entry above."`
	DevicePath  string `col:"device_path" doc:"Path in the tree."`
	Service     int64  `col:"service" type:"INTEGER" doc:"1 where a driver can be bound to it."`
	BusyState   int64  `col:"busy_state" type:"INTEGER" doc:"Above 0 while it waits for a driver."`
	RetainCount int64  `col:"retain_count" type:"INTEGER" doc:"References to it."`
	Depth       int64  `col:"depth" type:"INTEGER" doc:"Depth in the tree."`
}

// IOKitDeviceTree has a row for each entry of the plane IODeviceTree.
// Source: ioreg(8) on a running system.
var IOKitDeviceTree = tables.Define[deviceTreeEntry](tables.Spec{
	Name: "iokit_devicetree", Doc: "The firmware's tree of devices.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT device_path, name FROM iokit_devicetree WHERE service = 1"},
}, generateIOKitDeviceTree)

func generateIOKitDeviceTree(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*deviceTreeEntry) error) error {
	for _, e := range ioreg.Plane(ctx, host, "IODeviceTree") {
		row := deviceTreeEntry{
			Name: e.Name, Class: e.Class, ID: e.ID, Parent: e.Parent, DevicePath: "IODeviceTree:" + e.Path, BusyState: e.Busy, RetainCount: e.Retain, Depth: e.Depth,
		}
		if e.Service {
			row.Service = 1
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}
