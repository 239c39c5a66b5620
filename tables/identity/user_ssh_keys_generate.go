package identity

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
)

func generateUserSSHKeys(ctx context.Context, host tables.Host, q *tables.Query, emit func(*userSSHKey) error) error {
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		for _, entry := range home.List(".ssh") {
			if entry.IsDir() {
				continue
			}
			data, ok := home.Read(".ssh/" + entry.Name())
			if !ok {
				continue
			}
			row, ok := describeSSHKey(data)
			clear(data)
			if !ok {
				continue
			}
			row.UID, row.Path = int64(home.User.UID), home.Path(".ssh/"+entry.Name())
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}
