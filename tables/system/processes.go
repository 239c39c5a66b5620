package system

import (
	"bytes"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// process is one running process. What may not be read of another user's process is NULL.
type process struct {
	PID              int64               `col:"pid" opt:"index" doc:"Process number."`
	Name             tables.Null[string] `col:"name" doc:"Name that the kernel shows; on Linux of at most 15 bytes."`
	Path             tables.Null[string] `col:"path" doc:"Executed file; empty for kernel threads."`
	Cmdline          tables.Null[string] `col:"cmdline" doc:"Arguments joined by blanks, with what looks like a credential masked."`
	State            tables.Null[string] `col:"state" doc:"Run state, one letter as ps shows it."`
	Cwd              tables.Null[string] `col:"cwd" doc:"Working directory."`
	Root             tables.Null[string] `col:"root" doc:"Root directory."`
	UID              tables.Null[int64]  `col:"uid" doc:"Real user number."`
	GID              tables.Null[int64]  `col:"gid" doc:"Real group number."`
	EUID             tables.Null[int64]  `col:"euid" doc:"Effective user number."`
	EGID             tables.Null[int64]  `col:"egid" doc:"Effective group number."`
	SUID             tables.Null[int64]  `col:"suid" doc:"Saved user number."`
	SGID             tables.Null[int64]  `col:"sgid" doc:"Saved group number."`
	OnDisk           int32               `col:"on_disk" doc:"1 where the executed file still exists, 0 where it was deleted, -1 where unknown."`
	WiredSize        int64               `col:"wired_size" doc:"Bytes of memory that cannot be paged out; 0 on Linux."`
	ResidentSize     tables.Null[int64]  `col:"resident_size" doc:"Bytes of memory in use; NULL for kernel threads."`
	TotalSize        tables.Null[int64]  `col:"total_size" doc:"Bytes of virtual memory, on macOS of the footprint; NULL for kernel threads."`
	UserTime         tables.Null[int64]  `col:"user_time" doc:"CPU milliseconds in user space."`
	SystemTime       tables.Null[int64]  `col:"system_time" doc:"CPU milliseconds in the kernel."`
	DiskBytesRead    tables.Null[int64]  `col:"disk_bytes_read" doc:"Bytes read from disks."`
	DiskBytesWritten tables.Null[int64]  `col:"disk_bytes_written" doc:"Bytes written to disks, without those that were cancelled."`
	StartTime        int64               `col:"start_time" doc:"Start in Unix seconds; -1 where unknown."`
	Parent           tables.Null[int64]  `col:"parent" doc:"Number of the parent process."`
	PGroup           tables.Null[int64]  `col:"pgroup" doc:"Process group."`
	Threads          tables.Null[int64]  `col:"threads" type:"INTEGER" doc:"Number of threads."`
	Nice             tables.Null[int64]  `col:"nice" type:"INTEGER" doc:"Nice level from -20 to 19."`
	ElevatedToken    tables.Null[int64]  `col:"elevated_token" type:"INTEGER" os:"windows" doc:"1 where the process has an elevated token."`
	SecureProcess    tables.Null[int64]  `col:"secure_process" type:"INTEGER" os:"windows" doc:"1 where the process runs in isolated user mode."`
	ProtectionType   tables.Null[string] `col:"protection_type" os:"windows" doc:"Protection of the process."`
	VirtualProcess   tables.Null[int64]  `col:"virtual_process" type:"INTEGER" os:"windows" doc:"1 for processes without a program: System, Registry, vmmem."`
	ElapsedTime      tables.Null[int64]  `col:"elapsed_time" os:"windows" doc:"Seconds since its start."`
	HandleCount      tables.Null[int64]  `col:"handle_count" os:"windows" doc:"Number of open handles."`
	ProcessorTime    tables.Null[int64]  `col:"percent_processor_time" os:"windows" doc:"CPU time of all threads in units of 100 ns."`
	UPID             tables.Null[int64]  `col:"upid" os:"darwin" doc:"Process number that is never used again; -1 where unknown."`
	UPPID            tables.Null[int64]  `col:"uppid" os:"darwin" doc:"The parent's never reused number; -1 where unknown."`
	CPUType          tables.Null[int64]  `col:"cpu_type" type:"INTEGER" os:"darwin" doc:"Processor that the program was built for."`
	CPUSubtype       tables.Null[int64]  `col:"cpu_subtype" type:"INTEGER" os:"darwin" doc:"Variant of the processor that the program was built for."`
	Translated       tables.Null[int64]  `col:"translated" type:"INTEGER" os:"darwin" doc:"1 where it runs translated by Rosetta, -1 where unknown."`
	CgroupPath       tables.Null[string] `col:"cgroup_path" os:"linux" doc:"Path of its control group, with version 1 in the first hierarchy listed."`
	container.Owner
}

// Processes has one row for each process.
// Source: /proc/PID/{stat,status,io,cmdline,cgroup,exe,cwd,root} on Linux, proc(5); the files of container runtimes.
var Processes = tables.DefineByPlatform(tables.Spec{
	Name: "processes", Doc: "Running processes.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT pid, name, path, cmdline, uid FROM processes WHERE on_disk = 0",
		"SELECT name, resident_size / 1048576 AS mib FROM processes ORDER BY resident_size DESC LIMIT 10",
		"SELECT container_pod, container_name, container_image, name, cmdline FROM processes WHERE container_id IS NOT NULL",
	},
}, tables.Generators[process]{Darwin: generateDarwinProcesses}.OnBuild(generateProcesses))

// millisecondsPerTick follows from the 100 ticks a second of Linux's user interface (USER_HZ), the same on all
// architectures that agents run on.
const millisecondsPerTick = 10

// parseProcessStat fills in what /proc/PID/stat tells; startTicks are those since boot. It is false, with nothing filled
// in, where text is no such line.
//
//	1234 (a name) with )) S 1 1234 1234 0 -1 4194560 …
func parseProcessStat(text []byte, p *process) (startTicks int64, ok bool) {
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return 0, false
	}
	state, rest := procfs.NextField(text[end+1:])
	var values [20]int64 // numbered as fields after the name, the state being field 0
	for i := 1; i < len(values); i++ {
		var field []byte
		field, rest = procfs.NextField(rest)
		// The address of a field not wanted may not fit an int64.
		if values[i], ok = procfs.ParseInt(field); !ok && len(field) == 0 {
			return 0, false
		}
	}
	p.Name = tables.Some(string(text[open+1 : end]))
	p.State = tables.Some(string(state))
	p.Parent, p.PGroup = tables.Some(values[1]), tables.Some(values[2])
	p.UserTime, p.SystemTime = tables.Some(values[11]*millisecondsPerTick), tables.Some(values[12]*millisecondsPerTick)
	p.Nice, p.Threads = tables.Some(values[16]), tables.Some(values[17])
	return values[19], true
}

// parseProcessStatus fills in the users, groups and sizes that /proc/PID/status tells. Kernel threads have no sizes.
func parseProcessStatus(text []byte, p *process) {
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		key, value, found := bytes.Cut(line, []byte{':'})
		if !found {
			continue
		}
		switch string(key) {
		case "Uid":
			p.UID, p.EUID, p.SUID = threeIDs(value)
		case "Gid":
			p.GID, p.EGID, p.SGID = threeIDs(value)
		case "VmSize":
			p.TotalSize = kibibytes(value)
		case "VmRSS":
			p.ResidentSize = kibibytes(value)
			return // nothing of interest follows
		}
	}
}

func threeIDs(text []byte) (real, effective, saved tables.Null[int64]) {
	var field []byte
	for _, id := range []*tables.Null[int64]{&real, &effective, &saved} {
		field, text = procfs.NextField(text)
		id.V, id.Valid = procfs.ParseInt(field)
	}
	return real, effective, saved
}

// kibibytes reads "  1234 kB" as bytes.
func kibibytes(text []byte) tables.Null[int64] {
	v, ok := procfs.ParseInt(text)
	if !ok || v < 0 || v > 1<<52 {
		return tables.Null[int64]{}
	}
	return tables.Some(v << 10)
}

// parseProcessIO fills in the bytes that /proc/PID/io tells.
func parseProcessIO(text []byte, p *process) {
	var cancelled int64
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		key, value, _ := bytes.Cut(line, []byte{':'})
		v, ok := procfs.ParseInt(value)
		if !ok {
			continue
		}
		switch string(key) {
		case "read_bytes":
			p.DiskBytesRead = tables.Some(v)
		case "write_bytes":
			p.DiskBytesWritten = tables.Some(v)
		case "cancelled_write_bytes":
			cancelled = v
		}
	}
	p.DiskBytesWritten.V -= cancelled
}

// parseCgroup gives the path in the first line of /proc/PID/cgroup, which is 0::PATH with version 2 of control groups and
// NUMBER:CONTROLLERS:PATH with version 1. A path may hold colons.
func parseCgroup(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte{'\n'})
	_, rest, _ := bytes.Cut(line, []byte{':'})
	_, path, _ := bytes.Cut(rest, []byte{':'})
	return string(path)
}

// parseBootTime gives the Unix second of boot in /proc/stat.
func parseBootTime(text []byte) (int64, bool) {
	const key = "btime "
	if !bytes.HasPrefix(text, []byte(key)) {
		at := bytes.Index(text, []byte("\n"+key))
		if at < 0 {
			return 0, false
		}
		text = text[at+1:]
	}
	return procfs.ParseInt(text[len(key):])
}
