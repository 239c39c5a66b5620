package network

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

func generateEtcHosts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*etcHost) error) error {
	return eachView(ctx, host, q, func(pid int64, read func(string) ([]byte, error)) error {
		text, err := read("/etc/hosts")
		if err != nil {
			return err
		}
		row := etcHost{PIDWithNamespace: pid}
		return parseEtcHosts(string(text), func(address, hostnames string) error {
			row.Address, row.Hostnames = address, hostnames
			return emit(&row)
		})
	})
}
