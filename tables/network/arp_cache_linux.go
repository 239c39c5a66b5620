package network

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

func generateARPCache(_ context.Context, host tables.Host, _ *tables.Query, emit func(*arpEntry) error) error {
	text, err := host.ReadFile("/proc/net/arp")
	if err != nil {
		return absent(err)
	}
	for line := range strings.Lines(string(text)) {
		if row, ok := parseARP(line); ok {
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}
