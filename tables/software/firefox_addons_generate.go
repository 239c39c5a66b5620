package software

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
)

func generateFirefoxAddons(ctx context.Context, host tables.Host, q *tables.Query, emit func(*firefoxAddon) error) error {
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		for _, root := range firefoxRoots {
			for _, profile := range home.Directories(root) {
				if err := ctx.Err(); err != nil {
					return err
				}
				data, ok := home.Read(root + "/" + profile + "/extensions.json")
				if !ok {
					continue
				}
				err := parseFirefoxExtensions(data, func(row *firefoxAddon) error {
					row.UID = int64(home.User.UID)
					return emit(row)
				})
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}
