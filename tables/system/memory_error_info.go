package system

import (
	"fmt"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// memoryError is an error of memory that the firmware recorded.
type memoryError struct {
	Handle         string              `col:"handle" doc:"Handle of the firmware's entry."`
	Type           tables.Null[string] `col:"error_type" doc:"Kind of error."`
	Granularity    tables.Null[string] `col:"error_granularity" doc:"How exactly the place is known."`
	Operation      tables.Null[string] `col:"error_operation" doc:"What was being done."`
	VendorSyndrome tables.Null[string] `col:"vendor_syndrome" doc:"Data of the maker; NULL where unknown."`
	ArrayAddress   tables.Null[string] `col:"memory_array_error_address" doc:"Address in the address space of the memory array; NULL where unknown."`
	DeviceAddress  tables.Null[string] `col:"device_error_address" doc:"Address within the device; NULL where unknown."`
	Resolution     tables.Null[string] `col:"error_resolution" doc:"Bytes within which the place is known; NULL where unknown."`
}

// MemoryErrorInfo has one row for each error entry.
// Source: SMBIOS entries of type 18; DMTF DSP0134.
var MemoryErrorInfo = tables.Define[memoryError](tables.Spec{
	Name: "memory_error_info", Doc: "Errors of memory recorded in the firmware's tables.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT * FROM memory_error_info WHERE error_type != 'OK'"},
}, fromFirmware(smbios.TypeMemoryError, oneRow(memoryErrorRow)))

func memoryErrorRow(s *smbios.Structure) memoryError {
	const noSyndrome, unknown = 0, 0x8000_0000
	return memoryError{
		Handle: handleText(s.Handle), Type: nameAt(s, 0x04, errorTypes), Granularity: nameAt(s, 0x05, errorGranularities),
		Operation: nameAt(s, 0x06, errorOperations), VendorSyndrome: hexAt(s, 0x07, noSyndrome),
		ArrayAddress: hexAt(s, 0x0B, unknown), DeviceAddress: hexAt(s, 0x0F, unknown), Resolution: hexAt(s, 0x13, unknown),
	}
}

func hexAt(s *smbios.Structure, at int, unknown uint32) tables.Null[string] {
	v, ok := s.DWord(at)
	if !ok || v == unknown {
		return tables.Null[string]{}
	}
	return tables.Some(fmt.Sprintf("0x%08x", v))
}

var errorTypes = map[byte]string{
	0x01: "Other", 0x02: "Unknown", 0x03: "OK", 0x04: "Bad read", 0x05: "Parity error", 0x06: "Single-bit error",
	0x07: "Double-bit error", 0x08: "Multi-bit error", 0x09: "Nibble error", 0x0A: "Checksum error", 0x0B: "CRC error",
	0x0C: "Corrected single-bit error", 0x0D: "Corrected error", 0x0E: "Uncorrectable error",
}

var errorGranularities = map[byte]string{0x01: "Other", 0x02: "Unknown", 0x03: "Device level", 0x04: "Memory partition level"}

var errorOperations = map[byte]string{0x01: "Other", 0x02: "Unknown", 0x03: "Read", 0x04: "Write", 0x05: "Partial write"}
