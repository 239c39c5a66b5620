package network

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

var netShareEnum = windows.NewLazySystemDLL("netapi32.dll").NewProc("NetShareEnum")

// shareInfo2 is SHARE_INFO_2.
type shareInfo2 struct {
	name                           *uint16
	kind                           uint32
	remark                         *uint16
	permissions, maxUses, nowInUse uint32
	path, password                 *uint16
}

const (
	sharesMax        = 100_000
	serverNotStarted = windows.Errno(2114) // NERR_ServerNotStarted
)

// eachShare asks the running system for its shares. The level that tells paths needs an administrator.
func eachShare(emit func(*sharedResource) error) error {
	if netShareEnum.Find() != nil {
		return nil // an edition without shares
	}
	var buffer *byte
	var read, total uint32
	code, _, _ := netShareEnum.Call(0, 2, uintptr(unsafe.Pointer(&buffer)), uintptr(^uint32(0)), uintptr(unsafe.Pointer(&read)), uintptr(unsafe.Pointer(&total)), 0)
	switch windows.Errno(code) {
	case 0:
	case windows.ERROR_ACCESS_DENIED, windows.ERROR_NOT_SUPPORTED, windows.ERROR_CALL_NOT_IMPLEMENTED, serverNotStarted:
		return nil
	default:
		return fmt.Errorf("list shares: %w", windows.Errno(code))
	}
	if buffer == nil {
		return nil
	}
	defer windows.NetApiBufferFree(buffer)
	for _, s := range unsafe.Slice((*shareInfo2)(unsafe.Pointer(buffer)), min(read, sharesMax)) {
		row := newShare(windows.UTF16PtrToString(s.name), windows.UTF16PtrToString(s.path), windows.UTF16PtrToString(s.remark), s.kind, s.maxUses)
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
