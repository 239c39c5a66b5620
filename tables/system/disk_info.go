package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// diskInfo is one physical disk.
type diskInfo struct {
	Partitions    int32  `col:"partitions" doc:"Number of partitions."`
	DiskIndex     int32  `col:"disk_index" doc:"Number of the disk."`
	Type          string `col:"type" doc:"Interface: IDE, SCSI, USB, and the like."`
	ID            string `col:"id" doc:"Identifier of the device."`
	PNPDeviceID   string `col:"pnp_device_id" doc:"Identifier of the plug and play device."`
	DiskSize      int64  `col:"disk_size" doc:"Size in bytes."`
	Manufacturer  string `col:"manufacturer" doc:"Who made it."`
	HardwareModel string `col:"hardware_model" doc:"Model."`
	Name          string `col:"name" doc:"Name of the device."`
	Serial        string `col:"serial" doc:"Serial number."`
	Description   string `col:"description" doc:"What it is."`
}

// DiskInfo has a row for each disk.
// Source: Win32_DiskDrive of WMI.
var DiskInfo = tables.Define[diskInfo](tables.Spec{
	Name: "disk_info", Doc: "Physical disks.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT name, disk_size, serial FROM disk_info"},
}, generateDiskInfo)

func generateDiskInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*diskInfo) error) error {
	disks, err := wmi.Objects(ctx, host, wmi.CIMv2, "Win32_DiskDrive", "Partitions", "Index", "InterfaceType", "DeviceID", "PNPDeviceID", "Size",
		"Manufacturer", "Model", "Name", "SerialNumber", "Description")
	if err != nil {
		return err
	}
	for _, d := range disks {
		row := diskInfo{
			Partitions: int32(d.Number("Partitions")), DiskIndex: int32(d.Number("Index")), Type: d.Text("InterfaceType"), ID: d.Text("DeviceID"),
			PNPDeviceID: d.Text("PNPDeviceID"), DiskSize: d.Number("Size"), Manufacturer: d.Text("Manufacturer"), HardwareModel: d.Text("Model"),
			Name: d.Text("Name"), Serial: d.Text("SerialNumber"), Description: d.Text("Description"),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
