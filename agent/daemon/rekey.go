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

// offerEvery is how long the agent waits before it offers a key again that did not get through.
const offerEvery = 30 * time.Second

// Rekey is part of link.Orders. It returns at once.
func (d *daemon) Rekey(_ context.Context, r protocol.Rekey) error {
	if _, err := uuid.Parse(r.OrderID); err != nil {
		return &link.Untrusted{Code: "order_invalid", Reason: "the order to change keys has no id"}
	}
	select {
	case d.rekeys <- r:
	default: // one is being carried out
	}
	return nil
}

// changeKey waits for an order to change keys and carries it out, or goes on with one that a kill interrupted. id is the
// goroutine's own: the rest of the agent keeps the key that it runs with until it begins anew.
func (d *daemon) changeKey(ctx context.Context, dir state.Dir, id enroll.Identity) error {
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		if id.Next == nil {
			select {
			case <-ctx.Done():
				return nil
			case r := <-d.rekeys:
				if err := id.PutNext(dir, r.OrderID); err != nil {
					return err
				}
			}
			again.Reset(0)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
		done, err := d.offer(ctx, dir, &id)
		if err != nil {
			return err
		}
		if done {
			return errAnew
		}
		again.Reset(d.offerEvery())
	}
}

// offerEvery is shorter where the link's pace is, as in tests.
func (d *daemon) offerEvery() time.Duration {
	if fast := d.o.Pace.BackOffMax; fast > 0 {
		return min(fast, offerEvery)
	}
	return offerEvery
}

// offer has the fleet take the next key, and tells whether it is the agent's now.
func (d *daemon) offer(ctx context.Context, dir state.Dir, id *enroll.Identity) (done bool, err error) {
	err = id.OfferNext(ctx, false)
	var refused *protocol.Error
	if errors.As(err, &refused) && refused.Code == protocol.CodeSignature {
		// The old key seems to count no more, as for a state that was restored from before the end of the change: the fleet then
		// knows the next one. Where it does not, nothing is given up.
		err = id.OfferNext(ctx, true)
	}
	switch {
	case err == nil:
	case errors.As(err, &refused) && (refused.Code == protocol.CodeUnknownOrder || refused.Code == protocol.CodeInvalid):
		if err := id.DropNext(dir); err != nil {
			return false, err
		}
		d.o.Log.WarnContext(ctx, "the fleet does not want the key that it asked for: the old one stays", "err", refused)
		d.outbox.Log(protocol.Log{At: time.Now().UTC(), Severity: "warn", Code: "key_not_changed", Message: "the fleet does not want the key that it asked for: " + refused.Message})
		return false, nil
	default:
		d.o.Log.WarnContext(ctx, "a new key did not get through to the fleet", "err", err, "retry_in", d.offerEvery())
		return false, nil
	}
	if err := id.PromoteNext(dir); err != nil {
		return false, fmt.Errorf("change keys: %w", err)
	}
	d.o.Log.InfoContext(ctx, "the agent has a new key")
	return true, nil
}
