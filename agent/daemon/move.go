package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/link"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
)

const (
	moveTime  = time.Minute            // how long what was collected for the old tenant may take to reach it
	moveTicks = 250 * time.Millisecond // between two looks at what is left
)

// errAnew ends a run: the identity in the state directory is another now, and the agent begins anew with it.
var errAnew = errors.New("the agent's identity has changed")

// Move is part of link.Orders. It returns at once; the agent goes when its spool is empty.
func (d *daemon) Move(_ context.Context, m protocol.Move) error {
	for _, id := range []string{m.TenantID, m.AgentID} {
		if _, err := uuid.Parse(id); err != nil {
			return &link.Untrusted{Code: "order_invalid", Reason: "the order to move names no tenant and agent"}
		}
	}
	select {
	case d.moves <- m:
	default: // the order came again
	}
	return nil
}

// follow waits for an order to move, then for the spool to empty, and takes on the new identity. It keeps key and fleet: only
// the names are others. What is left in the spool after moveTime stays in the database that is put aside.
func (d *daemon) follow(ctx context.Context, dir state.Dir, id *enroll.Identity) error {
	var m protocol.Move
	select {
	case <-ctx.Done():
		return nil
	case m = <-d.moves:
	}
	d.o.Log.InfoContext(ctx, "the agent is moved to another tenant", "tenant_id", m.TenantID, "agent_id", m.AgentID)
	enough := time.NewTimer(moveTime)
	defer enough.Stop()
	tick := time.NewTicker(moveTicks)
	defer tick.Stop()
	for left := int64(1); left > 0; {
		select {
		case <-ctx.Done():
			return nil
		case <-enough.C:
			d.o.Log.WarnContext(ctx, "not all that was collected reached the old tenant", "batches", left)
			left = 0
			continue
		case <-tick.C:
		}
		stats, err := d.spool.Stats(ctx)
		if err != nil {
			return err
		}
		left = stats.Batches
	}
	if err := id.Move(dir, m.TenantID, m.AgentID); err != nil {
		return fmt.Errorf("move to another tenant: %w", err)
	}
	return errAnew
}
