package system

import "github.com/tenantra/tenantra/tables"

// Tables lists the tables of this package by name.
var Tables = []*tables.Table{
	KernelInfo,
	LoadAverage,
	MemoryInfo,
	OSVersion,
	ProcessEnvs,
	ProcessOpenFiles,
	ProcessOpenSockets,
	Processes,
	SystemInfo,
	Uptime,
}
