package system

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// memoryDeviceAddress is a range of addresses that a memory device serves.
type memoryDeviceAddress struct {
	Handle             string              `col:"handle" doc:"Handle of the firmware's entry."`
	DeviceHandle       tables.Null[string] `col:"memory_device_handle" doc:"Handle of the memory device."`
	ArrayAddressHandle tables.Null[string] `col:"memory_array_mapped_address_handle" doc:"Handle of the array's range that it is in."`
	Start              tables.Null[string] `col:"starting_address" doc:"First address in KiB, or in bytes where it has 12 digits."`
	End                tables.Null[string] `col:"ending_address" doc:"Last address in KiB, or in bytes where it has 12 digits."`
	PartitionRow       tables.Null[int64]  `col:"partition_row_position" type:"INTEGER" doc:"Place of the device in its row."`
	InterleavePosition tables.Null[int64]  `col:"interleave_position" type:"INTEGER" doc:"Place of the device among those that take turns."`
	InterleaveDepth    tables.Null[int64]  `col:"interleave_data_depth" type:"INTEGER" doc:"Rows that the device gives in one turn."`
}

// MemoryDeviceMappedAddresses has one row for each range.
// Source: SMBIOS entries of type 20; DMTF DSP0134.
var MemoryDeviceMappedAddresses = tables.Define[memoryDeviceAddress](tables.Spec{
	Name: "memory_device_mapped_addresses", Doc: "Ranges of addresses of memory devices.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT memory_device_handle, starting_address FROM memory_device_mapped_addresses"},
}, fromFirmware(smbios.TypeMemoryDeviceMappedAddress, oneRow(memoryDeviceAddressRow)))

func memoryDeviceAddressRow(s *smbios.Structure) memoryDeviceAddress {
	row := memoryDeviceAddress{
		Handle: handleText(s.Handle), DeviceHandle: handleAt(s, 0x0C), ArrayAddressHandle: handleAt(s, 0x0E),
		PartitionRow: byteAt(s, 0x10), InterleavePosition: byteAt(s, 0x11), InterleaveDepth: byteAt(s, 0x12),
	}
	row.Start, row.End = addressRange(s, 0x04, 0x13)
	return row
}
