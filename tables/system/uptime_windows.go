package system

import (
	"context"
	"time"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

func generateUptime(_ context.Context, host tables.Host, _ *tables.Query, emit func(*uptime) error) error {
	if !host.Live() {
		return nil
	}
	row := uptimeOf(int64(windows.DurationSinceBoot() / time.Second))
	return emit(&row)
}
