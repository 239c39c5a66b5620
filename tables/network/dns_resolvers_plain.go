package network

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// generatePlainDNSResolvers reads the file of a system without namespaces; macOS writes it from its own settings.
func generatePlainDNSResolvers(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*dnsResolver) error) error {
	text, err := hostfile.Source(ctx, host, "/etc/resolv.conf")
	if err != nil {
		return err
	}
	for _, row := range parseResolvers(string(text)) {
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
