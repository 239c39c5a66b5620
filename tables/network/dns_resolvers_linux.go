package network

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

func generateDNSResolvers(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dnsResolver) error) error {
	return eachView(ctx, host, q, func(pid int64, read func(string) ([]byte, error)) error {
		text, err := read("/etc/resolv.conf")
		if err != nil {
			return err
		}
		for _, row := range parseResolvers(string(text)) {
			row.PIDWithNamespace = pid
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}
