// Package osquery serves osquery's TLS remote API: a stock osqueryd enrols by a tenant's enrol secret, takes the tenant's
// queries as its schedule, logs results, and answers live queries. It becomes an agent like others: its rows enter the same
// collections, and its answers the same ledger.
//
// What it sends is signed by nobody: a node key, which only its hash is kept of, names the agent. docs/osquery-tls.md tells
// how to point an osqueryd here.
package osquery

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/livequery"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// Bounds, where they differ from those of our own agents' protocol.
const (
	enrollMax    = 64 << 10 // bytes of an enrolment
	smallMax     = 16 << 10 // bytes of a request that holds a node key only
	packedMax    = 8 << 20  // bytes of a body as it is sent
	bodyMax      = 32 << 20 // bytes of a body unpacked
	freeMax      = 64 << 10 // bytes of a body that needs no share of the memory for bodies
	bodiesMax    = 96 << 20 // bytes of larger bodies at once; one address holds half at most
	bodyTime     = 30 * time.Second
	storeTime    = 90 * time.Second
	bytesRate    = 2 << 20 // of one node, a second
	bytesBurst   = 64 << 20
	rowsRate     = 5_000 // of one node, a second
	rowsBurst    = 500_000
	patience     = 5 * time.Second
	nodeAge      = time.Minute      // how old may be what is known of a node, but for whether it is revoked
	lookInterval = 30 * time.Second // between two looks for questions that no message announced
	epochAge     = time.Hour        // between two times that a node is asked to tell all anew
	renameAge    = 10 * time.Minute // how long after its enrolment a node may send lines of the host that it was before
	nodesMax     = 100_000
	identifier   = 255 // bytes of a host identifier
	partRows     = 5_000
	pollSeconds  = 10
	configPeriod = 60
)

// Config is what a Service needs of its surroundings.
type Config struct {
	DB     *postgres.DB
	Bus    *bus.Bus
	Agents *agents.Service
	Rows   *rows.Store
	// Configs says what an agent is to collect, the queries in the order of their collections.
	Configs interface {
		Config(ctx context.Context, agent agents.Identity) (protocol.Config, int64, error)
	}
	Live  *livequery.Service
	Scans Scans
	// Check compiles a statement for a platform.
	Check func(sql string, platform tables.Platforms) (*engine.Analysis, error)
	// SpendRows charges rows to their tenant's budget.
	SpendRows func(ctx context.Context, tenant int32, rows int) *protocol.Error
	// Counted is told of each batch that was stored for the first time, as the gateway's is.
	Counted func(tenant int32, changes, bytes int)
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: discarded
}

// Service serves nodes. Safe for concurrent use; Run must run while it is used.
type Service struct {
	Config
	schema schema
	bodies bodies
	plans  plans

	mu    sync.Mutex
	nodes map[keyHash]remembered
	seen  map[uuid.UUID]*activity
}

// activity is what this server remembers of a node between its requests.
type activity struct {
	bytes, rows *rate.Limiter
	looked      time.Time // for questions, last
	woken       bool      // a question came over the bus since
}

// New makes a Service.
func New(c Config) (*Service, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	core, err := parseSchema(schemaText)
	if err != nil {
		return nil, err
	}
	return &Service{Config: c, schema: core, bodies: bodies{held: map[string]int64{}}, plans: plans{known: map[planKey]*plan{}},
		nodes: map[keyHash]remembered{}, seen: map[uuid.UUID]*activity{}}, nil
}

// Run hears of questions, which come as commands to agents, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	unsubscribe, err := s.Bus.Subscribe("*", bus.KindCommand, "*", func(m bus.Message) {
		var orders bus.Orders
		if err := json.Unmarshal(m.Body, &orders); err != nil {
			return // the gateway logs it
		}
		for _, id := range orders.Agents {
			s.wake(id)
		}
	})
	if err != nil {
		return fmt.Errorf("osquery: %w", err)
	}
	defer unsubscribe()
	<-ctx.Done()
	return ctx.Err()
}

// wake has a node's next poll look for questions. One that this server does not remember looks anyway.
func (s *Service) wake(agent uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.seen[agent]; a != nil {
		a.woken = true
	}
}

func (s *Service) activity(agent uuid.UUID) *activity {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.seen[agent]
	if a == nil {
		if len(s.seen) >= nodesMax {
			clear(s.seen)
		}
		a = &activity{bytes: rate.NewLimiter(bytesRate, bytesBurst), rows: rate.NewLimiter(rowsRate, rowsBurst)}
		s.seen[agent] = a
	}
	return a
}

// looks tells whether a node's poll has to look for questions, and notes that it does.
func (s *Service) looks(agent uuid.UUID) bool {
	a, now := s.activity(agent), s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.woken && now.Sub(a.looked) < lookInterval {
		return false
	}
	a.woken, a.looked = false, now
	return true
}

// spend takes n units of a node's budget, and refuses where it would take long until they are free.
func spend(ctx context.Context, limit *rate.Limiter, n int) *protocol.Error {
	reservation := limit.ReserveN(time.Now(), min(n, limit.Burst()))
	delay := reservation.Delay()
	if delay > patience {
		reservation.Cancel()
		return &protocol.Error{Code: protocol.CodeBusy, Message: "the node sends more than it may: send again later", RetryMillis: delay.Milliseconds()}
	}
	if delay == 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &protocol.Error{Code: protocol.CodeBusy, Message: "the request ends", RetryMillis: 1000}
	}
}
