package server

import (
	"context"

	"github.com/tenantra/tenantra/fleet/compliance"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
)

// revoked ends what is known of an agent that is revoked, in the transaction that revokes it.
type revoked struct {
	findings *findings.Service
	judges   *compliance.Service
}

func (r revoked) close(ctx context.Context, tx *postgres.Tx, agent int32) error {
	if err := r.findings.AgentRevoked(ctx, tx, agent); err != nil {
		return err
	}
	if err := r.judges.AgentRevoked(ctx, tx, agent); err != nil {
		return err
	}
	return rows.CloseAgent(ctx, tx, agent)
}
