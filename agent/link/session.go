package link

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
)

const (
	connectPath = "/api/v1/agent/connect"
	dialTime    = 30 * time.Second
	writeTime   = 60 * time.Second // a frame of 4 MiB over a slow line
)

// connect keeps one websocket until it breaks. welcomed tells whether the fleet accepted the session.
func (l *Link) connect(ctx context.Context) (welcomed bool, err error) {
	config, err := l.o.Identity.TLS()
	if err != nil {
		return false, err
	}
	dialer := &websocket.Dialer{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialTime}
	address := "wss" + strings.TrimPrefix(l.o.Identity.Server, "https") + connectPath
	conn, response, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		if response == nil {
			return false, fmt.Errorf("connect: %w", err)
		}
		body, _ := io.ReadAll(io.LimitReader(response.Body, 4096)) // what could be read of the reason
		response.Body.Close()
		refused := enroll.ReadError(response.StatusCode, body)
		if strings.HasPrefix(refused.Code, "http_") {
			return false, errBlocked{refused}
		}
		return false, refused
	}
	s := &session{link: l, conn: conn, acks: make(chan protocol.Ack, 2*window), busy: make(chan time.Duration, 1), pongs: make(chan uint64, 1)}
	return s.run(ctx)
}

// session is one websocket. One goroutine reads, one writes.
type session struct {
	link *Link
	conn *websocket.Conn
	acks chan protocol.Ack
	busy chan time.Duration // the fleet asks to wait before batches are sent again
	// A ping carries a mark. Its pong tells that all before it was read by the fleet, which reads in order.
	mark  uint64
	pongs chan uint64
}

func (s *session) run(ctx context.Context) (welcomed bool, err error) {
	g, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, func() { s.conn.Close() }) // ends the reader
	defer stop()
	defer s.conn.Close()
	s.conn.SetReadLimit(protocol.FrameMax)
	silence := 3 * s.link.pace.Ping
	s.conn.SetPongHandler(func(data string) error {
		s.confirm(data)
		return s.conn.SetReadDeadline(time.Now().Add(silence))
	})

	welcome, err := s.hello()
	if err != nil {
		return false, err
	}
	if err := s.link.greet(ctx, welcome.LastSequence); err != nil {
		return true, err
	}
	s.link.o.Log.InfoContext(ctx, "connected to the fleet", "server", s.link.o.Identity.Server)
	g.Go(func() error { return s.read(ctx, silence) })
	g.Go(func() error { return s.write(ctx) })
	return true, g.Wait()
}

// hello proves who this is.
func (s *session) hello() (*protocol.Welcome, error) {
	o := &s.link.o
	if err := s.conn.SetReadDeadline(time.Now().Add(protocol.HelloDeadline)); err != nil {
		return nil, fmt.Errorf("hello: %w", err)
	}
	var challenge protocol.Challenge
	if err := s.expect(protocol.TypeChallenge, &challenge); err != nil {
		// Something that upgrades but is no fleet is as good as a blocked websocket.
		var refused *protocol.Error
		if errors.As(err, &refused) {
			return nil, err
		}
		return nil, errBlocked{err}
	}
	if challenge.FleetID != o.Identity.FleetID || len(challenge.Nonce) != protocol.NonceSize {
		return nil, fmt.Errorf("hello: the server says it is fleet %.64q, this agent belongs to %q", challenge.FleetID, o.Identity.FleetID)
	}
	beat, _, err := o.Heartbeat(context.Background())
	if err != nil {
		return nil, err
	}
	signed, err := protocol.Sign(o.Identity.Key(), protocol.PurposeHello, protocol.HelloHeader{
		Nonce: challenge.Nonce, FleetID: o.Identity.FleetID, TenantID: o.Identity.TenantID, AgentID: o.Identity.AgentID,
		Timestamp: time.Now().UTC(), InstanceID: o.InstanceID, HardwareID: o.HardwareID, ConfigVersion: beat.ConfigVersion,
	})
	if err != nil {
		return nil, err
	}
	if err := s.send(protocol.TypeHello, protocol.Hello{Session: signed, Facts: o.Facts}); err != nil {
		return nil, err
	}
	var welcome protocol.Welcome
	if err := s.expect(protocol.TypeWelcome, &welcome); err != nil {
		return nil, err
	}
	return &welcome, nil
}

// expect reads one message of a type; an error message in its place is the error.
func (s *session) expect(kind protocol.Type, body any) error {
	envelope, err := s.receive()
	if err != nil {
		return err
	}
	switch envelope.Type {
	case kind:
		if err := protocol.Decode(envelope.Body, body); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		return nil
	case protocol.TypeError:
		return refusal(envelope)
	default:
		return fmt.Errorf("the fleet sent %.32q where %q was expected", envelope.Type, kind)
	}
}

func refusal(envelope protocol.Envelope) error {
	var refused protocol.Error
	if err := protocol.Decode(envelope.Body, &refused); err != nil {
		return fmt.Errorf("error of the fleet: %w", err)
	}
	return &refused
}

func (s *session) receive() (protocol.Envelope, error) {
	kind, packed, err := s.conn.ReadMessage()
	if err != nil {
		return protocol.Envelope{}, fmt.Errorf("read: %w", err)
	}
	if kind != websocket.BinaryMessage {
		return protocol.Envelope{}, errors.New("read: the fleet sent text where frames are binary")
	}
	return frame.Decode(packed)
}

func (s *session) send(kind protocol.Type, body any) error {
	packed, err := frame.Encode(kind, "", body)
	if err != nil {
		return err
	}
	return s.sendPacked(packed)
}

func (s *session) sendPacked(packed []byte) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := s.conn.WriteMessage(websocket.BinaryMessage, packed); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// read takes what the fleet sends. Everything that it sends is a sign of life.
func (s *session) read(ctx context.Context, silence time.Duration) error {
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		envelope, err := s.receive()
		if err != nil {
			return err
		}
		if err := s.take(ctx, envelope); err != nil {
			return err
		}
	}
}

func (s *session) take(ctx context.Context, envelope protocol.Envelope) error {
	switch envelope.Type {
	case protocol.TypeAck:
		var ack protocol.Ack
		if err := protocol.Decode(envelope.Body, &ack); err != nil {
			return fmt.Errorf("ack: %w", err)
		}
		if ack.Refused != nil && ack.Refused.Code == protocol.CodeBusy {
			s.pause(ack.Refused)
			return nil
		}
		return s.acknowledge(ctx, ack)
	case protocol.TypeCommand:
		var command protocol.Command
		if err := protocol.Decode(envelope.Body, &command); err != nil {
			return fmt.Errorf("command: %w", err)
		}
		return s.link.obey(ctx, command)
	case protocol.TypeError:
		return s.complaint(ctx, envelope)
	default:
		s.link.o.Log.WarnContext(ctx, "the fleet sent a message that this version of the agent does not know", "type", string(envelope.Type))
		return nil
	}
}

// complaint takes an error message. Few mean the agent as a whole; most mean one message, and the fleet keeps the
// connection or ends it as it likes.
func (s *session) complaint(ctx context.Context, envelope protocol.Envelope) error {
	err := refusal(envelope)
	var refused *protocol.Error
	switch {
	case !errors.As(err, &refused), final(refused):
		return err
	case refused.Code == protocol.CodeBusy:
		s.pause(refused)
		return nil
	}
	if sequence, err := strconv.ParseInt(envelope.ID, 10, 64); err == nil { // a batch that the fleet cannot read
		return s.acknowledge(ctx, protocol.Ack{Sequence: sequence, Refused: refused})
	}
	s.link.o.Log.WarnContext(ctx, "the fleet refused a message", "err", refused)
	return nil
}

// final tells whether a refusal means the agent and not only a message of it.
func final(refused *protocol.Error) bool {
	switch refused.Code {
	case protocol.CodeRevoked, protocol.CodeUnknownAgent, protocol.CodePending, protocol.CodeClockSkew:
		return true
	}
	return false
}

func (s *session) acknowledge(ctx context.Context, ack protocol.Ack) error {
	select {
	case s.acks <- ack:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pause has the writer wait and send again what is not acknowledged.
func (s *session) pause(refused *protocol.Error) {
	wait := time.Duration(refused.RetryMillis) * time.Millisecond
	if wait <= 0 {
		wait = s.link.pace.BackOffMin
	}
	select {
	case s.busy <- wait:
	default:
	}
}

// write sends heartbeats, what the outbox holds and, a window at a time, what the spool holds.
func (s *session) write(ctx context.Context) error {
	l := s.link
	if err := s.resend(); err != nil {
		return err
	}
	flow := &flow{spool: l.o.Spool}
	ping := time.NewTicker(l.pace.Ping)
	defer ping.Stop()
	beat := time.NewTimer(0)
	defer beat.Stop()
	paused := make(<-chan time.Time)
	waiting := false
	for {
		if !waiting {
			if err := flow.fill(ctx, s.sendPacked); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case ack := <-s.acks:
			acks := s.drain(ack)
			if err := l.settle(ctx, acks); err != nil {
				return err
			}
			flow.settled(acks)
		case wait := <-s.busy:
			flow.rewind()
			paused, waiting = time.After(wait), true
		case <-paused:
			waiting = false
		case <-l.o.Spool.Added():
		case line := <-l.o.Outbox.logs:
			if err := s.send(protocol.TypeLog, line); err != nil {
				return err
			}
		case answer := <-l.o.Outbox.next():
			l.o.Outbox.hold(answer, s.mark+1)
			if err := s.send(protocol.TypeAnswer, answer); err != nil {
				return err
			}
			if err := s.ping(); err != nil {
				return err
			}
		case mark := <-s.pongs:
			l.o.Outbox.confirm(mark)
		case <-l.urgent:
			beat.Reset(0)
		case <-beat.C:
			h, next, err := l.beat(ctx)
			if err != nil {
				return err
			}
			if err := s.send(protocol.TypeHeartbeat, h); err != nil {
				return err
			}
			beat.Reset(next)
		case <-ping.C:
			if err := s.ping(); err != nil {
				return err
			}
		}
	}
}

// drain adds the acknowledgements that came meanwhile, so that one write to the disk settles all of them.
func (s *session) drain(first protocol.Ack) []protocol.Ack {
	acks := []protocol.Ack{first}
	for {
		select {
		case ack := <-s.acks:
			acks = append(acks, ack)
		default:
			return acks
		}
	}
}

// ping asks for a sign of life, which confirms what was sent before.
func (s *session) ping() error {
	s.mark++
	if err := s.conn.WriteControl(websocket.PingMessage, binary.BigEndian.AppendUint64(nil, s.mark), time.Now().Add(writeTime)); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}

// confirm passes the mark of a pong to the writer. Marks grow, so only the last one counts.
func (s *session) confirm(data string) {
	if len(data) != 8 {
		return
	}
	mark := binary.BigEndian.Uint64([]byte(data))
	select {
	case <-s.pongs:
	default:
	}
	s.pongs <- mark // this is the only sender
}

// resend sends the parts again that may be lost with the connection before.
func (s *session) resend() error {
	o := s.link.o.Outbox
	for i := range o.underWay {
		o.underWay[i].mark = s.mark + 1
		if err := s.send(protocol.TypeAnswer, o.underWay[i].answer); err != nil {
			return err
		}
	}
	return s.ping()
}
