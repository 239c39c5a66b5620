package system

import (
	"unsafe"

	"github.com/tenantra/tenantra/tables"
)

var (
	getSystemFirmwareTable = kernel32.NewProc("GetSystemFirmwareTable")
	getFirmwareType        = kernel32.NewProc("GetFirmwareType")
)

const (
	rawSMBIOS      = 'R'<<24 | 'S'<<16 | 'M'<<8 | 'B'
	rawSMBIOSHead  = 8       // version and length before the tables
	firmwareMax    = 1 << 20 // real tables have a few KiB
	firmwareBIOS   = 1
	firmwareIsUEFI = 2
)

// readFirmwareTables reads the tables of SMBIOS as Windows found them.
var readFirmwareTables = func(tables.Host) ([]byte, error) {
	size, _, _ := getSystemFirmwareTable.Call(rawSMBIOS, 0, 0, 0)
	if size <= rawSMBIOSHead || size > firmwareMax {
		return nil, nil // a machine without
	}
	buffer := make([]byte, size)
	got, _, _ := getSystemFirmwareTable.Call(rawSMBIOS, 0, uintptr(unsafe.Pointer(&buffer[0])), size)
	if got <= rawSMBIOSHead || got > size {
		return nil, nil
	}
	return buffer[rawSMBIOSHead:got], nil
}

// firmwareType tells how the machine was started.
func firmwareType(tables.Host) string {
	if getFirmwareType.Find() != nil { // before Windows 8
		return "unknown"
	}
	var kind uint32
	if ok, _, _ := getFirmwareType.Call(uintptr(unsafe.Pointer(&kind))); ok == 0 {
		return "unknown"
	}
	switch kind {
	case firmwareBIOS:
		return "bios"
	case firmwareIsUEFI:
		return "uefi"
	default:
		return "unknown"
	}
}
