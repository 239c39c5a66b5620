package winsock

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	iphlpapi            = windows.NewLazySystemDLL("iphlpapi.dll")
	getExtendedTCPTable = iphlpapi.NewProc("GetExtendedTcpTable")
	getExtendedUDPTable = iphlpapi.NewProc("GetExtendedUdpTable")
)

const tableMax = 64 << 20

// All gives the sockets of the running system.
func All() ([]Socket, error) {
	const tcpOwnerPIDAll, udpOwnerPID = 5, 1
	var all []Socket
	for _, kind := range []struct {
		call             *windows.LazyProc
		protocol, family int32
		class            uintptr
	}{
		{getExtendedTCPTable, TCP, IPv4, tcpOwnerPIDAll}, {getExtendedTCPTable, TCP, IPv6, tcpOwnerPIDAll},
		{getExtendedUDPTable, UDP, IPv4, udpOwnerPID}, {getExtendedUDPTable, UDP, IPv6, udpOwnerPID},
	} {
		table, err := read(kind.call, uintptr(kind.family), kind.class)
		if err != nil {
			return nil, fmt.Errorf("list sockets of protocol %d, family %d: %w", kind.protocol, kind.family, err)
		}
		all = append(all, parse(table, kind.protocol, kind.family)...)
	}
	return all, nil
}

// read asks for a table, which may grow between the calls.
func read(call *windows.LazyProc, family, class uintptr) ([]byte, error) {
	size := uint32(16 << 10)
	for {
		buffer := make([]byte, size)
		code, _, _ := call.Call(uintptr(unsafe.Pointer(&buffer[0])), uintptr(unsafe.Pointer(&size)), 0, family, class, 0)
		switch errno := windows.Errno(code); {
		case errno == 0:
			return buffer, nil
		case errno == windows.ERROR_INSUFFICIENT_BUFFER && size <= tableMax:
			size += 4 << 10
		case errno == windows.ERROR_NOT_SUPPORTED || errno == windows.ERROR_INVALID_PARAMETER: // a machine without that family
			return nil, nil
		default:
			return nil, errno
		}
	}
}
