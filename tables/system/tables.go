package system

import "github.com/tenantra/tenantra/tables"

// Tables lists the tables of this package by name.
var Tables = []*tables.Table{
	KernelInfo,
	LoadAverage,
	MemoryInfo,
	MemoryMap,
	OSVersion,
	ProcessEnvs,
	ProcessMemoryMap,
	ProcessNamespaces,
	ProcessOpenFiles,
	ProcessOpenSockets,
	Processes,
	SharedMemory,
	SystemInfo,
	Time,
	UlimitInfo,
	Uptime,
}
