package system

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// blockDevice is a disk, a part of one, or a device made of others.
type blockDevice struct {
	Name      string              `col:"name" opt:"index" doc:"Path of the device."`
	Parent    string              `col:"parent" doc:"Path of the device that it is a part of or made of; empty for a disk."`
	Vendor    string              `col:"vendor" doc:"Maker of the disk."`
	Model     string              `col:"model" doc:"Model of the disk."`
	Serial    string              `col:"serial" doc:"Serial number or world-wide name of the disk."`
	Size      tables.Null[int64]  `col:"size" doc:"Size in sectors of 512 bytes on Linux, in bytes on macOS."`
	BlockSize tables.Null[int64]  `col:"block_size" type:"INTEGER" doc:"Bytes of a block that the device reads or writes as a whole."`
	UUID      tables.Null[string] `col:"uuid" collate:"NOCASE" doc:"Identifier of the file system on it."`
	Type      tables.Null[string] `col:"type" doc:"Kind of file system or other content."`
	Label     tables.Null[string] `col:"label" doc:"Label of the file system."`
}

// BlockDevices has one row for each device. The content is that which udev found; without udev only the kind of mounted
// file systems is known.
// Source: /sys/class/block, /run/udev/data and /proc/mounts on Linux; ioreg(8), class IOMedia, on macOS.
var BlockDevices = tables.DefineByPlatform(tables.Spec{
	Name: "block_devices", Doc: "Disks, their parts and devices made of them.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT name, model, size * 512 / 1073741824 AS gib FROM block_devices WHERE parent = ''"},
}, tables.Generators[blockDevice]{Darwin: generateDarwinBlockDevices}.OnBuild(generateBlockDevices))

// parseUdevProperties reads the properties, E:NAME=VALUE, in a file of udev's database.
func parseUdevProperties(text string) map[string]string {
	properties := map[string]string{}
	for line := range strings.Lines(text) {
		if property, found := strings.CutPrefix(line, "E:"); found {
			name, value, _ := strings.Cut(strings.TrimRight(property, "\n"), "=")
			properties[name] = value
		}
	}
	return properties
}

// parseMountTypes gives the kind of file system by device path in /proc/mounts.
func parseMountTypes(text string) map[string]string {
	types := map[string]string{}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) > 2 && strings.HasPrefix(fields[0], "/dev/") {
			types[fields[0]] = fields[2]
		}
	}
	return types
}
