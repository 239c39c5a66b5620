package gateway

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/rows"
)

// connect turns a request into a connection. It returns at once, so that nothing of the HTTP server stays with it.
func (g *Gateway) connect(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") != "" || len(r.Header["Cookie"]) > 0 {
		writeError(w, &protocol.Error{Code: protocol.CodeInvalid, Message: "this address is for agents, not for browsers"}, http.StatusForbidden)
		return
	}
	address := httpapi.Address(r.Context())
	if !g.greet(address) {
		writeError(w, &protocol.Error{Code: protocol.CodeBusy, Message: "too many connections from this address at once", RetryMillis: 10_000}, 0)
		return
	}
	conn, err := g.upgrader.Upgrade(w, r, nil)
	if err != nil {
		g.greeted(address)
		return // the upgrader has answered
	}
	go func() {
		defer g.running.Done()
		g.serve(conn, address)
	}()
}

// greet counts a connection that has yet to say hello.
func (g *Gateway) greet(address string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || g.greetings[address] >= greetingsMax {
		return false
	}
	g.greetings[address]++
	g.running.Add(1)
	return true
}

func (g *Gateway) greeted(address string) {
	g.leave(address)
	g.running.Done()
}

// leave ends the greeting of a connection.
func (g *Gateway) leave(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.greetings[address]--; g.greetings[address] <= 0 {
		delete(g.greetings, address)
	}
}

// session is one connection of one agent, after its hello.
type session struct {
	gateway  *Gateway
	identity agents.Identity
	instance string
	started  time.Time
	conn     *websocket.Conn
	budget   budget
	rows     rows.Session

	out      chan outgoing
	inFlight chan struct{} // holds one for each batch whose acknowledgement is not written
	ended    chan struct{}
	ending   sync.Once
	goodbye  []byte // the close frame, set before ended is closed

	complaints int           // of the reader alone
	lines      *rate.Limiter // log lines
	config     atomic.Int64  // the version that the agent has, as far as is known
	pushed     atomic.Int64  // when a configuration was last sent, Unix nanoseconds

	mu      sync.Mutex
	resyncs map[string]time.Time // when a collection was last asked for
}

// outgoing is a packed message. One that acknowledges a batch makes room for another when it is written: so
// acknowledgements never fill more than half of the queue.
type outgoing struct {
	packed []byte
	ack    bool
}

// serve runs a connection to its end.
func (g *Gateway) serve(conn *websocket.Conn, address string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer conn.Close()
	defer func() {
		if cause := recover(); cause != nil {
			g.Log.ErrorContext(ctx, "panic while serving an agent", "err", fmt.Sprint(cause), "stack", string(debug.Stack()))
		}
	}()
	leave := sync.OnceFunc(func() { g.leave(address) })
	defer leave()
	conn.SetReadLimit(helloMax)
	s, err := g.hello(ctx, conn)
	leave()
	if err != nil {
		// The agent is told why, then the connection ends.
		if packed, packErr := frame.Encode(protocol.TypeError, "", g.refusal(ctx, err)); packErr == nil {
			conn.SetWriteDeadline(time.Now().Add(writeTime))
			conn.WriteMessage(websocket.BinaryMessage, packed)
		}
		conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.ClosePolicyViolation, "refused"), time.Now().Add(time.Second))
		return
	}
	conn.SetReadLimit(protocol.FrameMax)
	if !g.add(s) {
		return
	}
	defer g.remove(s)
	var writer sync.WaitGroup
	writer.Go(s.write)
	s.pushConfig(ctx, false)
	for _, command := range g.arrived(ctx, s.identity) {
		s.send(protocol.TypeCommand, "", command)
	}
	s.read(ctx)
	s.end(websocket.CloseNormalClosure, "")
	writer.Wait()
}

// arrived gives what waits for an agent that has come. It is asked for when the agent can be reached already, so that what
// is sent meanwhile is not missed.
func (g *Gateway) arrived(ctx context.Context, identity agents.Identity) []protocol.Command {
	if g.Arrived == nil {
		return nil
	}
	commands, err := g.Arrived(ctx, identity)
	if err != nil {
		g.Log.ErrorContext(ctx, "what waits for an agent cannot be sent", "agent_id", identity.ID, "err", err)
	}
	return commands
}

func (g *Gateway) add(s *session) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	others := g.sessions[s.identity.ID]
	if len(others) >= sessionsMax {
		others[0].end(websocket.ClosePolicyViolation, "a newer connection takes its place")
	}
	g.sessions[s.identity.ID] = append(others, s)
	return true
}

func (g *Gateway) remove(s *session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	left := slices.DeleteFunc(g.sessions[s.identity.ID], func(other *session) bool { return other == s })
	if len(left) == 0 {
		delete(g.sessions, s.identity.ID)
	} else {
		g.sessions[s.identity.ID] = left
	}
}

// hello challenges the other side and finds out which agent it is: by its key alone.
func (g *Gateway) hello(ctx context.Context, conn *websocket.Conn) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*protocol.HelloDeadline)
	defer cancel()
	nonce := make([]byte, protocol.NonceSize)
	rand.Read(nonce)
	fleet := g.DB.Installation().String()
	packed, err := frame.Encode(protocol.TypeChallenge, "", protocol.Challenge{Nonce: nonce, FleetID: fleet, ServerTime: g.Now().UTC()})
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(protocol.HelloDeadline)
	conn.SetWriteDeadline(deadline)
	conn.SetReadDeadline(deadline)
	if err := conn.WriteMessage(websocket.BinaryMessage, packed); err != nil {
		return nil, invalid(err)
	}
	envelope, free, err := g.receive(ctx, conn, nobody, helloMax)
	if errors.Is(err, frame.ErrTooLarge) {
		return nil, &protocol.Error{Code: protocol.CodeTooLarge, Message: "the hello is too large"}
	}
	if err != nil {
		return nil, invalid(err)
	}
	defer free()
	if envelope.Type != protocol.TypeHello {
		return nil, &protocol.Error{Code: protocol.CodeInvalid, Message: "say hello first"}
	}
	var message protocol.Hello
	var claimed protocol.HelloHeader
	if err := protocol.Decode(envelope.Body, &message); err != nil {
		return nil, invalid(err)
	}
	if err := message.Session.Peek(&claimed); err != nil {
		return nil, invalid(err)
	}
	id, err := uuid.Parse(claimed.AgentID)
	if err != nil {
		return nil, &protocol.Error{Code: protocol.CodeUnknownAgent, Message: "the agent's id is none"}
	}
	identity, err := g.identify(ctx, id, func(key ed25519.PublicKey) bool {
		return ed25519.Verify(key, protocol.SigningBytes(protocol.PurposeHello, message.Session.Payload), message.Session.Signature)
	})
	if err != nil {
		return nil, err
	}
	var header protocol.HelloHeader
	if err := message.Session.Open(identity.PublicKey, protocol.PurposeHello, &header); err != nil {
		return nil, signatureError(err)
	}
	if refused := checkIdentity(identity, header.TenantID, header.AgentID); refused != nil {
		return nil, refused
	}
	if subtle.ConstantTimeCompare(header.Nonce, nonce) != 1 || header.FleetID != fleet {
		return nil, &protocol.Error{Code: protocol.CodeSignature, Message: "the hello answers another challenge"}
	}
	if refused := checkClock(header.Timestamp, g.Now()); refused != nil {
		return nil, refused
	}
	if identity, err = g.Agents.Proved(ctx, identity); err != nil {
		return nil, err
	}
	if err := g.Agents.Connected(ctx, identity, header, message.Facts); err != nil {
		return nil, err
	}
	last, err := g.lastSequence(ctx, identity)
	if err != nil {
		return nil, err
	}
	s := &session{
		gateway: g, identity: identity, instance: header.InstanceID, started: g.Now(), conn: conn, budget: g.budgetOf(identity.ID),
		out: make(chan outgoing, outMax), inFlight: make(chan struct{}, inFlightMax), ended: make(chan struct{}), lines: rate.NewLimiter(10, 100),
	}
	s.config.Store(header.ConfigVersion)
	s.send(protocol.TypeWelcome, envelope.ID, protocol.Welcome{ServerTime: g.Now().UTC(), LastSequence: last})
	return s, nil
}

// send queues a message from anywhere. A connection that takes too little is ended: the agent connects again and nothing
// is lost.
func (s *session) send(kind protocol.Type, id string, body any) {
	packed, err := frame.Encode(kind, id, body)
	if err != nil {
		s.gateway.Log.Error("encode a message", "type", kind, "err", err)
		return
	}
	s.queue(outgoing{packed, kind == protocol.TypeAck})
}

func (s *session) queue(o outgoing) {
	select {
	case <-s.ended:
	case s.out <- o:
	default:
		s.end(websocket.ClosePolicyViolation, "reads too slowly")
	}
}

// reply queues the reader's answer to a message. It waits for room, so that an agent that sends more than it reads is held
// back; the writer's deadline ends the wait.
func (s *session) reply(id string, refused *protocol.Error) {
	packed, err := frame.Encode(protocol.TypeError, id, refused)
	if err != nil {
		s.gateway.Log.Error("encode a message", "type", protocol.TypeError, "err", err)
		return
	}
	select {
	case <-s.ended:
	case s.out <- outgoing{packed: packed}:
	}
}

// end closes the connection after what is queued. The first reason counts.
func (s *session) end(code int, reason string) {
	s.ending.Do(func() {
		s.goodbye = websocket.FormatCloseMessage(code, reason)
		close(s.ended)
	})
}

// write sends what is queued until the session ends.
func (s *session) write() {
	defer s.conn.Close() // ends the reader
	for {
		select {
		case o := <-s.out:
			if s.put(o.packed) != nil {
				s.end(websocket.CloseAbnormalClosure, "")
				return
			}
			if o.ack {
				<-s.inFlight
			}
		case <-s.ended:
			for {
				select {
				case o := <-s.out:
					if s.put(o.packed) != nil {
						return
					}
					continue
				default:
				}
				s.conn.WriteControl(websocket.CloseMessage, s.goodbye, time.Now().Add(time.Second))
				return
			}
		}
	}
}

func (s *session) put(packed []byte) error {
	s.conn.SetWriteDeadline(time.Now().Add(writeTime))
	return s.conn.WriteMessage(websocket.BinaryMessage, packed)
}

// read takes messages until the connection ends.
func (s *session) read(ctx context.Context) {
	g := s.gateway
	for {
		s.conn.SetReadDeadline(time.Now().Add(readTime))
		envelope, free, err := g.receive(ctx, s.conn, s.identity.Tenant, protocol.InflatedMax)
		if err != nil {
			var closed *websocket.CloseError
			if errors.Is(err, frame.ErrTooLarge) || errors.Is(err, websocket.ErrReadLimit) {
				s.reply("", &protocol.Error{Code: protocol.CodeTooLarge, Message: "the message is too large"})
			} else if !errors.As(err, &closed) {
				s.reply("", invalid(err))
			}
			s.end(websocket.CloseUnsupportedData, "unreadable message")
			return
		}
		refused := s.handle(ctx, envelope)
		free()
		if refused == nil {
			continue
		}
		s.reply(envelope.ID, refused)
		if refused.Code == protocol.CodeBusy {
			// What follows a batch that was not taken must not be taken either: the agent sends all again on a new connection.
			s.end(websocket.CloseTryAgainLater, "busy")
			return
		}
		if refused.Code == protocol.CodeRevoked || refused.Code == protocol.CodeUnknownAgent || refused.Code == protocol.CodePending || refused == errReplaced {
			s.end(websocket.ClosePolicyViolation, "refused")
			return
		}
		if s.complaints++; s.complaints >= complaintsMax {
			s.end(websocket.ClosePolicyViolation, "too many refused messages")
			return
		}
	}
}

// handle takes a message of an agent that is still welcome and has bytes left to spend.
func (s *session) handle(ctx context.Context, envelope protocol.Envelope) *protocol.Error {
	if _, refused := s.gateway.current(ctx, s); refused != nil {
		return refused
	}
	if busy := s.gateway.spend(ctx, s.budget.bytes, len(envelope.Body)); busy != nil {
		return busy
	}
	return s.take(ctx, envelope)
}

// take handles one message.
func (s *session) take(ctx context.Context, envelope protocol.Envelope) *protocol.Error {
	g := s.gateway
	switch envelope.Type {
	case protocol.TypeHeartbeat:
		header, refused := g.heartbeat(s.identity, envelope.Body)
		if refused != nil {
			return refused
		}
		s.config.Store(header.ConfigVersion)
		s.pushConfig(ctx, false)
		g.lookForClones(ctx, s)
		return nil
	case protocol.TypeBatch:
		return s.takeBatch(ctx, envelope)
	case protocol.TypeAnswer:
		return g.answer(ctx, s.identity, envelope.Body)
	case protocol.TypeLog:
		if !s.lines.Allow() {
			return nil // an agent that says too much is not worth an error each
		}
		return g.line(ctx, s.identity, envelope.Body)
	default:
		return &protocol.Error{Code: protocol.CodeUnknownMessage, Message: fmt.Sprintf("this server does not know messages of type %.40q", envelope.Type)}
	}
}

func (s *session) takeBatch(ctx context.Context, envelope protocol.Envelope) *protocol.Error {
	select {
	case s.inFlight <- struct{}{}:
	case <-s.ended:
		return &protocol.Error{Code: protocol.CodeBusy, Message: "the connection ends", RetryMillis: 1000}
	}
	id := envelope.ID // and no more of the message: what its rows hold, the store counts
	refused := s.gateway.batch(ctx, s.identity, s.budget, &s.rows, envelope.Body, func(e ending) {
		if e.ack == nil {
			s.send(protocol.TypeError, id, protocol.Error{Code: protocol.CodeBusy, Message: "the batch was not stored: send it again", RetryMillis: 2000})
			s.end(websocket.CloseTryAgainLater, "busy")
			return
		}
		s.send(protocol.TypeAck, id, e.ack)
		if e.result.Resync || e.result.Clone {
			// The callback is the store's; what may wait goes elsewhere.
			go s.afterwards(e)
		}
	})
	if refused != nil {
		<-s.inFlight
	}
	return refused
}

// afterwards asks for a collection anew or reports a clone.
func (s *session) afterwards(e ending) {
	ctx, cancel := context.WithTimeout(context.Background(), writeTime)
	defer cancel()
	if e.result.Clone {
		s.gateway.Agents.ReportClone(ctx, s.identity, "The agent's sequence was used for other content, as by an endpoint that was copied or set back")
	}
	if !e.result.Resync || !s.mayResync(e.collection) {
		return
	}
	command, err := s.gateway.resync(ctx, s.identity, e.collection)
	if err != nil {
		s.gateway.Log.ErrorContext(ctx, "a collection cannot be asked for", "agent_id", s.identity.ID, "err", err)
		return
	}
	s.send(protocol.TypeCommand, "", command)
}

// resyncInterval is how often one connection is asked for one collection at most: batches of the old state may still be
// under way when the first request goes out.
const resyncInterval = 15 * time.Second

func (s *session) mayResync(collection string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.gateway.Now()
	if last, ok := s.resyncs[collection]; ok && now.Sub(last) < resyncInterval {
		return false
	}
	if s.resyncs == nil {
		s.resyncs = map[string]time.Time{}
	}
	s.resyncs[collection] = now
	return true
}

// configInterval is how often a configuration is sent again to a connection that does not take it.
const configInterval = time.Minute

// pushConfig sends the configuration if the agent has another version. always overrides the interval.
func (s *session) pushConfig(ctx context.Context, always bool) {
	now := s.gateway.Now().UnixNano()
	if last := s.pushed.Load(); !always && last != 0 && now-last < int64(configInterval) {
		return
	}
	command, _, err := s.gateway.configCommand(ctx, s.identity, s.config.Load())
	if err != nil {
		s.gateway.Log.ErrorContext(ctx, "a configuration cannot be sent", "agent_id", s.identity.ID, "err", err)
		return
	}
	if command != nil {
		s.pushed.Store(now)
		s.send(protocol.TypeCommand, "", *command)
	}
}

// lookForClones tells when two processes use one key: the older connection still speaks after the younger, of another
// process, was made.
func (g *Gateway) lookForClones(ctx context.Context, s *session) {
	for _, other := range g.of(s.identity.ID) {
		if other.instance != s.instance && other.started.After(s.started) {
			g.Agents.ReportClone(ctx, s.identity, "Two processes are connected with the agent's key at the same time")
		}
	}
}
