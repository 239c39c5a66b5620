package system

import (
	"context"
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var ntQueryObject = ntdll.NewProc("NtQueryObject")

const (
	extendedHandleInformation = 64
	objectBasic               = 0
	objectName                = 1
	objectType                = 2
	handlesBytesMax           = 256 << 20
)

// systemHandle is SYSTEM_HANDLE_TABLE_ENTRY_INFO_EX.
type systemHandle struct {
	object, pid, value uintptr
	access             uint32
	backTrace, kind    uint16
	attributes, spare  uint32
}

// objectBasicInformation is OBJECT_BASIC_INFORMATION.
type objectBasicInformation struct {
	attributes, access, handles, pointers uint32
	rest                                  [10]uint32
}

func generateProcessOpenHandles(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processOpenHandle) error) error {
	if !host.Live() {
		return nil
	}
	pids, _ := q.EqualInt("pid")
	handles, err := tables.Cached(q.Cache(), "system handles", listHandles)
	if err != nil {
		return err
	}
	for _, pid := range pids {
		process, err := windows.OpenProcess(windows.PROCESS_DUP_HANDLE, false, uint32(pid))
		for i := range handles {
			h := &handles[i]
			if int64(h.pid) != pid {
				continue
			}
			if ctxErr := ctx.Err(); ctxErr != nil {
				return ctxErr
			}
			row := processOpenHandle{PID: pid, Value: int64(h.value), Access: fmt.Sprintf("0x%08X", h.access), Attributes: handleAttributes(h.attributes)}
			if err != nil {
				row.ErrorStage, row.ErrorCode = tables.Some("OpenProcess"), tables.Some(errorNumber(err))
			} else {
				row.ask(process, windows.Handle(h.value))
			}
			if emitErr := emit(&row); emitErr != nil {
				if err == nil {
					windows.CloseHandle(process)
				}
				return emitErr
			}
		}
		if err == nil {
			windows.CloseHandle(process)
		}
	}
	return nil
}

// listHandles gives the handles of all processes. Their number changes while they are listed, so the buffer grows.
func listHandles() ([]systemHandle, error) {
	for size := uint32(1 << 20); size <= handlesBytesMax; size *= 2 {
		buffer := make([]uintptr, size/8)
		var needed uint32
		err := windows.NtQuerySystemInformation(extendedHandleInformation, unsafe.Pointer(&buffer[0]), size, &needed)
		switch err {
		case nil:
			const head = 2 // words before the entries
			count := min(uint64(buffer[0]), (uint64(size)-16)/uint64(unsafe.Sizeof(systemHandle{})))
			return slices.Clone(unsafe.Slice((*systemHandle)(unsafe.Pointer(&buffer[head])), count)), nil
		case windows.STATUS_INFO_LENGTH_MISMATCH:
		default:
			return nil, fmt.Errorf("list handles: %w", err)
		}
	}
	return nil, fmt.Errorf("list handles: more than %d MiB of them", handlesBytesMax>>20)
}

// ask fills in what the object itself tells, by a handle of our own to it.
func (row *processOpenHandle) ask(process, value windows.Handle) {
	var own windows.Handle
	if err := windows.DuplicateHandle(process, value, windows.CurrentProcess(), &own, 0, false, windows.DUPLICATE_SAME_ACCESS); err != nil {
		row.ErrorStage, row.ErrorCode = tables.Some("DuplicateHandle"), tables.Some(errorNumber(err))
		return
	}
	defer windows.CloseHandle(own)
	var basic objectBasicInformation
	if code, _, _ := ntQueryObject.Call(uintptr(own), objectBasic, uintptr(unsafe.Pointer(&basic)), unsafe.Sizeof(basic), 0); code == 0 {
		row.Count, row.RawPointerCount = tables.Some(int64(basic.handles)), tables.Some(int64(basic.pointers))
	}
	row.Type, _ = objectText(own, objectType)
	if row.Type == "File" {
		// The name of a pipe or a device can wait for whoever holds it, without end; that of a file on a disk cannot.
		if kind, err := windows.GetFileType(own); err != nil || kind != windows.FILE_TYPE_DISK {
			return
		}
	}
	name, code := objectText(own, objectName)
	row.Name = name
	if code != 0 {
		row.ErrorStage, row.ErrorCode = tables.Some("NtQueryObject"), tables.Some(int64(code))
	}
}

// objectText asks for a fact that starts with a text.
func objectText(own windows.Handle, class uintptr) (string, uint32) {
	buffer := make([]uint64, 4<<10)
	code, _, _ := ntQueryObject.Call(uintptr(own), class, uintptr(unsafe.Pointer(&buffer[0])), uintptr(8*len(buffer)), 0)
	if code != 0 {
		return "", uint32(code)
	}
	return (*windows.NTUnicodeString)(unsafe.Pointer(&buffer[0])).String(), 0
}

func errorNumber(err error) int64 {
	if errno, ok := err.(windows.Errno); ok {
		return int64(errno)
	}
	return -1
}

func handleAttributes(flags uint32) string {
	const protect, inherit, audit = 1, 2, 4
	text := ""
	for _, a := range []struct {
		bit  uint32
		name string
	}{{inherit, "Inherit"}, {protect, "ProtectFromClose"}, {audit, "AuditObjectClose"}} {
		if flags&a.bit != 0 {
			if text != "" {
				text += ","
			}
			text += a.name
		}
	}
	return text
}
