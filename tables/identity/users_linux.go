package identity

import (
	"context"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

func generateUsers(ctx context.Context, host tables.Host, q *tables.Query, emit func(*user) error) error {
	found, err := accounts.Users(ctx, host)
	if err != nil {
		return err
	}
	var remote int32
	if slices.Contains(q.Equal("include_remote"), "1") {
		remote = 1
		if out, err := host.Run(ctx, "/usr/bin/getent", "passwd"); err != nil {
			hostfile.Skipped(ctx, host, "/usr/bin/getent", err) // the local users stand
		} else {
			found = accounts.ParsePasswd(out)
		}
	}
	uids, byUID := q.EqualInt("uid")
	names := q.Equal("username")
	for _, u := range found {
		if byUID && !slices.Contains(uids, int64(u.UID)) || names != nil && !slices.Contains(names, u.Name) {
			continue
		}
		row := user{
			UID: int64(u.UID), GID: int64(u.GID), UIDSigned: int64(int32(u.UID)), GIDSigned: int64(int32(u.GID)),
			Username: u.Name, Description: u.GECOS, Directory: u.Home, Shell: u.Shell, IncludeRemote: remote,
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
