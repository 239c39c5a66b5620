package gateway

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/tenantra/tenantra/agent/protocol"
)

// budget is what one agent may send.
type budget struct{ bytes, rows *rate.Limiter }

func newBudget() budget {
	return budget{rate.NewLimiter(bytesRate, bytesBurst), rate.NewLimiter(rowsRate, rowsBurst)}
}

// spend waits until n units are free. A wait beyond patience is refused as busy, with the time to come again.
func spend(ctx context.Context, limit *rate.Limiter, n int) *protocol.Error {
	reservation := limit.ReserveN(time.Now(), min(n, limit.Burst()))
	delay := reservation.Delay()
	if delay == 0 {
		return nil
	}
	if delay > patience {
		reservation.Cancel()
		return &protocol.Error{Code: protocol.CodeBusy, Message: "the agent sends more than it may: send again later", RetryMillis: delay.Milliseconds()}
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
	mu      sync.Mutex
	buckets map[int32]*rate.Limiter
}

func newTenantLimits() *tenantLimits { return &tenantLimits{buckets: map[int32]*rate.Limiter{}} }

func (l *tenantLimits) of(tenant int32) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.buckets[tenant]
	if bucket == nil {
		bucket = rate.NewLimiter(tenantRate, tenantBurst)
		l.buckets[tenant] = bucket
	}
	return bucket
}
