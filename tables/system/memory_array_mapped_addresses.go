package system

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// memoryArrayAddress is a range of addresses that a memory array serves.
type memoryArrayAddress struct {
	Handle         string              `col:"handle" doc:"Handle of the firmware's entry."`
	ArrayHandle    tables.Null[string] `col:"memory_array_handle" doc:"Handle of the memory array."`
	Start          tables.Null[string] `col:"starting_address" doc:"First address in KiB, or in bytes where it has 12 digits."`
	End            tables.Null[string] `col:"ending_address" doc:"Last address in KiB, or in bytes where it has 12 digits."`
	PartitionWidth tables.Null[int64]  `col:"partition_width" type:"INTEGER" doc:"Number of devices that form a row."`
}

// MemoryArrayMappedAddresses has one row for each range.
// Source: SMBIOS entries of type 19; DMTF DSP0134.
var MemoryArrayMappedAddresses = tables.Define[memoryArrayAddress](tables.Spec{
	Name: "memory_array_mapped_addresses", Doc: "Ranges of addresses of memory arrays.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT starting_address, ending_address FROM memory_array_mapped_addresses"},
}, fromFirmware(smbios.TypeMemoryArrayMappedAddress, oneRow(memoryArrayAddressRow)))

func memoryArrayAddressRow(s *smbios.Structure) memoryArrayAddress {
	row := memoryArrayAddress{Handle: handleText(s.Handle), ArrayHandle: handleAt(s, 0x0C), PartitionWidth: byteAt(s, 0x0E)}
	row.Start, row.End = addressRange(s, 0x04, 0x0F)
	return row
}
