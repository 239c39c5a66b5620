package system

import (
	"context"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/profiler"
)

// connectedDisplay is one connected display.
type connectedDisplay struct {
	Name                     string `col:"name" doc:"Name."`
	ProductID                string `col:"product_id" doc:"Number of the product."`
	SerialNumber             string `col:"serial_number" doc:"Serial number."`
	VendorID                 string `col:"vendor_id" doc:"Number of the vendor."`
	ManufacturedWeek         int64  `col:"manufactured_week" type:"INTEGER" doc:"Week in which it was made; -1 where unknown."`
	ManufacturedYear         int64  `col:"manufactured_year" type:"INTEGER" doc:"Year in which it was made; -1 where unknown."`
	DisplayID                string `col:"display_id" doc:"Number that the system gave it."`
	Pixels                   string `col:"pixels" doc:"Pixels of its memory of images."`
	Resolution               string `col:"resolution" doc:"Resolution in use."`
	AmbientBrightnessEnabled string `col:"ambient_brightness_enabled" doc:"1 where it follows the light around it, -1 where unknown."`
	ConnectionType           string `col:"connection_type" doc:"How it is connected."`
	DisplayType              string `col:"display_type" doc:"Kind of display."`
	Main                     int64  `col:"main" type:"INTEGER" doc:"1 for the main display."`
	Mirror                   int64  `col:"mirror" type:"INTEGER" doc:"1 where it mirrors another."`
	Online                   int64  `col:"online" type:"INTEGER" doc:"1 where it is on."`
	Rotation                 string `col:"rotation" doc:"Degrees by which it is turned; -1 where unknown."`
}

// ConnectedDisplays has a row for each display.
// Source: system_profiler(8), SPDisplaysDataType, on a running system.
var ConnectedDisplays = tables.Define[connectedDisplay](tables.Spec{
	Name: "connected_displays", Doc: "Displays that are connected.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Expensive, Portable: true,
	Examples: []string{"SELECT name, resolution, connection_type FROM connected_displays"},
}, generateConnectedDisplays)

func generateConnectedDisplays(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*connectedDisplay) error) error {
	for _, card := range profiler.Items(ctx, host, "SPDisplaysDataType") {
		for _, d := range card.Dicts("spdisplays_ndrvs") {
			row := connectedDisplay{
				Name: d.Text("_name"), ProductID: d.Text("_spdisplays_display-product-id"), SerialNumber: d.Text("_spdisplays_display-serial-number"),
				VendorID: d.Text("_spdisplays_display-vendor-id"), ManufacturedWeek: d.IntOr("_spdisplays_display-week", -1),
				ManufacturedYear: d.IntOr("_spdisplays_display-year", -1), DisplayID: d.Text("_spdisplays_displayID"), Pixels: d.Text("_spdisplays_pixels"),
				Resolution: d.Text("_spdisplays_resolution"), AmbientBrightnessEnabled: strconv.FormatInt(displayFlag(d, "spdisplays_ambient_brightness", -1), 10),
				ConnectionType: d.Text("spdisplays_connection_type"), DisplayType: d.Text("spdisplays_display_type"), Main: displayFlag(d, "spdisplays_main", 0),
				Mirror: displayFlag(d, "spdisplays_mirror", 0), Online: displayFlag(d, "spdisplays_online", 0), Rotation: strconv.FormatInt(d.IntOr("spdisplays_rotation", -1), 10),
			}
			if d.Text("spdisplays_rotation") == "spdisplays_supported" { // and not turned
				row.Rotation = "0"
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func displayFlag(d plist.Dict, key string, absent int64) int64 {
	switch d.Text(key) {
	case "spdisplays_yes", "spdisplays_on":
		return 1
	case "":
		return absent
	default:
		return 0
	}
}
