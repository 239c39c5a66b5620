package link

import (
	"context"
	"slices"

	"github.com/tenantra/tenantra/agent/protocol"
)

// Outbox holds what waits for the link beside batches: parts of answers and lines of the log. It outlives connections.
type Outbox struct {
	answers chan protocol.Answer
	logs    chan protocol.Log
	// underWay are the parts that were sent, but may be lost with the connection: nothing acknowledges them by name, so
	// they are held until the fleet answers something that was sent after them. Parts that come twice are stored once.
	// Only the one connection of the moment uses it.
	underWay []sent
}

type sent struct {
	answer protocol.Answer
	mark   uint64
}

// underWayMax bounds the parts under way: each may be a mebibyte.
const underWayMax = 8

// NewOutbox makes an outbox. Few answers are held, since who makes them waits.
func NewOutbox() *Outbox {
	return &Outbox{answers: make(chan protocol.Answer, 4), logs: make(chan protocol.Log, 100)}
}

// Answer puts in a part of an answer and waits for room.
func (o *Outbox) Answer(ctx context.Context, a protocol.Answer) error {
	select {
	case o.answers <- a:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Log puts in a line. Where too many wait, the oldest goes.
func (o *Outbox) Log(l protocol.Log) {
	for {
		select {
		case o.logs <- l:
			return
		default:
		}
		select {
		case <-o.logs:
		default:
		}
	}
}

// next is where the next part comes from; nil, which blocks, while too many are under way.
func (o *Outbox) next() <-chan protocol.Answer {
	if len(o.underWay) >= underWayMax {
		return nil
	}
	return o.answers
}

// hold keeps a part that is about to be sent, until confirm is told of its mark or a later one.
func (o *Outbox) hold(a protocol.Answer, mark uint64) {
	o.underWay = append(o.underWay, sent{a, mark})
}

// confirm lets go of the parts that certainly arrived.
func (o *Outbox) confirm(mark uint64) {
	o.underWay = slices.DeleteFunc(o.underWay, func(s sent) bool { return s.mark <= mark })
}
