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
	if len(rows) == 0 {
		text, err := host.ReadFile("/proc/cpuinfo")
		if err != nil {
			return absent(err)
		}
		rows = parseProcessors(string(text))
	}
	for i := range rows {
		if err := emit(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}
