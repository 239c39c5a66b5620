package livequery

import (
	"context"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// findReadable gives a campaign whose answers the scope's role may read: the classes of what was asked are those of what
// was answered. The rights of who reads count, not those of who asked.
func (s *Service) findReadable(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (*Query, error) {
	q, err := findQuery(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	err = s.Permit(tx.Scope, q.SQL)
	switch {
	case err == nil:
		return q, nil
	case fault.CodeOf(err) == fault.Invalid && tx.Scope.Can(access.QueryContent):
		return q, nil // it does not compile any more: nobody knows its classes, but this reader may read all of them
	case fault.CodeOf(err) == fault.Forbidden || fault.CodeOf(err) == fault.Invalid:
		return nil, fault.New(fault.Forbidden, "the answers hold columns that your role may not read")
	}
	return nil, err
}

// Shapes gives the different lists of columns of a campaign's answers, as far as the scope sees them.
func (s *Service) Shapes(ctx context.Context, scope access.Scope, id uuid.UUID) (shapes [][]string, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := s.findReadable(ctx, tx, id); err != nil {
			return err
		}
		shapes, err = listShapes(ctx, tx, id)
		return err
	})
	return shapes, err
}

// Parts gives a page of answers from a place on, in the order of tenants, agents and parts, as far as the scope sees them;
// only an empty page is the end. Agents narrows where it is not empty. The caller has asked for Shapes.
func (s *Service) Parts(ctx context.Context, scope access.Scope, id uuid.UUID, agents []uuid.UUID, from Place) (parts []Part, err error) {
	if len(agents) == 0 {
		agents = nil
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		parts, err = listParts(ctx, tx, id, agents, position{Tenant: from.Tenant, Agent: from.Agent, Part: from.Part})
		return err
	})
	return parts, err
}
