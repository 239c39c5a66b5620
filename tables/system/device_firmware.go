package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/profiler"
)

// deviceFirmware is the firmware of one device.
type deviceFirmware struct {
	Type    string `col:"type" doc:"Kind of device: NVMe, SATA or system."`
	Device  string `col:"device" opt:"index" doc:"Name of the device."`
	Version string `col:"version" collate:"VERSION" doc:"Version of its firmware."`
}

// DeviceFirmware has a row for each storage device and for the machine itself.
// Source: system_profiler(8), the data types of NVMe, SATA and hardware, on a running system.
var DeviceFirmware = tables.Define[deviceFirmware](tables.Spec{
	Name: "device_firmware", Doc: "Versions of the firmware of devices.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Expensive, Portable: true,
	Examples: []string{"SELECT type, device, version FROM device_firmware"},
}, generateDeviceFirmware)

func generateDeviceFirmware(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*deviceFirmware) error) error {
	for _, kind := range [...]struct{ name, dataType string }{{"NVMe", "SPNVMeDataType"}, {"SATA", "SPSerialATADataType"}} {
		for _, controller := range profiler.Items(ctx, host, kind.dataType) {
			for _, disk := range controller.Dicts("_items") {
				row := deviceFirmware{Type: kind.name, Device: disk.Text("bsd_name"), Version: disk.Text("device_revision")}
				if row.Device == "" {
					row.Device = disk.Text("_name")
				}
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
	}
	for _, machine := range profiler.Items(ctx, host, "SPHardwareDataType") {
		row := deviceFirmware{Type: "system", Device: machine.Text("machine_model"), Version: machine.Text("boot_rom_version")}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}
