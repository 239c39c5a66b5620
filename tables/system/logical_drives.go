package system

import "github.com/tenantra/tenantra/tables"

// logicalDrive is one drive letter.
type logicalDrive struct {
	DeviceID      string `col:"device_id" doc:"Letter of the drive with its colon."`
	Type          string `col:"type" doc:"Always Unknown, kept for old queries; description tells the kind."`
	Description   string `col:"description" doc:"Kind of drive: Local Fixed Disk, Removable Disk, Network Connection, CD-ROM Disc, RAM Disk."`
	FreeSpace     int64  `col:"free_space" doc:"Free bytes; -1 where they are not known."`
	Size          int64  `col:"size" doc:"Size in bytes; -1 where it is not known."`
	FileSystem    string `col:"file_system" doc:"File system: NTFS, FAT32, ReFS and others."`
	BootPartition int32  `col:"boot_partition" doc:"1 where the machine starts from it."`
}

// LogicalDrives has a row for each drive letter.
// Source: GetLogicalDrives, GetVolumeInformation and GetDiskFreeSpaceEx.
var LogicalDrives = tables.Define[logicalDrive](tables.Spec{
	Name: "logical_drives", Doc: "Drives of the machine by their letters.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT device_id, free_space * 100 / size AS percent_free FROM logical_drives WHERE size > 0"},
}, generateLogicalDrives)
