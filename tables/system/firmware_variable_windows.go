package system

import (
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var (
	kernel32                       = windows.NewLazySystemDLL("kernel32.dll")
	getFirmwareEnvironmentVariable = kernel32.NewProc("GetFirmwareEnvironmentVariableW")
)

// globalVariables is the vendor of the variables that the UEFI specification names.
const globalVariables = "{8be4df61-93ca-11d2-aa0d-00e098032b8c}"

// firmwareSetupMode reads the variable SetupMode; it is unknown without the privilege to read the firmware's variables.
func firmwareSetupMode() tables.Null[int64] {
	name, vendor := windows.StringToUTF16Ptr("SetupMode"), windows.StringToUTF16Ptr(globalVariables)
	var value [8]byte
	n, _, _ := getFirmwareEnvironmentVariable.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(vendor)), uintptr(unsafe.Pointer(&value)), uintptr(len(value)))
	if n != 1 || value[0] > 1 {
		return tables.Null[int64]{}
	}
	return tables.Some(int64(value[0]))
}
