package enroll

import (
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

func systemName(string) (name, release string) {
	v := windows.RtlGetVersion()
	return readString(`SOFTWARE\Microsoft\Windows NT\CurrentVersion`, "ProductName"), fmt.Sprintf("%d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}

func machineID(string) string { return readString(`SOFTWARE\Microsoft\Cryptography`, "MachineGuid") }

func readString(path, name string) string {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return ""
	}
	defer key.Close()
	text, _, err := key.GetStringValue(name)
	if err != nil {
		return ""
	}
	return text
}

// configuredName is of no use here: only Linux is scanned from a container.
func configuredName(string) string { return "" }
