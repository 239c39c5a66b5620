package system

import (
	"context"
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var getMappedFileName = kernel32.NewProc("K32GetMappedFileNameW")

// regionsMax bounds what one process can make this table cost.
const regionsMax = 200_000

func generateProcessMemoryMap(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processMapping) error) error {
	if !host.Live() {
		return nil
	}
	pids, constrained := q.EqualInt("pid")
	return eachProcessEntry(func(entry *windows.ProcessEntry32) error {
		if constrained && !slices.Contains(pids, int64(entry.ProcessID)) {
			return nil
		}
		return eachRegion(ctx, entry.ProcessID, emit)
	})
}

// eachRegion emits the committed regions of a process; none of one that may not be asked.
func eachRegion(ctx context.Context, pid uint32, emit func(*processMapping) error) error {
	handle, err := windows.OpenProcess(windows.PROCESS_QUERY_INFORMATION|windows.PROCESS_VM_READ, false, pid)
	if err != nil {
		return nil
	}
	defer windows.CloseHandle(handle)
	const committed, mapped, image = 0x1000, 0x40000, 0x1000000
	name := make([]uint16, windows.MAX_LONG_PATH)
	var at uintptr
	for range regionsMax {
		if err := ctx.Err(); err != nil {
			return err
		}
		var region windows.MemoryBasicInformation
		if err := windows.VirtualQueryEx(handle, at, &region, unsafe.Sizeof(region)); err != nil {
			return nil // past the last
		}
		next := region.BaseAddress + region.RegionSize
		if next <= at {
			return nil
		}
		at = next
		if region.State != committed {
			continue
		}
		row := processMapping{
			PID: int64(pid), Start: fmt.Sprintf("0x%016x", region.BaseAddress), End: fmt.Sprintf("0x%016x", next),
			Permissions: pagePermissions(region.Protect, region.Type), Offset: int64(region.BaseAddress - region.AllocationBase),
		}
		if region.Type == mapped || region.Type == image {
			if n, _, _ := getMappedFileName.Call(uintptr(handle), region.BaseAddress, uintptr(unsafe.Pointer(&name[0])), uintptr(len(name))); n > 0 {
				row.Path = windows.UTF16ToString(name[:n])
			}
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// pagePermissions writes the protection of pages as other systems do.
func pagePermissions(protect, kind uint32) string {
	const (
		noAccess, readOnly, readWrite, writeCopy                       = 0x01, 0x02, 0x04, 0x08
		execute, executeRead, executeReadWrite, executeWriteCopy, bits = 0x10, 0x20, 0x40, 0x80, 0xFF
		private                                                        = 0x20000
	)
	text := []byte("---s")
	switch protect & bits {
	case readOnly:
		copy(text, "r--")
	case readWrite, writeCopy:
		copy(text, "rw-")
	case execute:
		copy(text, "--x")
	case executeRead:
		copy(text, "r-x")
	case executeReadWrite, executeWriteCopy:
		copy(text, "rwx")
	case noAccess:
	}
	if kind == private {
		text[3] = 'p'
	}
	return string(text)
}
