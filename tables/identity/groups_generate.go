package identity

import (
	"context"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
)

func generateGroups(ctx context.Context, host tables.Host, q *tables.Query, emit func(*group) error) error {
	groups, err := accounts.Groups(ctx, host)
	if err != nil {
		return err
	}
	gids, byGID := q.EqualInt("gid")
	for _, g := range groups {
		if byGID && !slices.Contains(gids, int64(g.GID)) {
			continue
		}
		row := group{
			GID: int64(g.GID), GIDSigned: int64(int32(g.GID)), Groupname: g.Name, GroupSID: g.SID, Comment: g.Comment, IsHidden: boolean(g.Hidden),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
