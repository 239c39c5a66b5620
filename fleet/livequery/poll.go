package livequery

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Question is what an agent that polls is asked.
type Question struct {
	ID  uuid.UUID
	SQL string
}

// A question is handed out again only where its answer is overdue: the one that was handed out may have been lost.
const sqlHandOut = `
UPDATE live_query_agents a
   SET handed_at = $3, outcome = 'running', attempts = a.attempts + CASE WHEN a.outcome = 'waiting' THEN 1 ELSE 0 END,
       due_at = CASE WHEN q.wait_seconds > 0 THEN $3::timestamptz + make_interval(secs => q.timeout_seconds + $4) ELSE a.due_at END
  FROM keeper.open_questions($1, $2, $3) q
 WHERE a.tenant_id = $1 AND a.agent_id = $2 AND a.query_id = q.id AND a.outcome IN ('waiting', 'running')
   AND (a.handed_at IS NULL OR a.handed_at + make_interval(secs => q.timeout_seconds + $4) < $3)
RETURNING q.id, q.sql`

// Poll gives the questions that an agent has not been handed yet, for agents that ask instead of being told. Another poll
// on whichever server does not get them.
func (s *Service) Poll(ctx context.Context, from From) ([]Question, error) {
	var handed []Question
	err := s.DB.InScope(ctx, access.System(from.Tenant, "live-query"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		handed, err = collectQuestions(tx.Query(ctx, sqlHandOut, from.Tenant, from.Agent, tx.Now, int(grace.Seconds())))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("hand out questions: %w", err)
	}
	for _, q := range handed {
		s.publish(ctx, from.TenantID, q.ID, notice{Tenant: from.Tenant, Agent: from.Agent})
	}
	return handed, nil
}

const sqlOpenQuestions = `SELECT id, sql FROM keeper.open_questions($1, $2, $3)`

// Open gives the questions whose answer by the agent is awaited.
func (s *Service) Open(ctx context.Context, from From) ([]Question, error) {
	var open []Question
	err := s.DB.InScope(ctx, access.System(from.Tenant, "live-query"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		open, err = collectQuestions(tx.Query(ctx, sqlOpenQuestions, from.Tenant, from.Agent, tx.Now))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find open questions: %w", err)
	}
	return open, nil
}

func collectQuestions(rows pgx.Rows, err error) ([]Question, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Question])
}
