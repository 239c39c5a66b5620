package system

import (
	"bytes"
	"context"

	"github.com/tenantra/tenantra/tables"
)

func generateSharedMemory(_ context.Context, host tables.Host, _ *tables.Query, emit func(*sharedSegment) error) error {
	text, err := host.ReadFile("/proc/sysvipc/shm")
	if err != nil {
		return absent(err)
	}
	for line := range bytes.Lines(text) {
		if row, ok := parseSharedMemory(bytes.TrimRight(line, "\n")); ok {
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}
