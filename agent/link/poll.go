package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
)

const (
	queuePath     = "/api/v1/scan/queue"
	resultPath    = "/api/v1/scan/result"
	heartbeatPath = "/api/v1/agent/heartbeat"

	requestTime = 90 * time.Second // the fleet may hold a request for orders open for a minute
	resultBytes = 4 << 20          // batches of one request; a single one may be larger
)

// poll serves the link by requests for a while. polled tells whether the fleet answered one.
func (l *Link) poll(ctx context.Context) (polled bool, err error) {
	client, err := l.o.Identity.Client(requestTime)
	if err != nil {
		return false, err
	}
	defer client.Close()
	p := &poller{link: l, client: client}
	first, err := p.queue(ctx)
	if err != nil {
		return false, err
	}
	if err := l.greet(ctx, first.LastSequence); err != nil {
		return true, err
	}
	limited, cancel := context.WithTimeout(ctx, l.pace.PollFor)
	defer cancel()
	g, limited := errgroup.WithContext(limited)
	g.Go(func() error { return p.takeOrders(limited, first) })
	g.Go(func() error { return p.deliver(limited) })
	return true, g.Wait()
}

// poller is a link by requests.
type poller struct {
	link   *Link
	client *enroll.Client
}

func (p *poller) queue(ctx context.Context) (*protocol.QueueResponse, error) {
	var out protocol.QueueResponse
	return &out, p.client.Call(ctx, http.MethodGet, queuePath, nil, &out)
}

// takeOrders asks for orders again and again.
func (p *poller) takeOrders(ctx context.Context, next *protocol.QueueResponse) error {
	for {
		for _, command := range next.Commands {
			if err := p.link.obey(ctx, command); err != nil {
				return err
			}
		}
		asked := time.Now()
		var err error
		if next, err = p.queue(ctx); err != nil {
			return err
		}
		if len(next.Commands) > 0 {
			continue
		}
		if err := pause(ctx, p.link.pace.Poll-time.Since(asked)); err != nil {
			return err
		}
	}
}

// results is a protocol.ResultRequest whose batches are the bytes of the spool.
type results struct {
	Batches []json.RawMessage `json:"batches,omitempty"`
	Answers []protocol.Answer `json:"answers,omitempty"`
	Logs    []protocol.Log    `json:"logs,omitempty"`
}

// deliver posts heartbeats, and what spool and outbox hold.
func (p *poller) deliver(ctx context.Context) error {
	l := p.link
	if err := p.postAnswers(ctx); err != nil {
		return err
	}
	beat := time.NewTimer(0)
	defer beat.Stop()
	for {
		more, err := p.deliverBatches(ctx)
		var refused *protocol.Error
		if errors.As(err, &refused) && refused.Code == protocol.CodeBusy {
			err = pause(ctx, max(time.Duration(refused.RetryMillis)*time.Millisecond, l.pace.BackOffMin))
			more = true
		}
		if err != nil {
			return err
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.o.Spool.Added():
		case line := <-l.o.Outbox.logs:
			err = p.post(ctx, results{Logs: []protocol.Log{line}})
		case answer := <-l.o.Outbox.next():
			l.o.Outbox.hold(answer, 0)
			err = p.postAnswers(ctx)
		case <-l.urgent:
			beat.Reset(0)
		case <-beat.C:
			h, next, beatErr := l.beat(ctx)
			if beatErr != nil {
				return beatErr
			}
			err = p.client.Call(ctx, http.MethodPost, heartbeatPath, h, nil)
			beat.Reset(next)
		}
		if err != nil {
			return err
		}
	}
}

// deliverBatches posts the oldest batches and settles what the fleet says of them.
func (p *poller) deliverBatches(ctx context.Context) (more bool, err error) {
	items, err := p.link.o.Spool.After(ctx, 0, window)
	if err != nil || len(items) == 0 {
		return false, err
	}
	var out results
	size := 0
	for _, item := range items {
		envelope, err := frame.Decode(item.Frame)
		if err != nil {
			return false, fmt.Errorf("spooled batch %d: %w", item.Sequence, err)
		}
		if size += len(envelope.Body); size > resultBytes && len(out.Batches) > 0 {
			break
		}
		out.Batches = append(out.Batches, envelope.Body)
	}
	var response protocol.ResultResponse
	err = p.client.Call(ctx, http.MethodPost, resultPath, out, &response)
	var refused *protocol.Error
	if errors.As(err, &refused) && ofContent(refused) {
		// The fleet cannot read the first of them, or it would have acknowledged that. The others come after it.
		return true, p.link.settle(ctx, []protocol.Ack{{Sequence: items[0].Sequence, Refused: refused}})
	}
	if err != nil {
		return false, err
	}
	for _, ack := range response.Acks {
		if ack.Refused != nil && ack.Refused.Code == protocol.CodeBusy {
			return false, ack.Refused
		}
	}
	if len(response.Acks) == 0 {
		return false, errors.New("the fleet acknowledged nothing of what was posted")
	}
	return true, p.link.settle(ctx, response.Acks)
}

// ofContent tells whether a request was refused for what it held, so that the same again would be refused again.
func ofContent(refused *protocol.Error) bool {
	switch refused.Code {
	case protocol.CodeInvalid, protocol.CodeTooLarge, protocol.CodeForeignIdentity, protocol.CodeUnknownQuery:
		return true
	}
	return false
}

// postAnswers posts the parts that are under way, one a request since each may be a mebibyte.
func (p *poller) postAnswers(ctx context.Context) error {
	o := p.link.o.Outbox
	for len(o.underWay) > 0 {
		err := p.post(ctx, results{Answers: []protocol.Answer{o.underWay[0].answer}})
		var refused *protocol.Error
		switch {
		case errors.As(err, &refused) && ofContent(refused):
			p.link.o.Log.WarnContext(ctx, "the fleet refused a part of an answer", "err", refused)
		case err != nil:
			return err
		}
		o.underWay = o.underWay[1:]
	}
	return nil
}

func (p *poller) post(ctx context.Context, body results) error {
	return p.client.Call(ctx, http.MethodPost, resultPath, body, &protocol.ResultResponse{})
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
