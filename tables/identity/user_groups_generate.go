package identity

import (
	"context"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
)

// memberships is who is in what, read once a statement: a join asks for one user at a time.
type memberships struct {
	users  []accounts.User
	byName map[string][]uint32 // supplementary groups
}

func generateUserGroups(ctx context.Context, host tables.Host, q *tables.Query, emit func(*userGroup) error) error {
	m, err := tables.Cached(q.Cache(), "user_groups", func() (memberships, error) { return readMemberships(ctx, host) })
	if err != nil {
		return err
	}
	uids, byUID := q.EqualInt("uid")
	gids, byGID := q.EqualInt("gid")
	seen := map[userGroup]bool{}
	for _, u := range m.users {
		if byUID && !slices.Contains(uids, int64(u.UID)) {
			continue
		}
		for _, gid := range append([]uint32{u.GID}, m.byName[u.Name]...) {
			row := userGroup{UID: int64(u.UID), GID: int64(gid)}
			if byGID && !slices.Contains(gids, row.GID) || seen[row] {
				continue
			}
			seen[row] = true
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

func readMemberships(ctx context.Context, host tables.Host) (memberships, error) {
	users, err := accounts.Users(ctx, host)
	if err != nil {
		return memberships{}, err
	}
	groups, err := accounts.Groups(ctx, host)
	if err != nil {
		return memberships{}, err
	}
	byName := map[string][]uint32{}
	for _, g := range groups {
		for _, name := range g.Members {
			byName[name] = append(byName[name], g.GID)
		}
	}
	return memberships{users, byName}, nil
}
