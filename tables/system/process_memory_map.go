package system

import (
	"bytes"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// processMapping is one range of a process's address space.
type processMapping struct {
	PID         int64  `col:"pid" type:"INTEGER" opt:"index" doc:"Process number."`
	Start       string `col:"start" doc:"First address, in hexadecimal."`
	End         string `col:"end" doc:"Address after the last, in hexadecimal."`
	Permissions string `col:"permissions" doc:"r, w and x for what is allowed, p for private or s for shared."`
	Offset      int64  `col:"offset" doc:"Bytes into the mapped file."`
	Device      string `col:"device" doc:"Major and minor number of the file's device, in hexadecimal."`
	Inode       int64  `col:"inode" type:"INTEGER" doc:"Inode number of the mapped file; 0 for none."`
	Path        string `col:"path" doc:"Path of the mapped file, or what the kernel calls the range."`
	Pseudo      int32  `col:"pseudo" doc:"1 where the range has a name and no file: [stack], [heap]."`
}

// ProcessMemoryMap has one row for each range of each process. Ask for a pid: a machine has some hundred thousand rows.
// Source: /proc/PID/maps on Linux, proc(5).
var ProcessMemoryMap = tables.Define[processMapping](tables.Spec{
	Name: "process_memory_map", Doc: "Mapped files and memory of processes.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT start, permissions, path FROM process_memory_map WHERE pid = 1",
		"SELECT pid, path FROM process_memory_map WHERE permissions LIKE '%wx%'",
	},
}, generateProcessMemoryMap)

// parseMapping fills in what a line of /proc/PID/maps tells, but for the pid.
//
//	7f1c2a000000-7f1c2a021000 r-xp 00001000 fe:00 131 /usr/lib/a b.so (deleted)
func parseMapping(line []byte, m *processMapping) bool {
	addresses, rest := procfs.NextField(line)
	permissions, rest := procfs.NextField(rest)
	offset, rest := procfs.NextField(rest)
	device, rest := procfs.NextField(rest)
	inode, rest := procfs.NextField(rest)
	start, end, found := bytes.Cut(addresses, []byte{'-'})
	number, ok := procfs.ParseInt(inode)
	if !found || !ok {
		return false
	}
	position, ok := procfs.ParseHex(offset)
	if !ok {
		return false
	}
	m.Start, m.End = "0x"+string(start), "0x"+string(end)
	m.Permissions, m.Offset, m.Device, m.Inode = string(permissions), int64(position), string(device), number
	m.Path = string(bytes.TrimLeft(rest, " "))
	m.Pseudo = 0
	if number == 0 && m.Path != "" {
		m.Pseudo = 1
	}
	return true
}
