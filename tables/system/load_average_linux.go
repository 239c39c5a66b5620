package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

func generateLoadAverage(_ context.Context, host tables.Host, _ *tables.Query, emit func(*loadAverage) error) error {
	text, err := host.ReadFile("/proc/loadavg")
	if err != nil {
		return absent(err)
	}
	averages, err := parseLoadAverage(text)
	if err != nil {
		return err
	}
	for i, average := range averages {
		if err := emit(&loadAverage{Period: loadPeriods[i], Average: average}); err != nil {
			return err
		}
	}
	return nil
}
