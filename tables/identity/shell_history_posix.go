package identity

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
)

// bashSessions is where macOS keeps one history a terminal window.
const bashSessions = ".bash_sessions"

func generateShellHistory(ctx context.Context, host tables.Host, q *tables.Query, emit func(*shellCommand) error) error {
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		names := shellHistoryFiles[:]
		for _, entry := range home.List(bashSessions) {
			if strings.HasSuffix(entry.Name(), ".history") {
				names = append(names[:len(names):len(names)], bashSessions+"/"+entry.Name())
			}
		}
		for _, name := range names {
			data, ok := home.Read(name)
			if !ok {
				continue
			}
			for _, row := range parseShellHistory(data) {
				row.UID, row.HistoryFile = int64(home.User.UID), home.Path(name)
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
