package kernel

import (
	"context"
	"fmt"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var (
	ntdll                  = windows.NewLazySystemDLL("ntdll.dll")
	ntOpenDirectoryObject  = ntdll.NewProc("NtOpenDirectoryObject")
	ntQueryDirectoryObject = ntdll.NewProc("NtQueryDirectoryObject")
)

const (
	directoryQuery = 1
	objectsMax     = 200_000
	moreEntries    = 0x105
	noMoreEntries  = 0x8000001A
)

// objectEntry is OBJECT_DIRECTORY_INFORMATION.
type objectEntry struct{ name, kind windows.NTUnicodeString }

func generateWinbaseobj(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*winbaseobj) error) error {
	if !host.Live() {
		return nil
	}
	return eachObject(ctx, `\Sessions`, func(session, _ string) error {
		id, err := strconv.ParseInt(session, 10, 32)
		if err != nil {
			return nil // BNOLINKS and the like
		}
		return eachObject(ctx, `\Sessions\`+session+`\BaseNamedObjects`, func(name, kind string) error {
			return emit(&winbaseobj{SessionID: int32(id), ObjectName: name, ObjectType: kind})
		})
	})
}

// eachObject visits a directory of the object manager; one that is absent or not to be seen has none.
func eachObject(ctx context.Context, directory string, visit func(name, kind string) error) error {
	path, err := windows.NewNTUnicodeString(directory)
	if err != nil {
		return err
	}
	attributes := windows.OBJECT_ATTRIBUTES{ObjectName: path}
	attributes.Length = uint32(unsafe.Sizeof(attributes))
	var handle windows.Handle
	if code, _, _ := ntOpenDirectoryObject.Call(uintptr(unsafe.Pointer(&handle)), directoryQuery, uintptr(unsafe.Pointer(&attributes))); code != 0 {
		return nil
	}
	defer windows.CloseHandle(handle)
	buffer := make([]uint64, 8<<10)
	var position uint32
	for seen, restart := 0, uintptr(1); seen < objectsMax; restart = 0 {
		code, _, _ := ntQueryDirectoryObject.Call(uintptr(handle), uintptr(unsafe.Pointer(&buffer[0])), uintptr(8*len(buffer)), 0, restart, uintptr(unsafe.Pointer(&position)), 0)
		if status := windows.NTStatus(code); status == noMoreEntries || status == windows.STATUS_NOT_IMPLEMENTED {
			return nil // all seen, or no Windows but Wine, which does not list them in full
		}
		if code != 0 && code != moreEntries {
			return fmt.Errorf("list %s: %w", directory, windows.NTStatus(code))
		}
		for i := 0; ; i++ {
			entry := (*objectEntry)(unsafe.Add(unsafe.Pointer(&buffer[0]), uintptr(i)*unsafe.Sizeof(objectEntry{})))
			if entry.name.Buffer == nil { // an empty entry ends the list
				break
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := visit(entry.name.String(), entry.kind.String()); err != nil {
				return err
			}
			seen++
		}
		if code == 0 {
			return nil
		}
	}
	return nil
}
