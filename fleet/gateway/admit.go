package gateway

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/fleet/agents"
)

// What agents send may hold so much memory and so many processors, and of both a tenant has its share; this file is where
// messages and requests wait for theirs.

// nobody stands for the tenant of those who have not said hello.
const nobody int32 = 0

// receive reads and unpacks one message of at most limit bytes. It holds memory until free is called.
func (g *Gateway) receive(ctx context.Context, conn *websocket.Conn, tenant int32, limit int) (envelope protocol.Envelope, free func(), err error) {
	packed, read, err := g.readFrame(ctx, conn, tenant)
	if err != nil {
		return protocol.Envelope{}, nil, err
	}
	defer read()
	size, err := frame.Size(packed)
	if err != nil {
		return protocol.Envelope{}, nil, err
	}
	if size > limit {
		return protocol.Envelope{}, nil, frame.ErrTooLarge
	}
	if free, err = g.messages.acquire(ctx, tenant, int64(size)); err != nil {
		return protocol.Envelope{}, nil, err
	}
	done, err := g.work.acquire(ctx, tenant, 1)
	if err == nil {
		envelope, err = frame.Decode(packed)
		done()
	}
	if err != nil {
		free()
		return protocol.Envelope{}, nil, err
	}
	return envelope, free, nil
}

// readFrame reads a frame. One that turns out to be large waits for memory before the rest is read, and then has to come
// within bodyTime.
func (g *Gateway) readFrame(ctx context.Context, conn *websocket.Conn, tenant int32) (packed []byte, release func(), err error) {
	kind, r, err := conn.NextReader()
	if err != nil {
		return nil, nil, err
	}
	if kind != websocket.BinaryMessage {
		return nil, nil, errors.New("a message is one binary frame")
	}
	if packed, err = io.ReadAll(io.LimitReader(r, smallMax)); err != nil {
		return nil, nil, err
	}
	if len(packed) < smallMax {
		return packed, func() {}, nil
	}
	if release, err = g.frames.acquire(ctx, tenant, protocol.FrameMax); err != nil {
		return nil, nil, err
	}
	conn.SetReadDeadline(time.Now().Add(bodyTime))
	rest, err := io.ReadAll(r)
	if err != nil {
		release()
		return nil, nil, err
	}
	return append(packed, rest...), release, nil
}

// admit has a request wait until its body may be read. Of large bodies each agent has one under way: what others of its
// tenant may send does not depend on how many it announces.
func (g *Gateway) admit(ctx context.Context, identity agents.Identity, length, limit int64) (release func(), err error) {
	if length < 0 || length > limit {
		length = limit // not told, or to be refused when it is read so far
	}
	if length <= smallMax {
		return func() {}, nil
	}
	g.mu.Lock()
	already := g.large[identity.ID]
	g.large[identity.ID] = true
	g.mu.Unlock()
	if already {
		return nil, &protocol.Error{Code: protocol.CodeBusy, Message: "the agent has a large request under way: send the next after it", RetryMillis: 5000}
	}
	over := func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.large, identity.ID)
	}
	free, err := g.bodies.acquire(ctx, identity.Tenant, length)
	if err != nil {
		over()
		return nil, err
	}
	return func() { free(); over() }, nil
}
