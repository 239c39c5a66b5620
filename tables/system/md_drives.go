package system

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// mdDrive is one disk, or part of one, in an array.
type mdDrive struct {
	Array string             `col:"md_device_name" doc:"Name of the array's device."`
	Drive string             `col:"drive_name" doc:"Path of the disk or part."`
	Slot  tables.Null[int64] `col:"slot" type:"INTEGER" doc:"Place in the array; NULL for spares and faulty disks."`
	State string             `col:"state" doc:"active sync, spare, spare rebuilding, journal, replacement or faulty; active where the kernel tells no more."`
}

// MDDrives has one row for each member of each array.
// Source: /proc/mdstat and /sys/class/block/ARRAY/md/dev-NAME; md(4).
var MDDrives = tables.Define[mdDrive](tables.Spec{
	Name: "md_drives", Doc: "Disks of the arrays of Linux software RAID.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT md_device_name, drive_name FROM md_drives WHERE state = 'faulty'"},
}, generateMDDrives)

func generateMDDrives(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*mdDrive) error) error {
	status, err := readMD(ctx, host)
	if err != nil {
		return err
	}
	for _, array := range status.arrays {
		for _, member := range array.members {
			if strings.Contains(array.name+member.device, "/") {
				continue // no name that the kernel gives
			}
			text := func(file string) string {
				data, _ := hostfile.OneOfMany(ctx, host, path.Join("/sys/class/block", array.name, "md/dev-"+member.device, file))
				return strings.TrimSpace(string(data))
			}
			row := mdDrive{Array: array.name, Drive: "/dev/" + member.device, Slot: number(text("slot"))}
			row.State = driveState(member, text("state"), row.Slot.Valid)
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// driveState puts a member's marks in mdstat and its states in sysfs into mdadm's words.
func driveState(m mdMember, sysfs string, placed bool) string {
	inSync := false
	for state := range strings.SplitSeq(sysfs, ",") {
		inSync = inSync || state == "in_sync"
	}
	switch {
	case m.has('F'):
		return "faulty"
	case m.has('J'):
		return "journal"
	case m.has('R'):
		return "replacement"
	case inSync:
		return "active sync"
	case m.has('S'):
		return "spare"
	case placed && sysfs != "":
		return "spare rebuilding"
	}
	return "active"
}
