package sqlquery

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// CheckChoice refuses a statement that cannot choose agents, or that the scope's role may not run. It must give the column
// agent.
func (s *Service) CheckChoice(scope access.Scope, sql string) error {
	q, err := s.compile(scope, Request{SQL: sql, Per: PerFleet})
	if err != nil {
		return err
	}
	if !slices.Contains(q.columns, agentColumn) {
		return fault.Field(fault.Invalid, "body.sql", "the statement must give the column agent, as in SELECT agent FROM os_version WHERE name = 'Debian GNU/Linux'")
	}
	return s.Permit(scope, q.reads)
}

// Choose gives the agents that a statement over the last known state names, each once, in the order of their ids. What
// CheckChoice refuses is for the caller to have refused: a stored choice is made again without the person who made it. A
// table that nobody has told chooses nobody.
func (s *Service) Choose(ctx context.Context, scope access.Scope, sql string) ([]uuid.UUID, error) {
	q, err := s.compile(scope, Request{SQL: sql, Per: PerFleet})
	if err != nil {
		return nil, err
	}
	column := slices.Index(q.columns, agentColumn)
	if column < 0 {
		return nil, fault.Field(fault.Invalid, "body.sql", "the statement must give the column agent")
	}
	if err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error { return q.find(ctx, tx) }); err != nil {
		return nil, err
	}
	chosen := map[uuid.UUID]bool{}
	err = q.Answer(ctx, func(e Event) error {
		for _, row := range e.Rows {
			if id, err := uuid.Parse(row[column].Text); err == nil {
				chosen[id] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	ids := []uuid.UUID{}
	for _, a := range q.agents { // what the statement made up is no agent
		if chosen[a.id] {
			ids = append(ids, a.id)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return ids, nil
}
