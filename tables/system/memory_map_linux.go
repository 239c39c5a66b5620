package system

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

func generateMemoryMap(_ context.Context, host tables.Host, _ *tables.Query, emit func(*memoryRegion) error) error {
	text, err := host.ReadFile("/proc/iomem")
	if err != nil {
		return absent(err)
	}
	for line := range strings.Lines(string(text)) {
		if row, ok := parseMemoryRegion(line); ok {
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}
