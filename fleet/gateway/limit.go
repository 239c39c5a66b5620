package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"github.com/tenantra/tenantra/agent/protocol"
)

// Rate is so much a second, after a burst.
type Rate struct {
	PerSecond float64
	Burst     int
}

func (r Rate) limiter() *rate.Limiter { return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst) }

// Limits are what agents may send to one server. Who sends more is held back for as long as Patience, then told to come
// again later; agents keep in their spools what was not acknowledged.
type Limits struct {
	AgentBytes Rate // of messages, unpacked
	AgentRows  Rate // added or removed
	TenantRows Rate // of all agents of a tenant, osqueryds included
	Patience   time.Duration
}

// DefaultLimits are those of SECURITY-MODEL 2.17.
func DefaultLimits() Limits {
	return Limits{AgentBytes: Rate{2 << 20, 64 << 20}, AgentRows: Rate{5_000, 500_000}, TenantRows: Rate{50_000, 1_000_000}, Patience: 5 * time.Second}
}

// budget is what one agent may send.
type budget struct{ bytes, rows *rate.Limiter }

// budgetsMax is how many agents' budgets are kept.
const budgetsMax = 100_000

// budgetOf gives an agent's budget: one, however often it connects and whichever way it sends.
func (g *Gateway) budgetOf(agent uuid.UUID) budget {
	g.mu.Lock()
	defer g.mu.Unlock()
	b, known := g.budgets[agent]
	if known {
		return b
	}
	if len(g.budgets) >= budgetsMax {
		for id, b := range g.budgets {
			if b.bytes.Tokens() >= float64(b.bytes.Burst()) && b.rows.Tokens() >= float64(b.rows.Burst()) {
				delete(g.budgets, id) // full: as good as new
			}
		}
	}
	b = budget{g.Limits.AgentBytes.limiter(), g.Limits.AgentRows.limiter()}
	g.budgets[agent] = b
	return b
}

// spend waits until n units are free. A wait beyond patience is refused as busy, with the time to come again.
func (g *Gateway) spend(ctx context.Context, limit *rate.Limiter, n int) *protocol.Error {
	reservation := limit.ReserveN(time.Now(), min(n, limit.Burst()))
	delay := reservation.Delay()
	if delay == 0 {
		return nil
	}
	if delay > g.Limits.Patience {
		reservation.Cancel()
		return &protocol.Error{Code: protocol.CodeBusy, Message: "the agent or its tenant sends more than it may: send again later", RetryMillis: max(delay.Milliseconds(), 1)}
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &protocol.Error{Code: protocol.CodeBusy, Message: "the connection ends", RetryMillis: 1000}
	}
}

// tenantLimits bounds the rows of each tenant on this server. Safe for concurrent use.
type tenantLimits struct {
	rate Rate

	mu      sync.Mutex
	buckets map[int32]*rate.Limiter
}

func newTenantLimits(r Rate) *tenantLimits {
	return &tenantLimits{rate: r, buckets: map[int32]*rate.Limiter{}}
}

func (l *tenantLimits) of(tenant int32) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.buckets[tenant]
	if bucket == nil {
		bucket = l.rate.limiter()
		l.buckets[tenant] = bucket
	}
	return bucket
}
