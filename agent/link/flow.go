package link

import (
	"context"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/spool"
)

// flow sends the spool's batches in their order, a window of them without acknowledgement.
type flow struct {
	spool    *spool.Spool
	sent     int64          // highest sequence number that is under way or settled
	underWay map[int64]bool // not acknowledged yet
}

// fill sends batches until the window is full or the spool has no more.
func (f *flow) fill(ctx context.Context, send func(packed []byte) error) error {
	for len(f.underWay) < window {
		// Few at a time: a batch may have megabytes, and all of one reading are in memory.
		items, err := f.spool.After(ctx, f.sent, min(4, window-len(f.underWay)))
		if err != nil || len(items) == 0 {
			return err
		}
		for _, item := range items {
			if err := send(item.Frame); err != nil {
				return err
			}
			if f.underWay == nil {
				f.underWay = map[int64]bool{}
			}
			f.underWay[item.Sequence] = true
			f.sent = item.Sequence
		}
	}
	return nil
}

// settled makes room for the next batches.
func (f *flow) settled(acks []protocol.Ack) {
	for _, ack := range acks {
		delete(f.underWay, ack.Sequence)
	}
}

// rewind has everything sent again that is not settled.
func (f *flow) rewind() {
	f.sent = 0
	clear(f.underWay)
}
