package identity

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// certificateBundles are the lists of trusted authorities of Red Hat, Debian and SUSE.
var certificateBundles = [...]string{
	"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt", "/var/lib/ca-certificates/ca-bundle.pem",
}

func generateCertificates(ctx context.Context, host tables.Host, q *tables.Query, emit func(*certificateRow) error) error {
	files := q.Equal("path")
	if files == nil {
		files = certificateBundles[:]
	}
	for _, file := range files {
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		err := eachCertificate(data, func(row *certificateRow, err error) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err != nil {
				hostfile.Skipped(ctx, host, file, err)
				return nil
			}
			row.Path = file
			return emit(row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
