package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

func generateUptime(_ context.Context, host tables.Host, _ *tables.Query, emit func(*uptime) error) error {
	text, err := host.ReadFile("/proc/uptime")
	if err != nil {
		return absent(err)
	}
	seconds, err := parseUptime(text)
	if err != nil {
		return err
	}
	row := uptimeOf(seconds)
	return emit(&row)
}
