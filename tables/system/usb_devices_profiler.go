package system

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/profiler"
)

func generateDarwinUSBDevices(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*usbDevice) error) error {
	for _, bus := range profiler.Items(ctx, host, "SPUSBDataType") {
		if err := emitUSB(bus, emit); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// emitUSB emits the devices of a bus or hub, with those behind them.
func emitUSB(above plist.Dict, emit func(*usbDevice) error) error {
	for _, d := range above.Dicts("_items") {
		row := usbDevice{
			Vendor: d.Text("manufacturer"), VendorID: hexNumber(d.Text("vendor_id")), Version: d.Text("bcd_device"), Model: d.Text("_name"),
			ModelID: hexNumber(d.Text("product_id")), Serial: d.Text("serial_num"), Removable: -1,
		}
		if media := d.Text("Built-in_Device"); media == "Yes" {
			row.Removable = 0
		} else if d.Has("location_id") {
			row.Removable = 1
		}
		if row.ModelID != "" { // else it is the bus of a controller
			if err := emit(&row); err != nil {
				return err
			}
		}
		if err := emitUSB(d, emit); err != nil {
			return err
		}
	}
	return nil
}

// hexNumber reads "0x05ac  (Apple Inc.)"; apple_vendor_id stands for Apple's own.
func hexNumber(text string) string {
	if text == "apple_vendor_id" {
		return "05ac"
	}
	word, _, _ := strings.Cut(text, " ")
	return strings.TrimPrefix(word, "0x")
}
