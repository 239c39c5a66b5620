package system

import "github.com/tenantra/tenantra/tables"

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
var DiskInfo = tables.DefineByPlatform(tables.Spec{
	Name: "disk_info", Doc: "Physical disks.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate,
	Examples: []string{"SELECT name, disk_size, serial FROM disk_info"},
}, tables.Generators[diskInfo]{})
