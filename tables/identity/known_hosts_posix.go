package identity

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
)

func generateKnownHosts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*knownHost) error) error {
	const name = ".ssh/known_hosts"
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		data, ok := home.Read(name)
		if !ok {
			return nil
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			if err := emit(&knownHost{UID: int64(home.User.UID), Key: line, KeyFile: home.Path(name)}); err != nil {
				return err
			}
		}
		return nil
	})
}
