// Package gateway holds the agents' connections: it proves who connects, takes what they send into the other features, and
// brings them the fleet's commands, whichever server they are connected to.
//
// An agent without a websocket does the same by signed requests; both ways end in the same code. A connection costs two
// goroutines and small buffers: packing and unpacking share pools.
package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/tables"
)

// Bounds of SECURITY-MODEL 2.2 and 2.17.
const (
	greetingsMax  = 64 // connections of one address that have not said hello
	inFlightMax   = 32 // batches of one connection that wait for their commit
	outMax        = 64 // messages that wait for one connection to take them
	writeTime     = 10 * time.Second
	readTime      = 100 * time.Second // three heartbeats
	complaintsMax = 100               // error messages before a connection is closed
	helloMax      = 64 << 10          // bytes of a hello, packed and unpacked: whoever sends it has proved nothing yet
	smallMax      = 64 << 10          // bytes of a frame or request that needs no share of what follows
	framesMax     = 16 << 20          // bytes of larger frames being read at once, of all connections
	messagesMax   = 32 << 20          // bytes of unpacked messages being handled at once, of all connections
	bodiesMax     = 64 << 20          // bytes of requests being read and handled at once, of all agents
	sessionsMax   = 4                 // connections of one agent; a further one takes the oldest's place
)

// ordersMax is how many agents one message of the bus brings a command to, some 40 KiB of their ids.
const ordersMax = 1000

// Signer signs commands with a tenant's config key.
type Signer interface {
	SignCommand(ctx context.Context, tenant uuid.UUID, agent string, kind protocol.CommandKind, version int64, body any, life time.Duration) (protocol.Command, error)
}

// Configs says what an agent is to do.
type Configs interface {
	// Config gives the configuration that an agent should have, and its version.
	Config(ctx context.Context, agent agents.Identity) (protocol.Config, int64, error)
	// Changed tells it that another server may have changed something: what it remembers of the tenant is old.
	Changed(tenant uuid.UUID)
}

// Answers takes the parts of answers to live queries.
type Answers interface {
	TakeAnswer(ctx context.Context, agent agents.Identity, header protocol.AnswerHeader, rows [][]tables.Value) error
}

// Config is what a Gateway needs of its surroundings.
type Config struct {
	DB      *postgres.DB
	Bus     *bus.Bus
	Agents  *agents.Service
	Rows    *rows.Store
	Configs Configs
	Answers Answers
	// Arrived gives the commands that wait for an agent which has just come; nil: none ever do.
	Arrived func(ctx context.Context, agent agents.Identity) ([]protocol.Command, error)
	// Stored is told of each batch after its commit, and must not wait; nil: nobody is.
	Stored func(agent agents.Identity, header protocol.BatchHeader)
	// Counted is told of each batch that was stored for the first time: what changed by it and how long it was. It must not
	// wait; nil: nobody is.
	Counted func(tenant int32, changes, bytes int)
	Signer  Signer
	Limits  Limits           // zero: DefaultLimits
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: discarded
}

// Gateway serves agents. Safe for concurrent use; Run must run while it is used.
type Gateway struct {
	Config
	upgrader websocket.Upgrader
	frames   *shares
	messages *shares
	bodies   *shares // apart from the others: an agent may take its time to send a body
	work     *shares // processors that check what agents sent
	tenants  *tenantLimits

	mu        sync.Mutex
	sessions  map[uuid.UUID][]*session
	mailboxes map[uuid.UUID]*mailbox
	greetings map[string]int
	budgets   map[uuid.UUID]budget
	large     map[uuid.UUID]bool // agents whose large request is being read or handled
	closed    bool
	running   sync.WaitGroup
}

// New makes a Gateway.
func New(c Config) *Gateway {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits()
	}
	processors := runtime.GOMAXPROCS(0)
	return &Gateway{
		Config: c,
		// Buffers are small and, for writing, shared: most connections are idle most of the time. Compression is the frames'.
		upgrader: websocket.Upgrader{
			HandshakeTimeout: writeTime, ReadBufferSize: 1024, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{},
			CheckOrigin: func(*http.Request) bool { return true }, // connect refuses every request that has an origin
		},
		// Of memory as of processors, half is one tenant's at most.
		frames: newShares(framesMax, framesMax/2), messages: newShares(messagesMax, messagesMax/2), bodies: newShares(bodiesMax, bodiesMax/2),
		work: newShares(int64(max(processors, 2)), int64(max(processors/2, 1))), tenants: newTenantLimits(c.Limits.TenantRows),
		sessions: map[uuid.UUID][]*session{}, mailboxes: map[uuid.UUID]*mailbox{}, greetings: map[string]int{}, budgets: map[uuid.UUID]budget{}, large: map[uuid.UUID]bool{},
	}
}

// Run delivers commands, pushes changed configurations and closes the connections of revoked agents until ctx ends. Then
// it closes all connections.
func (g *Gateway) Run(ctx context.Context) error {
	refresh := make(chan uuid.UUID, 1024)
	for _, subscription := range []struct {
		kind   string
		handle func(bus.Message)
	}{
		{bus.KindCommand, g.deliver},
		{agents.BusRevoked, func(m bus.Message) {
			if id, err := uuid.Parse(m.ID); err == nil {
				g.dismiss(id)
			}
		}},
		{agents.BusRekeyed, func(m bus.Message) {
			if id, err := uuid.Parse(m.ID); err == nil {
				g.outdate(id)
			}
		}},
		{scans.BusChanged, func(m bus.Message) {
			g.Configs.Changed(m.Tenant)
			select {
			case refresh <- m.Tenant:
			default: // heartbeats tell which agents have an old configuration
			}
		}},
	} {
		unsubscribe, err := g.Bus.Subscribe("*", subscription.kind, "*", subscription.handle)
		if err != nil {
			return fmt.Errorf("gateway: %w", err)
		}
		defer unsubscribe()
	}
	defer g.close()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case tenant := <-refresh:
			g.refresh(ctx, tenant)
		}
	}
}

// close ends all connections and waits for them.
func (g *Gateway) close() {
	g.mu.Lock()
	g.closed = true
	var all []*session
	for _, sessions := range g.sessions {
		all = append(all, sessions...)
	}
	g.mu.Unlock()
	for _, s := range all {
		s.end(websocket.CloseServiceRestart, "the server stops")
	}
	g.running.Wait()
}

// Send brings a command to an agent's connections, whichever server holds them. An agent without a connection does not
// get it, and that is no error.
func (g *Gateway) Send(ctx context.Context, agent uuid.UUID, command protocol.Command) error {
	return g.Broadcast(ctx, []uuid.UUID{agent}, command)
}

// Broadcast is Send for a command that its signature addresses to all agents of a tenant, or to the one named.
func (g *Gateway) Broadcast(ctx context.Context, to []uuid.UUID, command protocol.Command) error {
	var header protocol.CommandHeader
	if err := command.Header.Peek(&header); err != nil {
		return fmt.Errorf("send command: %w", err)
	}
	tenant, err := uuid.Parse(header.TenantID)
	if err != nil {
		return fmt.Errorf("send command: tenant %.40q: %w", header.TenantID, err)
	}
	text, err := json.Marshal(command)
	if err != nil {
		return fmt.Errorf("send command: %w", err)
	}
	for some := range slices.Chunk(to, ordersMax) {
		body, err := json.Marshal(bus.Orders{Agents: some, Command: text})
		if err != nil {
			return fmt.Errorf("send command: %w", err)
		}
		if err := g.Bus.Publish(ctx, tenant, bus.KindCommand, "orders", body); err != nil {
			return err
		}
	}
	return nil
}

// deliver hands a command from the bus to the agents' connections here. Its signature was made by a server and is checked
// by the agent; the tenants must agree, so that no message of the bus crosses from one to another.
func (g *Gateway) deliver(m bus.Message) {
	var orders bus.Orders
	var command protocol.Command
	err := json.Unmarshal(m.Body, &orders)
	if err == nil {
		err = json.Unmarshal(orders.Command, &command)
	}
	var packed []byte
	if err == nil {
		packed, err = frame.Encode(protocol.TypeCommand, "", command)
	}
	if err != nil {
		g.Log.Warn("an unreadable command came over the bus", "tenant_id", m.Tenant, "err", err)
		return
	}
	for _, id := range orders.Agents {
		for _, s := range g.of(id) {
			if s.identity.TenantID == m.Tenant {
				s.queue(outgoing{packed: packed})
			}
		}
		g.post(id, m.Tenant, command)
	}
}

// of gives an agent's connections to this server.
func (g *Gateway) of(agent uuid.UUID) []*session {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]*session(nil), g.sessions[agent]...)
}

// Connected gives the number of connections to this server.
func (g *Gateway) Connected() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, sessions := range g.sessions {
		n += len(sessions)
	}
	return n
}

// dismiss closes the connections of a revoked agent.
func (g *Gateway) dismiss(agent uuid.UUID) {
	for _, s := range g.of(agent) {
		s.send(protocol.TypeError, "", protocol.Error{Code: protocol.CodeRevoked, Message: "the agent was revoked"})
		s.end(websocket.ClosePolicyViolation, "revoked")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.mailboxes, agent)
}

// outdate closes the connections of an agent that were opened with a key which counts no more.
func (g *Gateway) outdate(agent uuid.UUID) {
	for _, s := range g.of(agent) {
		if _, refused := g.current(context.Background(), s); refused != nil {
			s.send(protocol.TypeError, "", refused)
			s.end(websocket.ClosePolicyViolation, "another key")
		}
	}
}

// refresh pushes the configuration to a tenant's agents that are connected here.
func (g *Gateway) refresh(ctx context.Context, tenant uuid.UUID) {
	g.mu.Lock()
	var due []*session
	for _, sessions := range g.sessions {
		for _, s := range sessions {
			if s.identity.TenantID == tenant {
				due = append(due, s)
			}
		}
	}
	for _, box := range g.mailboxes {
		if box.tenant == tenant {
			box.stale = true
			box.ring()
		}
	}
	g.mu.Unlock()
	for _, s := range due {
		s.pushConfig(ctx, true)
	}
}

// configCommand signs the configuration of an agent, nil when it has that version already.
func (g *Gateway) configCommand(ctx context.Context, identity agents.Identity, has int64) (*protocol.Command, int64, error) {
	config, version, err := g.Configs.Config(ctx, identity)
	if err != nil {
		return nil, 0, fmt.Errorf("configuration of agent %s: %w", identity.ID, err)
	}
	if version == has {
		return nil, version, nil
	}
	command, err := g.Signer.SignCommand(ctx, identity.TenantID, identity.ID.String(), protocol.CommandConfig, version, config, protocol.ConfigLife)
	if err != nil {
		return nil, 0, fmt.Errorf("sign configuration of agent %s: %w", identity.ID, err)
	}
	return &command, version, nil
}

func (g *Gateway) lastSequence(ctx context.Context, identity agents.Identity) (last int64, err error) {
	err = g.DB.InScope(ctx, access.System(identity.Tenant, "gateway"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		last, err = rows.LastSequence(ctx, tx, identity.Key)
		return err
	})
	return last, err
}

func senderOf(identity agents.Identity) rows.Sender {
	return rows.Sender{Tenant: identity.Tenant, Agent: identity.Key, TenantID: identity.TenantID, AgentID: identity.ID, Key: identity.PublicKey}
}

// refusal gives what an agent is told of an error. What it can do nothing about stays in the log.
func (g *Gateway) refusal(ctx context.Context, err error) *protocol.Error {
	var known *protocol.Error
	if errors.As(err, &known) {
		return known
	}
	var told *fault.Error
	if errors.As(err, &told) {
		switch told.Code {
		case fault.Invalid, fault.NotFound, fault.Conflict, fault.Forbidden:
			return &protocol.Error{Code: protocol.CodeInvalid, Message: told.Message}
		case fault.TooLarge:
			return &protocol.Error{Code: protocol.CodeTooLarge, Message: told.Message}
		}
	}
	g.Log.ErrorContext(ctx, "serving an agent", "err", err)
	return &protocol.Error{Code: protocol.CodeBusy, Message: "the fleet cannot serve now: try again later", RetryMillis: 5000}
}
