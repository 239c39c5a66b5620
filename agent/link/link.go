package link

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/spool"
)

// Orders carries out what the fleet orders.
type Orders interface {
	// Apply puts a configuration in force and keeps it. An *Untrusted error refuses it.
	Apply(ctx context.Context, command protocol.Command, order *Order) error
	Query(ctx context.Context, q protocol.LiveQuery, expires time.Time)
	Cancel(ctx context.Context, c protocol.Cancel)
	// Resync has collections told anew, at once; without names all of them.
	Resync(ctx context.Context, collections []string) error
	// Scan has collections told now, with the scan's context.
	Scan(ctx context.Context, s protocol.Scan)
	// Move makes the agent another tenant's. An *Untrusted error refuses it.
	Move(ctx context.Context, m protocol.Move) error
	// Rekey has the agent take another key. An *Untrusted error refuses it.
	Rekey(ctx context.Context, r protocol.Rekey) error
}

// Options of a Link.
type Options struct {
	Identity   *enroll.Identity
	InstanceID string
	HardwareID string
	Facts      protocol.Facts
	Spool      *spool.Spool
	Outbox     *Outbox
	Orders     Orders
	// Heartbeat gives what the next heartbeat tells, without identity and time, and how long until the one after.
	Heartbeat func(context.Context) (protocol.HeartbeatHeader, time.Duration, error)
	Log       *slog.Logger
	// Pace holds the link's times; the zero Pace is the usual one. Tests shorten it.
	Pace Pace
}

// Pace is how fast the link acts. Zero fields have the usual value.
type Pace struct {
	BackOffMin, BackOffMax time.Duration // between attempts to connect
	Revoked                time.Duration // after the fleet said that the agent is revoked
	Ping                   time.Duration // a connection without a sign of life for three of them is dead
	Poll                   time.Duration // least time between two long polls that bring nothing
	PollFor                time.Duration // how long polling goes on before a websocket is tried again
}

func (p Pace) complete() Pace {
	set := func(d *time.Duration, usual time.Duration) {
		if *d == 0 {
			*d = usual
		}
	}
	set(&p.BackOffMin, time.Second)
	set(&p.BackOffMax, 2*time.Minute)
	set(&p.Revoked, time.Hour)
	set(&p.Ping, 30*time.Second)
	set(&p.Poll, 5*time.Second)
	set(&p.PollFor, 10*time.Minute)
	return p
}

// window is how many batches are under way without acknowledgement.
const window = 32

// blockedAfter attempts in a row that HTTP answered, but no websocket came of, long-polling is tried.
const blockedAfter = 3

// Link keeps the connection.
type Link struct {
	o      Options
	pace   Pace
	trust  Trust
	urgent chan struct{} // a heartbeat is wanted now
}

// New makes a Link.
func New(o Options) *Link {
	return &Link{o: o, pace: o.Pace.complete(), trust: TrustOf(o.Identity), urgent: make(chan struct{}, 1)}
}

// errBlocked tells that the fleet answers HTTP, but not as a websocket.
type errBlocked struct{ err error }

func (e errBlocked) Error() string { return "no websocket: " + e.err.Error() }
func (e errBlocked) Unwrap() error { return e.err }

// Run keeps the link until the context ends.
func (l *Link) Run(ctx context.Context) error {
	failures, blocked := 0, 0
	for ctx.Err() == nil {
		began := time.Now()
		welcomed, err := l.connect(ctx)
		var noSocket errBlocked
		if errors.As(err, &noSocket) {
			blocked++
		} else {
			blocked = 0
		}
		if blocked >= blockedAfter {
			l.o.Log.WarnContext(ctx, "websockets are blocked on the way to the fleet: polling instead", "err", err)
			blocked = blockedAfter - 1 // after the polling one more attempt decides
			welcomed, err = l.poll(ctx)
		}
		if ctx.Err() != nil {
			break
		}
		if failures++; welcomed && time.Since(began) > l.pace.BackOffMin {
			failures = 1
		}
		wait := l.wait(ctx, err, failures)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// wait says how long to stay away after a connection ended so, and tells the operator of this endpoint why.
func (l *Link) wait(ctx context.Context, err error, failures int) time.Duration {
	if errors.Is(err, context.DeadlineExceeded) { // of the polling: a websocket is tried again
		return 0
	}
	var refused *protocol.Error
	if errors.As(err, &refused) {
		switch refused.Code {
		case protocol.CodeRevoked, protocol.CodeUnknownAgent:
			l.o.Log.ErrorContext(ctx, "the fleet does not take this agent any more: nothing is sent; enrol it anew, or remove it", "code", refused.Code, "retry_in", l.pace.Revoked)
			return l.pace.Revoked
		case protocol.CodeClockSkew:
			l.o.Log.ErrorContext(ctx, "this machine's clock is wrong: set it", "here", time.Now().UTC(), "fleet", refused.ServerTime)
			return l.jitter(failures + 3)
		case protocol.CodeBusy:
			return l.jitter(1) + time.Duration(refused.RetryMillis)*time.Millisecond
		case protocol.CodePending:
			l.o.Log.WarnContext(ctx, "the fleet's administrators have not approved this agent yet")
			return l.jitter(failures + 3)
		}
	}
	wait := l.jitter(failures)
	l.o.Log.WarnContext(ctx, "no connection to the fleet", "err", err, "retry_in", wait.Round(time.Millisecond))
	return wait
}

// jitter is a random time up to a bound that doubles with each failure, so that a fleet that comes back is not met by
// all agents at once.
func (l *Link) jitter(failures int) time.Duration {
	bound := l.pace.BackOffMax
	if shift := max(failures, 0); shift < 20 {
		bound = min(bound, l.pace.BackOffMin<<shift)
	}
	var b [8]byte
	rand.Read(b[:])
	return time.Duration(binary.BigEndian.Uint64(b[:])%uint64(bound)) + time.Millisecond
}

// obey checks a command and carries it out. What does not count is refused, and the fleet's operators are told.
func (l *Link) obey(ctx context.Context, command protocol.Command) error {
	order, err := l.trust.Open(command, time.Now())
	if err == nil {
		err = l.carryOut(ctx, command, order)
	}
	var refused *Untrusted
	if errors.As(err, &refused) {
		l.o.Log.WarnContext(ctx, "an order was refused", "code", refused.Code, "reason", refused.Reason)
		l.o.Outbox.Log(protocol.Log{At: time.Now().UTC(), Severity: "error", Code: refused.Code, Message: "an order was refused: " + refused.Reason})
		return nil
	}
	return err
}

func (l *Link) carryOut(ctx context.Context, command protocol.Command, order *Order) error {
	switch {
	case order.Config != nil:
		if err := l.o.Orders.Apply(ctx, command, order); err != nil {
			return err
		}
		l.beatNow()
	case order.Query != nil:
		l.o.Orders.Query(ctx, *order.Query, order.Header.ExpiresAt)
	case order.Cancel != nil:
		l.o.Orders.Cancel(ctx, *order.Cancel)
	case order.Resync != nil:
		return l.o.Orders.Resync(ctx, order.Resync.Collections)
	case order.Scan != nil:
		l.o.Orders.Scan(ctx, *order.Scan)
	case order.Move != nil:
		return l.o.Orders.Move(ctx, *order.Move)
	case order.Rekey != nil:
		return l.o.Orders.Rekey(ctx, *order.Rekey)
	}
	return nil
}

func (l *Link) beatNow() {
	select {
	case l.urgent <- struct{}{}:
	default:
	}
}

// greet compares sequence numbers with the fleet's after a connection was made.
func (l *Link) greet(ctx context.Context, lastSequence int64) error {
	overtaken, err := l.o.Spool.Overtaken(ctx, lastSequence)
	if err != nil || !overtaken {
		return err
	}
	l.o.Log.WarnContext(ctx, "the fleet has batches of this agent that it does not know: its state was lost or restored from a copy; everything is sent anew")
	l.o.Outbox.Log(protocol.Log{At: time.Now().UTC(), Severity: "warn", Code: "state_lost", Message: "the agent's state was lost or restored from a copy; every collection is sent anew"})
	return l.o.Orders.Resync(ctx, nil)
}

// settle ends the life of batches that the fleet took or refused.
func (l *Link) settle(ctx context.Context, acks []protocol.Ack) error {
	var taken []int64
	for _, ack := range acks {
		if ack.Refused == nil {
			taken = append(taken, ack.Sequence)
			continue
		}
		collection, err := l.o.Spool.Refuse(ctx, ack.Sequence)
		if err != nil {
			return err
		}
		if collection != "" {
			l.o.Log.WarnContext(ctx, "the fleet refused a batch: its collection is told anew", "sequence", ack.Sequence, "collection", collection, "err", ack.Refused)
		}
	}
	return l.o.Spool.Acknowledge(ctx, taken...)
}

// beat makes a signed heartbeat.
func (l *Link) beat(ctx context.Context) (*protocol.Heartbeat, time.Duration, error) {
	h, next, err := l.o.Heartbeat(ctx)
	if err != nil {
		return nil, next, err
	}
	h.TenantID, h.AgentID, h.Timestamp = l.o.Identity.TenantID, l.o.Identity.AgentID, time.Now().UTC()
	signed, err := protocol.Sign(l.o.Identity.Key(), protocol.PurposeHeartbeat, h)
	if err != nil {
		return nil, next, fmt.Errorf("heartbeat: %w", err)
	}
	return &protocol.Heartbeat{Header: signed}, next, nil
}
