package system

import "github.com/tenantra/tenantra/tables"

// Tables lists the tables of this package by name.
var Tables = []*tables.Table{
	BlockDevices,
	CPUInfo,
	CPUID,
	KernelInfo,
	LoadAverage,
	MemoryArrayMappedAddresses,
	MemoryArrays,
	MemoryDeviceMappedAddresses,
	MemoryDevices,
	MemoryErrorInfo,
	MemoryInfo,
	MemoryMap,
	OEMStrings,
	OSVersion,
	PCIDevices,
	PlatformInfo,
	ProcessEnvs,
	ProcessMemoryMap,
	ProcessNamespaces,
	ProcessOpenFiles,
	ProcessOpenSockets,
	Processes,
	SharedMemory,
	SMBIOSTables,
	SystemInfo,
	Time,
	UlimitInfo,
	Uptime,
	USBDevices,
}
