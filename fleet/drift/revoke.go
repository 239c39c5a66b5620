package drift

import (
	"context"
	"fmt"

	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	sqlForgetHolder = `
DELETE FROM drift_holders WHERE tenant_id = $1 AND agent_id = $2
   AND collection_id = ANY(ARRAY(SELECT collection_id FROM agent_collections WHERE tenant_id = $1 AND agent_id = $2))`
	sqlForgetMarks = `
DELETE FROM drift_marks WHERE tenant_id = $1 AND agent_id = $2
   AND collection_id = ANY(ARRAY(SELECT collection_id FROM agent_collections WHERE tenant_id = $1 AND agent_id = $2))`
)

// AgentRevoked forgets what an agent of the transaction's tenant has: it counts for nobody's rarity any more. What it told of
// changes stays. Call it in the transaction that revokes the agent.
func (s *Service) AgentRevoked(ctx context.Context, tx *postgres.Tx, agent int32) error {
	if _, err := tx.Exec(ctx, sqlForgetHolder, tx.Scope.Tenant, agent); err != nil {
		return fmt.Errorf("forget values of agent: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlForgetMarks, tx.Scope.Tenant, agent); err != nil {
		return fmt.Errorf("forget marks of agent: %w", err)
	}
	return nil
}
