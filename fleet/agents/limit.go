package agents

import (
	"sync"

	"golang.org/x/time/rate"
)

// limits is a token bucket for each key, of at most limitsMax keys. Safe for concurrent use.
type limits[K comparable] struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex
	buckets map[K]*rate.Limiter
}

const limitsMax = 100_000

func newLimits[K comparable](perSecond rate.Limit, burst int) *limits[K] {
	return &limits[K]{rate: perSecond, burst: burst, buckets: map[K]*rate.Limiter{}}
}

func (l *limits[K]) allow(key K) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.buckets[key]
	if bucket == nil {
		if len(l.buckets) >= limitsMax {
			for k, b := range l.buckets {
				if b.Tokens() >= float64(l.burst) {
					delete(l.buckets, k) // full: as good as new
				}
			}
		}
		if len(l.buckets) >= limitsMax {
			return false
		}
		bucket = rate.NewLimiter(l.rate, l.burst)
		l.buckets[key] = bucket
	}
	return bucket.Allow()
}
