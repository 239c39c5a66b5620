package identity

import (
	"context"
	"slices"
	"strings"

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
	names, uuids := q.Equal("username"), q.Equal("uuid")
	for _, u := range found {
		if byUID && !slices.Contains(uids, int64(u.UID)) || names != nil && !slices.Contains(names, u.Name) ||
			uuids != nil && !slices.ContainsFunc(uuids, func(uuid string) bool { return strings.EqualFold(uuid, u.UUID) }) {
			continue
		}
		row := user{
			UID: int64(u.UID), GID: int64(u.GID), UIDSigned: int64(int32(u.UID)), GIDSigned: int64(int32(u.GID)),
			Username: u.Name, Description: u.GECOS, Directory: u.Home, Shell: u.Shell,
			UUID: u.UUID, Type: u.Type, IsHidden: boolean(u.Hidden), IncludeRemote: remote,
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func boolean(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
