package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

func generateCPUInfo(_ context.Context, host tables.Host, _ *tables.Query, emit func(*cpuInfo) error) error {
	structures, err := firmwareStructures(host)
	if err != nil {
		return err
	}
	rows := processorRows(structures)
	for i := range rows {
		if err := emit(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}
