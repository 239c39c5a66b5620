package system

import (
	"fmt"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// platformInfo is the firmware that starts the machine.
type platformInfo struct {
	Vendor       string              `col:"vendor" doc:"Maker of the firmware."`
	Version      string              `col:"version" collate:"VERSION" doc:"Version of the firmware."`
	Date         string              `col:"date" doc:"Date of the firmware as it tells it."`
	Revision     tables.Null[string] `col:"revision" doc:"Release of the firmware, two numbers."`
	Extra        string              `col:"extra" doc:"Further facts of the firmware; empty on Linux."`
	FirmwareType string              `col:"firmware_type" doc:"uefi, bios, iboot, openfirmware or unknown."`
	Address      tables.Null[string] `col:"address" os:"linux,darwin" doc:"Segment that the firmware was loaded to."`
	Size         tables.Null[string] `col:"size" os:"linux,darwin" doc:"Bytes of the firmware's memory."`
	VolumeSize   tables.Null[int64]  `col:"volume_size" type:"INTEGER" os:"linux,darwin" doc:"Bytes of the firmware's volume; 0 on Linux."`
}

// PlatformInfo has one row where the machine has firmware tables.
// Source: SMBIOS entry of type 0 and /sys/firmware/efi on Linux; ioreg(8), entries rom and chosen of the device tree, on macOS; DMTF DSP0134.
var PlatformInfo = tables.DefineByPlatform(tables.Spec{
	Name: "platform_info", Doc: "The firmware that starts the machine.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT vendor, version, date, firmware_type FROM platform_info"},
}, tables.Generators[platformInfo]{Darwin: generateDarwinPlatformInfo}.OnBuild(generatePlatformInfo))

func platformRow(s *smbios.Structure) platformInfo {
	row := platformInfo{
		Vendor: s.Text(0x04), Version: s.Text(0x05), Date: s.Text(0x08), VolumeSize: tables.Some[int64](0),
	}
	if segment, ok := s.Word(0x06); ok {
		row.Address = tables.Some(fmt.Sprintf("0x%04x", segment))
	}
	if size, ok := firmwareSize(s); ok {
		row.Size = tables.Some(strconv.FormatInt(size, 10))
	}
	major, ok := s.Byte(0x14)
	if minor, alsoOK := s.Byte(0x15); ok && alsoOK {
		row.Revision = tables.Some(fmt.Sprintf("%d.%d", major, minor))
	}
	return row
}

// firmwareSize reads the size in blocks of 64 KiB; from 16 MiB on another field has it, in MiB or GiB.
func firmwareSize(s *smbios.Structure) (int64, bool) {
	const seeExtended = 0xFF
	blocks, ok := s.Byte(0x09)
	if !ok {
		return 0, false
	}
	if extended, hasExtended := s.Word(0x18); blocks == seeExtended && hasExtended {
		const inGibibytes = 1 << 14
		size := int64(extended & 0x3FFF)
		if extended&inGibibytes != 0 {
			return size << 30, true
		}
		return size << 20, true
	}
	return (int64(blocks) + 1) << 16, true
}
