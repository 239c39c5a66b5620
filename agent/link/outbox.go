package link

import (
	"context"

	"github.com/tenantra/tenantra/agent/protocol"
)

// Outbox holds what waits for the link beside batches: parts of answers and lines of the log. It outlives connections.
type Outbox struct {
	answers chan protocol.Answer
	logs    chan protocol.Log
	again   chan protocol.Answer // taken, but the connection broke before it was sent
}

// NewOutbox makes an outbox. Few answers are held, since each may be a mebibyte: who makes them waits.
func NewOutbox() *Outbox {
	return &Outbox{answers: make(chan protocol.Answer, 4), logs: make(chan protocol.Log, 100), again: make(chan protocol.Answer, 1)}
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

// next is where the next part comes from: first the one that was put back.
func (o *Outbox) next() <-chan protocol.Answer {
	if len(o.again) > 0 {
		return o.again
	}
	return o.answers
}

// putBack takes back a part that could not be sent. There is one at most: the one connection sends one at a time.
func (o *Outbox) putBack(a protocol.Answer) { o.again <- a }
