package gateway

import (
	"context"

	"github.com/tenantra/tenantra/agent/protocol"
)

// SpendRows charges rows that came by another protocol to their tenant's budget, and waits a while where it is spent. The
// refusal says when to come again.
func (g *Gateway) SpendRows(ctx context.Context, tenant int32, rows int) *protocol.Error {
	return g.spend(ctx, g.tenants.of(tenant), rows)
}
