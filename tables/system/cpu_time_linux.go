package system

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

func generateCPUTime(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*coreTime) error) error {
	data, err := hostfile.Source(ctx, host, "/proc/stat")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		if row, ok := parseCPUTime(line); ok {
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}
