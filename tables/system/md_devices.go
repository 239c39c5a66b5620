package system

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// mdDevice is one array of disks.
type mdDevice struct {
	Name                 string             `col:"device_name" doc:"Name of the array's device: md0."`
	Status               string             `col:"status" doc:"active or inactive."`
	Level                tables.Null[int64] `col:"raid_level" type:"INTEGER" doc:"Level of RAID; -1 linear, -4 multipath, -5 faulty."`
	Size                 tables.Null[int64] `col:"size" doc:"Size in blocks of 1024 bytes."`
	ChunkSize            tables.Null[int64] `col:"chunk_size" doc:"Bytes that go to one disk in a row."`
	RaidDisks            tables.Null[int64] `col:"raid_disks" type:"INTEGER" doc:"Disks that the array is made for."`
	NrRaidDisks          int32              `col:"nr_raid_disks" doc:"Disks that belong to it now, spares and faulty ones included."`
	WorkingDisks         int32              `col:"working_disks" doc:"Disks that are not faulty."`
	ActiveDisks          tables.Null[int64] `col:"active_disks" type:"INTEGER" doc:"Disks that hold data in full."`
	FailedDisks          int32              `col:"failed_disks" doc:"Disks that are faulty."`
	SpareDisks           int32              `col:"spare_disks" doc:"Disks that wait to replace another."`
	SuperblockState      string             `col:"superblock_state" doc:"State of the array's description on disk: clean, active, readonly and the like."`
	SuperblockVersion    string             `col:"superblock_version" doc:"Version of that description; external where firmware keeps it."`
	SuperblockUpdateTime tables.Null[int64] `col:"superblock_update_time" doc:"When it was last written; NULL on Linux, where only the disk itself tells."`
	BitmapOnMem          string             `col:"bitmap_on_mem" doc:"Pages of the write-intent bitmap that are in memory."`
	BitmapChunkSize      string             `col:"bitmap_chunk_size" doc:"Size that a bit of the bitmap stands for."`
	BitmapExternalFile   string             `col:"bitmap_external_file" doc:"File that the bitmap is kept in."`
	RecoveryProgress     string             `col:"recovery_progress" doc:"How far the rebuilding of a disk has come."`
	RecoveryFinish       string             `col:"recovery_finish" doc:"How long it will still take."`
	RecoverySpeed        string             `col:"recovery_speed" doc:"Speed of the rebuilding."`
	ResyncProgress       string             `col:"resync_progress" doc:"How far the resynchronisation has come."`
	ResyncFinish         string             `col:"resync_finish" doc:"How long it will still take."`
	ResyncSpeed          string             `col:"resync_speed" doc:"Speed of the resynchronisation."`
	ReshapeProgress      string             `col:"reshape_progress" doc:"How far the change of the array's form has come."`
	ReshapeFinish        string             `col:"reshape_finish" doc:"How long it will still take."`
	ReshapeSpeed         string             `col:"reshape_speed" doc:"Speed of the change."`
	CheckProgress        string             `col:"check_array_progress" doc:"How far the check of the array has come."`
	CheckFinish          string             `col:"check_array_finish" doc:"How long it will still take."`
	CheckSpeed           string             `col:"check_array_speed" doc:"Speed of the check."`
	UnusedDevices        string             `col:"unused_devices" doc:"Devices that are in no array."`
	Other                string             `col:"other" doc:"What else the kernel says of the array."`
}

// MDDevices has one row for each array; none where the kernel has no software RAID.
// Source: /proc/mdstat and /sys/class/block/NAME/md/array_state; md(4).
var MDDevices = tables.Define[mdDevice](tables.Spec{
	Name: "md_devices", Doc: "Arrays of Linux software RAID.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT device_name, raid_disks, active_disks, recovery_progress FROM md_devices WHERE active_disks < raid_disks"},
}, generateMDDevices)

func generateMDDevices(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*mdDevice) error) error {
	status, err := readMD(ctx, host)
	if err != nil {
		return err
	}
	for _, array := range status.arrays {
		row := array.row()
		row.UnusedDevices = status.unused
		if !strings.Contains(array.name, "/") {
			state, _ := hostfile.OneOfMany(ctx, host, path.Join("/sys/class/block", array.name, "md/array_state"))
			row.SuperblockState = strings.TrimSpace(string(state))
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func (a *mdArray) row() mdDevice {
	recovery, resync, reshape, check := a.syncs["recovery"], a.syncs["resync"], a.syncs["reshape"], a.syncs["check"]
	row := mdDevice{
		Name: a.name, Status: a.status, Level: mdLevel(a.level), Size: a.blocks, ChunkSize: a.chunk,
		RaidDisks: a.raidDisks, NrRaidDisks: int32(len(a.members)), ActiveDisks: a.active, SuperblockVersion: a.superblock,
		BitmapOnMem: a.bitmap.onMem, BitmapChunkSize: a.bitmap.chunkSize, BitmapExternalFile: a.bitmap.file,
		RecoveryProgress: recovery.progress, RecoveryFinish: recovery.finish, RecoverySpeed: recovery.speed,
		ResyncProgress: resync.progress, ResyncFinish: resync.finish, ResyncSpeed: resync.speed,
		ReshapeProgress: reshape.progress, ReshapeFinish: reshape.finish, ReshapeSpeed: reshape.speed,
		CheckProgress: check.progress, CheckFinish: check.finish, CheckSpeed: check.speed, Other: strings.Join(a.other, "; "),
	}
	for _, m := range a.members {
		switch {
		case m.has('F'):
			row.FailedDisks++
		case m.has('S'):
			row.SpareDisks++
		}
	}
	row.WorkingDisks = row.NrRaidDisks - row.FailedDisks
	if a.status == "active" && !a.raidDisks.Valid { // levels without redundancy tell no figures; all disks are in use
		row.RaidDisks = tables.Some(int64(row.WorkingDisks))
		row.ActiveDisks = row.RaidDisks
	}
	return row
}
