package system

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// memoryDevice is a place for memory, filled or empty.
type memoryDevice struct {
	Handle            string              `col:"handle" doc:"Handle of the firmware's entry."`
	ArrayHandle       tables.Null[string] `col:"array_handle" doc:"Handle of the memory array that it belongs to."`
	FormFactor        tables.Null[string] `col:"form_factor" doc:"Form of the device."`
	TotalWidth        tables.Null[int64]  `col:"total_width" type:"INTEGER" doc:"Width in bits with those for error correction."`
	DataWidth         tables.Null[int64]  `col:"data_width" type:"INTEGER" doc:"Width in bits of the data."`
	Size              tables.Null[int64]  `col:"size" type:"INTEGER" doc:"Size in MiB; 0 for an empty place."`
	Set               tables.Null[int64]  `col:"set" type:"INTEGER" doc:"Set of devices that must be alike; 0 for none."`
	DeviceLocator     string              `col:"device_locator" doc:"Label of the place on the board."`
	BankLocator       string              `col:"bank_locator" doc:"Label of the bank on the board."`
	MemoryType        tables.Null[string] `col:"memory_type" doc:"Kind of memory."`
	MemoryTypeDetails string              `col:"memory_type_details" doc:"Further properties of the memory."`
	MaxSpeed          tables.Null[int64]  `col:"max_speed" type:"INTEGER" doc:"Largest speed in MT/s."`
	ConfiguredSpeed   tables.Null[int64]  `col:"configured_clock_speed" type:"INTEGER" doc:"Speed in use in MT/s."`
	Manufacturer      string              `col:"manufacturer" doc:"Maker of the device."`
	SerialNumber      string              `col:"serial_number" doc:"Serial number of the device."`
	AssetTag          string              `col:"asset_tag" doc:"Asset tag of the device."`
	PartNumber        string              `col:"part_number" doc:"Part number of the device."`
	MinVoltage        tables.Null[int64]  `col:"min_voltage" type:"INTEGER" doc:"Least voltage in mV."`
	MaxVoltage        tables.Null[int64]  `col:"max_voltage" type:"INTEGER" doc:"Largest voltage in mV."`
	ConfiguredVoltage tables.Null[int64]  `col:"configured_voltage" type:"INTEGER" doc:"Voltage in use in mV."`
}

// MemoryDevices has one row for each place.
// Source: SMBIOS entries of type 17; DMTF DSP0134.
var MemoryDevices = tables.Define[memoryDevice](tables.Spec{
	Name: "memory_devices", Doc: "Memory modules and the places for them.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT device_locator, size, memory_type, manufacturer, part_number FROM memory_devices WHERE size > 0"},
}, fromFirmware(smbios.TypeMemoryDevice, oneRow(memoryDeviceRow)))

func memoryDeviceRow(s *smbios.Structure) memoryDevice {
	const unknown = 0xFFFF
	row := memoryDevice{
		Handle: handleText(s.Handle), ArrayHandle: handleAt(s, 0x04), FormFactor: nameAt(s, 0x0E, formFactors),
		TotalWidth: wordAt(s, 0x08, unknown), DataWidth: wordAt(s, 0x0A, unknown), Size: memoryDeviceSize(s),
		DeviceLocator: s.Text(0x10), BankLocator: s.Text(0x11), MemoryType: nameAt(s, 0x12, memoryTypes),
		MaxSpeed: wordAt(s, 0x15, 0, unknown), ConfiguredSpeed: wordAt(s, 0x20, 0, unknown),
		Manufacturer: s.Text(0x17), SerialNumber: s.Text(0x18), AssetTag: s.Text(0x19), PartNumber: s.Text(0x1A),
		MinVoltage: wordAt(s, 0x22, 0), MaxVoltage: wordAt(s, 0x24, 0), ConfiguredVoltage: wordAt(s, 0x26, 0),
	}
	if set, ok := s.Byte(0x0F); ok && set != 0xFF {
		row.Set = tables.Some(int64(set))
	}
	if details, ok := s.Word(0x13); ok {
		row.MemoryTypeDetails = bitNames(details, memoryDetails)
	}
	return row
}

// memoryDeviceSize reads the size in MiB. Its highest bit says that it is in KiB; another value, that a longer field has it.
func memoryDeviceSize(s *smbios.Structure) tables.Null[int64] {
	const unknown, seeExtended, inKibibytes = 0xFFFF, 0x7FFF, 0x8000
	size, ok := s.Word(0x0C)
	switch {
	case !ok || size == unknown:
		return tables.Null[int64]{}
	case size == seeExtended:
		extended, ok := s.DWord(0x1C)
		return tables.Null[int64]{V: int64(extended &^ (1 << 31)), Valid: ok}
	case size&inKibibytes != 0:
		return tables.Some(int64(size&^inKibibytes) >> 10)
	default:
		return tables.Some(int64(size))
	}
}

var formFactors = map[byte]string{
	0x01: "Other", 0x02: "Unknown", 0x03: "SIMM", 0x04: "SIP", 0x05: "Chip", 0x06: "DIP", 0x07: "ZIP", 0x08: "Proprietary Card",
	0x09: "DIMM", 0x0A: "TSOP", 0x0B: "Row of chips", 0x0C: "RIMM", 0x0D: "SODIMM", 0x0E: "SRIMM", 0x0F: "FB-DIMM", 0x10: "Die",
}

var memoryTypes = map[byte]string{
	0x01: "Other", 0x02: "Unknown", 0x03: "DRAM", 0x04: "EDRAM", 0x05: "VRAM", 0x06: "SRAM", 0x07: "RAM", 0x08: "ROM", 0x09: "FLASH",
	0x0A: "EEPROM", 0x0B: "FEPROM", 0x0C: "EPROM", 0x0D: "CDRAM", 0x0E: "3DRAM", 0x0F: "SDRAM", 0x10: "SGRAM", 0x11: "RDRAM",
	0x12: "DDR", 0x13: "DDR2", 0x14: "DDR2 FB-DIMM", 0x18: "DDR3", 0x19: "FBD2", 0x1A: "DDR4", 0x1B: "LPDDR", 0x1C: "LPDDR2",
	0x1D: "LPDDR3", 0x1E: "LPDDR4", 0x1F: "Logical non-volatile device", 0x20: "HBM", 0x21: "HBM2", 0x22: "DDR5", 0x23: "LPDDR5",
}

var memoryDetails = []string{
	"Reserved", "Other", "Unknown", "Fast-paged", "Static column", "Pseudo-static", "RAMBUS", "Synchronous", "CMOS", "EDO",
	"Window DRAM", "Cache DRAM", "Non-volatile", "Registered (Buffered)", "Unbuffered (Unregistered)", "LRDIMM",
}
