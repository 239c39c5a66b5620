package system

import (
	"context"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var (
	ntdll                = windows.NewLazySystemDLL("ntdll.dll")
	ntQueryDirectoryFile = ntdll.NewProc("NtQueryDirectoryFile")
)

// pipeEntry is FILE_DIRECTORY_INFORMATION. In the directory of pipes the size is the number of instances, and the
// allocated size how many there may be.
type pipeEntry struct {
	next, index                     uint32
	created, read, written, changed int64
	instances, maxInstances         int64
	attributes, nameLength          uint32
}

const (
	fileDirectoryInformation = 1
	noMoreFiles              = 0x80000006
	pipesMax                 = 100_000
)

// generatePipes lists the directory. The process of a pipe is not asked for: one would have to connect to it, which its
// server notices, and may take for a client.
func generatePipes(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*namedPipe) error) error {
	if !host.Live() {
		return nil
	}
	name := windows.StringToUTF16Ptr(`\\.\pipe\`)
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	directory, err := windows.CreateFile(name, windows.GENERIC_READ, share, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		return fmt.Errorf("open the directory of pipes: %w", err)
	}
	defer windows.CloseHandle(directory)
	buffer := make([]uint64, 8<<10)
	for seen, restart := 0, uintptr(1); seen < pipesMax; restart = 0 {
		var status windows.IO_STATUS_BLOCK
		code, _, _ := ntQueryDirectoryFile.Call(uintptr(directory), 0, 0, 0, uintptr(unsafe.Pointer(&status)), uintptr(unsafe.Pointer(&buffer[0])),
			uintptr(8*len(buffer)), fileDirectoryInformation, 0, 0, restart)
		if status := windows.NTStatus(code); status == noMoreFiles || status == windows.STATUS_BAD_DEVICE_TYPE || status == windows.STATUS_NOT_IMPLEMENTED {
			return nil // all seen, or no Windows but Wine, which does not list pipes
		}
		if code != 0 {
			return fmt.Errorf("list pipes: %w", windows.NTStatus(code))
		}
		for at := uintptr(0); at+unsafe.Sizeof(pipeEntry{}) <= uintptr(8*len(buffer)); seen++ {
			entry := (*pipeEntry)(unsafe.Add(unsafe.Pointer(&buffer[0]), at))
			text := unsafe.Slice((*uint16)(unsafe.Add(unsafe.Pointer(entry), unsafe.Offsetof(entry.nameLength)+4)), entry.nameLength/2)
			row := namedPipe{Name: windows.UTF16ToString(text), Instances: int32(entry.instances), MaxInstances: int32(entry.maxInstances)}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := emit(&row); err != nil {
				return err
			}
			if entry.next == 0 {
				break
			}
			at += uintptr(entry.next)
		}
	}
	return nil
}
