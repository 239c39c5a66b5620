package identity

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// generateDarwinCertificates reads the certificates of keychains, or those in files of other kinds that a statement names.
func generateDarwinCertificates(ctx context.Context, host tables.Host, q *tables.Query, emit func(*certificateRow) error) error {
	return eachKeychain(ctx, host, q.Equal("path"), func(name string) error {
		var data []byte
		if strings.Contains(name, ".keychain") {
			out, err := host.Run(ctx, securityCommand, "find-certificate", "-a", "-p", name)
			if err != nil {
				hostfile.Skipped(ctx, host, name, err)
				return ctx.Err()
			}
			data = out
		} else if text, ok := hostfile.OneOfMany(ctx, host, name); ok {
			data = text
		}
		return eachCertificate(data, func(row *certificateRow, err error) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err != nil {
				hostfile.Skipped(ctx, host, name, err)
				return nil
			}
			row.Path = name
			return emit(row)
		})
	})
}
