package identity

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
)

func generateAuthorizedKeys(ctx context.Context, host tables.Host, q *tables.Query, emit func(*authorizedKey) error) error {
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		for _, name := range []string{".ssh/authorized_keys", ".ssh/authorized_keys2"} {
			data, ok := home.Read(name)
			if !ok {
				continue
			}
			for _, row := range parseAuthorizedKeys(data) {
				row.UID, row.KeyFile = int64(home.User.UID), home.Path(name)
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
