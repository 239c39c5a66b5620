package files

import (
	"context"
	"fmt"
	"io"

	"github.com/tenantra/tenantra/tables"
)

// devicePartition is one partition of a disk.
type devicePartition struct {
	Device    string             `col:"device" opt:"required" doc:"Device or image of a disk."`
	Partition int32              `col:"partition" doc:"Number of the partition, as in the name of its device."`
	Label     string             `col:"label" doc:"Name of the partition in a GUID partition table; what its type byte means in a table of the old kind."`
	Type      string             `col:"type" doc:"normal: room that no partition has is not listed."`
	Offset    int64              `col:"offset" doc:"First byte of the partition."`
	BlockSize tables.Null[int64] `col:"blocks_size" doc:"Bytes of a block of its file system; NULL where that is none of ext2 to ext4."`
	Blocks    tables.Null[int64] `col:"blocks" doc:"Blocks of its file system."`
	Inodes    tables.Null[int64] `col:"inodes" doc:"Inodes of its file system."`
	Flags     int32              `col:"flags" doc:"Attributes of the partition: the lower half of those of a GUID partition table, or 128 for one that is started from."`
}

// DevicePartitions reads the partition table of a block device, or of a regular file that holds an image.
// Sources: the first sectors of the device; UEFI Specification 2.10, section 5 (GPT, protective and old MBR).
var DevicePartitions = tables.Define[devicePartition](tables.Spec{
	Name: "device_partitions", Doc: "Partitions of a disk, read from its device or from an image of it.",
	Category: tables.Files, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT partition, label, offset FROM device_partitions WHERE device = '/dev/sda'"},
}, generateDevicePartitions)

func generateDevicePartitions(ctx context.Context, host tables.Host, q *tables.Query, emit func(*devicePartition) error) error {
	for _, device := range q.Equal("device") {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, err := partitionsOf(host, device)
		if err != nil {
			host.Log().DebugContext(ctx, "partitions cannot be read", "device", device, "err", err)
			continue
		}
		for i := range rows {
			rows[i].Device = device
			if err := emit(&rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func partitionsOf(host tables.Host, device string) ([]devicePartition, error) {
	disk, err := openDisk(host, device)
	if err != nil {
		return nil, err
	}
	defer disk.Close()
	rows, err := readPartitions(disk)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", device, err)
	}
	return rows, nil
}

// disk is an open device or image.
type disk interface {
	io.ReaderAt
	io.Closer
}

// openDisk opens an image, or, on the running system, a block device: never one that opening does something to.
func openDisk(host tables.Host, path string) (disk, error) {
	f, err := host.Open(path)
	if err == nil || !host.Live() {
		return f, err
	}
	return openBlockDevice(path)
}
