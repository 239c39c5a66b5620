package system

import (
	"context"
	"errors"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/sid"
)

var (
	getProcessMemoryInfo   = kernel32.NewProc("K32GetProcessMemoryInfo")
	getProcessIoCounters   = kernel32.NewProc("GetProcessIoCounters")
	getProcessHandleCount  = kernel32.NewProc("GetProcessHandleCount")
	getProcessInformation  = kernel32.NewProc("GetProcessInformation")
	protectionLevelInfo    = uintptr(7)
	commandLineInformation = int32(60)
)

// stillActive is the exit code of a process that runs.
const stillActive = 259

func generateProcesses(ctx context.Context, host tables.Host, q *tables.Query, emit func(*process) error) error {
	if !host.Live() {
		return nil
	}
	pids, constrained := q.EqualInt("pid")
	want := processWants{
		cmdline: q.Wants("cmdline"), cwd: q.Wants("cwd"), owner: q.WantsAny("uid", "gid", "euid", "egid", "suid", "sgid", "elevated_token"),
		onDisk: q.Wants("on_disk"), protection: q.Wants("protection_type"), now: host.Now().Unix(),
	}
	return eachProcessEntry(func(entry *windows.ProcessEntry32) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if constrained && !slices.Contains(pids, int64(entry.ProcessID)) {
			return nil
		}
		row := process{
			PID: int64(entry.ProcessID), Name: tables.Some(windows.UTF16ToString(entry.ExeFile[:])), Parent: tables.Some(int64(entry.ParentProcessID)),
			Threads: tables.Some(int64(entry.Threads)), Nice: tables.Some(int64(entry.PriClassBase)), OnDisk: -1, StartTime: -1,
		}
		row.ask(entry.ProcessID, want)
		return emit(&row)
	})
}

// eachProcessEntry visits a snapshot of the processes.
func eachProcessEntry(visit func(*windows.ProcessEntry32) error) error {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(snapshot)
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		if err := visit(&entry); err != nil {
			return err
		}
	}
	if errors.Is(err, windows.ERROR_NO_MORE_FILES) {
		return nil
	}
	return err
}

type processWants struct {
	cmdline, cwd, owner, onDisk, protection bool
	now                                     int64
}

// memoryCounters is PROCESS_MEMORY_COUNTERS.
type memoryCounters struct {
	size, pageFaults                                                     uint32
	peakWorkingSet, workingSet, peakPaged, paged, peakNonPaged, nonPaged uintptr
	pagefile, peakPagefile                                               uintptr
}

// ioCounters is IO_COUNTERS.
type ioCounters struct{ reads, writes, others, readBytes, writtenBytes, otherBytes uint64 }

// ask fills in what the process itself must be opened for. Without the right to do so it stays unknown.
func (p *process) ask(pid uint32, want processWants) {
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return
	}
	defer windows.CloseHandle(handle)
	if path, ok := imagePath(handle); ok {
		p.Path = tables.Some(path)
		if want.onDisk {
			p.OnDisk = 0
			if _, err := os.Stat(path); err == nil {
				p.OnDisk = 1
			}
		}
	}
	var code uint32
	if windows.GetExitCodeProcess(handle, &code) == nil && code == stillActive {
		p.State = tables.Some("STILL_ACTIVE")
	}
	p.askTimes(handle, want.now)
	memory := memoryCounters{size: uint32(unsafe.Sizeof(memoryCounters{}))}
	if ok, _, _ := getProcessMemoryInfo.Call(uintptr(handle), uintptr(unsafe.Pointer(&memory)), uintptr(memory.size)); ok != 0 {
		p.ResidentSize, p.TotalSize, p.WiredSize = tables.Some(int64(memory.workingSet)), tables.Some(int64(memory.pagefile)), int64(memory.nonPaged)
	}
	var io ioCounters
	if ok, _, _ := getProcessIoCounters.Call(uintptr(handle), uintptr(unsafe.Pointer(&io))); ok != 0 {
		p.DiskBytesRead, p.DiskBytesWritten = tables.Some(int64(io.readBytes)), tables.Some(int64(io.writtenBytes))
	}
	var handles uint32
	if ok, _, _ := getProcessHandleCount.Call(uintptr(handle), uintptr(unsafe.Pointer(&handles))); ok != 0 {
		p.HandleCount = tables.Some(int64(handles))
	}
	if want.owner {
		p.askOwner(handle)
	}
	if want.cmdline {
		line, ok := commandLine(handle)
		if !ok { // before Windows 8.1
			line, ok = ownMemory(pid, func(p *windows.RTL_USER_PROCESS_PARAMETERS) windows.NTUnicodeString { return p.CommandLine })
		}
		if ok {
			p.Cmdline = tables.Some(mask.CommandLine(line))
		}
	}
	if want.cwd {
		cwd, ok := ownMemory(pid, func(p *windows.RTL_USER_PROCESS_PARAMETERS) windows.NTUnicodeString {
			return p.CurrentDirectory.DosPath
		})
		if ok {
			p.Cwd, p.Root = tables.Some(cwd), tables.Some(cwd)
		}
	}
	if want.protection && getProcessInformation.Find() == nil {
		var level uint32
		if ok, _, _ := getProcessInformation.Call(uintptr(handle), protectionLevelInfo, uintptr(unsafe.Pointer(&level)), unsafe.Sizeof(level)); ok != 0 {
			p.ProtectionType = tables.Some(protectionName(level))
		}
	}
}

func imagePath(handle windows.Handle) (string, bool) {
	buffer := make([]uint16, windows.MAX_LONG_PATH)
	size := uint32(len(buffer))
	if err := windows.QueryFullProcessImageName(handle, 0, &buffer[0], &size); err != nil {
		return "", false
	}
	return windows.UTF16ToString(buffer[:size]), true
}

func (p *process) askTimes(handle windows.Handle, now int64) {
	var created, ended, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(handle, &created, &ended, &kernel, &user); err != nil {
		return
	}
	span := func(t windows.Filetime) int64 { return int64(t.HighDateTime)<<32 | int64(t.LowDateTime) } // of 100 nanoseconds
	const perMillisecond = 10_000
	p.UserTime, p.SystemTime = tables.Some(span(user)/perMillisecond), tables.Some(span(kernel)/perMillisecond)
	p.ProcessorTime = tables.Some(span(user) + span(kernel))
	if span(created) != 0 {
		p.StartTime = created.Nanoseconds() / 1e9
		p.ElapsedTime = tables.Some(max(now-p.StartTime, 0))
	}
}

func (p *process) askOwner(handle windows.Handle) {
	var token windows.Token
	if err := windows.OpenProcessToken(handle, windows.TOKEN_QUERY, &token); err != nil {
		return
	}
	defer token.Close()
	p.ElevatedToken = tables.Some[int64](0)
	if token.IsElevated() {
		p.ElevatedToken = tables.Some[int64](1)
	}
	if user, err := token.GetTokenUser(); err == nil {
		if rid, ok := sid.RID(user.User.Sid.String()); ok {
			p.UID = tables.Some(int64(rid))
			p.EUID, p.SUID = p.UID, p.UID
		}
	}
	if group, err := token.GetTokenPrimaryGroup(); err == nil {
		if rid, ok := sid.RID(group.PrimaryGroup.String()); ok {
			p.GID = tables.Some(int64(rid))
			p.EGID, p.SGID = p.GID, p.GID
		}
	}
}

// commandLine asks the kernel for the line that the process was started with.
func commandLine(handle windows.Handle) (string, bool) {
	var size uint32
	_ = windows.NtQueryInformationProcess(handle, commandLineInformation, nil, 0, &size) // it fails, and tells the size
	const largest = 1 << 17
	if size == 0 || size > largest {
		return "", false
	}
	buffer := make([]byte, size)
	if err := windows.NtQueryInformationProcess(handle, commandLineInformation, unsafe.Pointer(&buffer[0]), size, &size); err != nil {
		return "", false
	}
	text := (*windows.NTUnicodeString)(unsafe.Pointer(&buffer[0]))
	return text.String(), true
}

// ownMemory reads a text from the process's own memory, where Windows keeps how it was started. The process may write
// there what it likes; a text's length has 16 bits.
func ownMemory(pid uint32, text func(*windows.RTL_USER_PROCESS_PARAMETERS) windows.NTUnicodeString) (string, bool) {
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION|windows.PROCESS_VM_READ, false, pid)
	if err != nil {
		return "", false
	}
	defer windows.CloseHandle(handle)
	var basic windows.PROCESS_BASIC_INFORMATION
	err = windows.NtQueryInformationProcess(handle, windows.ProcessBasicInformation, unsafe.Pointer(&basic), uint32(unsafe.Sizeof(basic)), nil)
	if err != nil || basic.PebBaseAddress == nil {
		return "", false
	}
	var peb windows.PEB
	var parameters windows.RTL_USER_PROCESS_PARAMETERS
	if !readMemory(handle, uintptr(unsafe.Pointer(basic.PebBaseAddress)), unsafe.Pointer(&peb), unsafe.Sizeof(peb)) ||
		!readMemory(handle, uintptr(unsafe.Pointer(peb.ProcessParameters)), unsafe.Pointer(&parameters), unsafe.Sizeof(parameters)) {
		return "", false
	}
	found := text(&parameters)
	units := make([]uint16, found.Length/2)
	if len(units) == 0 || !readMemory(handle, uintptr(unsafe.Pointer(found.Buffer)), unsafe.Pointer(&units[0]), uintptr(2*len(units))) {
		return "", false
	}
	return windows.UTF16ToString(units), true
}

func readMemory(handle windows.Handle, at uintptr, into unsafe.Pointer, size uintptr) bool {
	var read uintptr
	return windows.ReadProcessMemory(handle, at, (*byte)(into), size, &read) == nil && read == size
}

func protectionName(level uint32) string {
	names := [...]string{
		"PROTECTION_LEVEL_WINTCB_LIGHT", "PROTECTION_LEVEL_WINDOWS", "PROTECTION_LEVEL_WINDOWS_LIGHT", "PROTECTION_LEVEL_ANTIMALWARE_LIGHT",
		"PROTECTION_LEVEL_LSA_LIGHT", "PROTECTION_LEVEL_WINTCB", "PROTECTION_LEVEL_CODEGEN_LIGHT", "PROTECTION_LEVEL_AUTHENTICODE", "PROTECTION_LEVEL_PPL_APP",
	}
	if level < uint32(len(names)) {
		return names[level]
	}
	return "PROTECTION_LEVEL_NONE"
}
