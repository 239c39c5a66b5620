package system

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// memoryArray is a group of places for memory devices.
type memoryArray struct {
	Handle          string              `col:"handle" doc:"Handle of the firmware's entry."`
	Location        tables.Null[string] `col:"location" doc:"Where it is."`
	Use             tables.Null[string] `col:"use" doc:"What it is used for."`
	ErrorCorrection tables.Null[string] `col:"memory_error_correction" doc:"How errors are corrected or found."`
	MaxCapacity     tables.Null[int64]  `col:"max_capacity" type:"INTEGER" doc:"Largest capacity in GiB."`
	ErrorHandle     tables.Null[string] `col:"memory_error_info_handle" doc:"Handle of the entry with the last error; NULL for none."`
	Devices         tables.Null[int64]  `col:"number_memory_devices" type:"INTEGER" doc:"Number of places."`
}

// MemoryArrays has one row for each array.
// Source: SMBIOS entries of type 16; DMTF DSP0134.
var MemoryArrays = tables.Define[memoryArray](tables.Spec{
	Name: "memory_arrays", Doc: "Groups of places for memory devices.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT location, max_capacity, memory_error_correction FROM memory_arrays"},
}, fromFirmware(smbios.TypeMemoryArray, oneRow(memoryArrayRow)))

func memoryArrayRow(s *smbios.Structure) memoryArray {
	row := memoryArray{
		Handle: handleText(s.Handle), Location: nameAt(s, 0x04, arrayLocations), Use: nameAt(s, 0x05, arrayUses),
		ErrorCorrection: nameAt(s, 0x06, errorCorrections), Devices: wordAt(s, 0x0D),
	}
	const seeExtended = 0x8000_0000
	if kibibytes, ok := s.DWord(0x07); ok && kibibytes < seeExtended {
		row.MaxCapacity = tables.Some(int64(kibibytes >> 20))
	} else if size, ok := s.QWord(0x0F); ok {
		row.MaxCapacity = tables.Some(int64(size >> 30))
	}
	const notSupported, noError = 0xFFFE, 0xFFFF
	if handle, ok := s.Word(0x0B); ok && handle != notSupported && handle != noError {
		row.ErrorHandle = tables.Some(handleText(handle))
	}
	return row
}

var arrayLocations = map[byte]string{
	0x01: "Other", 0x02: "Unknown", 0x03: "System board or motherboard", 0x04: "ISA add-on card", 0x05: "EISA add-on card",
	0x06: "PCI add-on card", 0x07: "MCA add-on card", 0x08: "PCMCIA add-on card", 0x09: "Proprietary add-on card", 0x0A: "NuBus",
	0xA0: "PC-98/C20 add-on card", 0xA1: "PC-98/C24 add-on card", 0xA2: "PC-98/E add-on card", 0xA3: "PC-98/Local bus add-on card",
}

var arrayUses = map[byte]string{
	0x01: "Other", 0x02: "Unknown", 0x03: "System memory", 0x04: "Video memory", 0x05: "Flash memory", 0x06: "Non-volatile RAM",
	0x07: "Cache memory",
}

var errorCorrections = map[byte]string{
	0x01: "Other", 0x02: "Unknown", 0x03: "none", 0x04: "Parity", 0x05: "Single-bit ECC", 0x06: "Multi-bit ECC", 0x07: "CRC",
}
