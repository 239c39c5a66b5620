package system

import (
	"errors"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
)

// readFirmwareTables reads the tables of SMBIOS as the kernel found them.
var readFirmwareTables = func(host tables.Host) ([]byte, error) {
	data, err := host.ReadFile("/sys/firmware/dmi/tables/DMI")
	if errors.Is(err, fs.ErrPermission) {
		return nil, nil // only root may see serial numbers
	}
	return data, absent(err)
}

// firmwareType tells whether the machine was started by UEFI.
func firmwareType(host tables.Host) string {
	if info, err := host.Stat("/sys/firmware/efi"); err == nil && info.IsDir() {
		return "uefi"
	}
	return "bios"
}
