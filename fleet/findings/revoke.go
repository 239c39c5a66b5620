package findings

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// ReasonRevoked is why the findings of an agent that was revoked are resolved.
const ReasonRevoked = "agent revoked"

const sqlUnresolved = `
SELECT kind, subject FROM findings WHERE tenant_id = $1 AND agent_id = $2 AND state <> 'resolved' ORDER BY kind, subject`

// AgentRevoked resolves what is not resolved of an agent of the transaction's tenant, and has nothing of it judged any more:
// what waits for judges is that its rows have gone. Call it in the transaction that revokes the agent, after its rows are closed.
func (s *Service) AgentRevoked(ctx context.Context, tx *postgres.Tx, agent int32) error {
	// A judge that has begun on the agent ends before; one that begins after sees that the agent is not active.
	if err := tx.Lock(ctx, postgres.Judging, tx.Scope.Tenant); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM pending_judgements WHERE tenant_id = $1 AND agent_id = $2`, tx.Scope.Tenant, agent); err != nil {
		return fmt.Errorf("take agent off the list of judgements: %w", err)
	}
	rows, err := tx.Query(ctx, sqlUnresolved, tx.Scope.Tenant, agent)
	if err != nil {
		return fmt.Errorf("list findings of agent: %w", err)
	}
	type key struct{ Kind, Subject string }
	open, err := pgx.CollectRows(rows, pgx.RowToStructByPos[key])
	if err != nil {
		return fmt.Errorf("list findings of agent: %w", err)
	}
	for _, k := range open {
		if err := s.Resolve(ctx, tx, agent, k.Kind, k.Subject, ReasonRevoked); err != nil {
			return err
		}
	}
	return nil
}
