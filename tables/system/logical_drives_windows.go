package system

import (
	"context"
	"math/bits"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var getDiskFreeSpaceEx = kernel32.NewProc("GetDiskFreeSpaceExW")

var driveKinds = map[uint32]string{
	windows.DRIVE_UNKNOWN: "Unknown", windows.DRIVE_NO_ROOT_DIR: "No Root Directory", windows.DRIVE_REMOVABLE: "Removable Disk",
	windows.DRIVE_FIXED: "Local Fixed Disk", windows.DRIVE_REMOTE: "Network Connection", windows.DRIVE_CDROM: "CD-ROM Disc", windows.DRIVE_RAMDISK: "RAM Disk",
}

func generateLogicalDrives(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*logicalDrive) error) error {
	if !host.Live() {
		return nil
	}
	mask, err := windows.GetLogicalDrives()
	if err != nil {
		return err
	}
	system, err := windows.GetWindowsDirectory()
	if err != nil {
		return err
	}
	for ; mask != 0; mask &= mask - 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		letter := string(rune('A'+bits.TrailingZeros32(mask))) + ":"
		root := windows.StringToUTF16Ptr(letter + `\`)
		kind := windows.GetDriveType(root)
		row := logicalDrive{DeviceID: letter, Type: "Unknown", Description: driveKinds[kind], FreeSpace: -1, Size: -1}
		if strings.EqualFold(system[:2], letter) {
			row.BootPartition = 1
		}
		if kind != windows.DRIVE_REMOTE { // a share may take minutes to say that it is gone
			row.measure(root)
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// measure fills in the sizes; a drive without a medium has none.
func (d *logicalDrive) measure(root *uint16) {
	var available, total, free uint64
	ok, _, _ := getDiskFreeSpaceEx.Call(uintptr(unsafe.Pointer(root)), uintptr(unsafe.Pointer(&available)), uintptr(unsafe.Pointer(&total)), uintptr(unsafe.Pointer(&free)))
	if ok != 0 {
		d.FreeSpace, d.Size = int64(free), int64(total)
	}
	var name [windows.MAX_PATH + 1]uint16
	if windows.GetVolumeInformation(root, nil, 0, nil, nil, nil, &name[0], uint32(len(name))) == nil {
		d.FileSystem = windows.UTF16ToString(name[:])
	}
}
