package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

func generateMemoryInfo(_ context.Context, host tables.Host, _ *tables.Query, emit func(*memoryInfo) error) error {
	text, err := host.ReadFile("/proc/meminfo")
	if err != nil {
		return absent(err)
	}
	row, err := parseMemoryInfo(text)
	if err != nil {
		return err
	}
	return emit(&row)
}
