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
	server   *Server
	findings *findings.Service
	judges   *compliance.Service
}

func (r revoked) close(ctx context.Context, tx *postgres.Tx, agent int32) error {
	for _, end := range []func(context.Context, *postgres.Tx, int32) error{
		rows.CloseAgent, r.findings.AgentRevoked, r.judges.AgentRevoked, r.server.watching.drift.AgentRevoked,
	} {
		if err := end(ctx, tx, agent); err != nil {
			return err
		}
	}
	return nil
}
