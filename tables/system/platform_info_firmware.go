//go:build linux || windows

package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

func generatePlatformInfo(_ context.Context, host tables.Host, _ *tables.Query, emit func(*platformInfo) error) error {
	structures, err := firmwareStructures(host)
	if err != nil {
		return err
	}
	for i := range structures {
		if structures[i].Type != smbios.TypeFirmware {
			continue
		}
		row := platformRow(&structures[i])
		row.FirmwareType = firmwareType(host)
		return emit(&row)
	}
	return nil
}
