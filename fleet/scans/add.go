package scans

import (
	"context"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/tables"
)

// AddQuery puts a query into a pack of the scope's tenant, or in the place of the one of its name, and gives the collection
// that its rows will be. Where the tenant has no such pack, one is made; one that it inherits is fault.Conflict, for a copy
// would no longer follow it.
func (s *Service) AddQuery(ctx context.Context, scope access.Scope, name string, q packs.ScheduledQuery) (collection string, err error) {
	known, err := s.Pack(ctx, scope, name)
	var text string
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		if q.Platforms == 0 {
			q.Platforms = tables.AllPlatforms
		}
		made := packs.Pack{Name: name, Platforms: tables.AllPlatforms, Shard: 100, Queries: []packs.ScheduledQuery{q}}
		text, err = made.YAML()
	case err != nil:
	case known.owner != scope.Tenant:
		err = fault.Field(fault.Conflict, "body.pack", "the pack %s is inherited: name one of this tenant's own, or a new one", name)
	default:
		if text, err = packs.AddQuery(known.Text, q); err != nil {
			err = fault.Field(fault.Conflict, "body.pack", "%v", err)
		}
	}
	if err != nil {
		return "", err
	}
	pack, err := s.PutPack(ctx, scope, name, text)
	if err != nil {
		return "", err
	}
	return pack.Collection(q.Name), nil
}
