package threat

import (
	"context"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// eachUser visits the registry of each user of Windows, without those of users' classes.
func eachUser(ctx context.Context, host tables.Host, visit func(sid string, user *registry.Key) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	return r.Key("HKEY_USERS").Keys(func(user *registry.Key) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if sid := user.Name(); !strings.HasSuffix(sid, "_Classes") {
			return visit(sid, user)
		}
		return nil
	})
}

// unixOf is a time in Unix seconds, 0 where it is not known.
func unixOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
