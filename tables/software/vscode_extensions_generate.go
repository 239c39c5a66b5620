package software

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
)

func generateVSCodeExtensions(ctx context.Context, host tables.Host, q *tables.Query, emit func(*vscodeExtension) error) error {
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		for _, edition := range vscodeEditions {
			dir := edition.dir + "/extensions/"
			data, ok := home.Read(dir + "extensions.json")
			if !ok {
				continue
			}
			for _, row := range parseVSCodeExtensions(data, func(name string) string { return home.Path(dir + name) }) {
				row.UID, row.Edition = int64(home.User.UID), edition.edition
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
