package httpapi

import (
	"math"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
)

// Calls a minute, counted on each server by itself. A burst of a whole minute's worth is let through.
const (
	personPerMinute  = 600
	tenantPerMinute  = 6000
	addressPerMinute = 1000 // of calls without sign-in; many agents may share one address
	limitersMost     = 100_000
)

// limits keeps a token bucket for each caller, the least recently seen evicted.
type limits struct {
	buckets *lru.Cache[string, *rate.Limiter]
	now     func() time.Time
}

func newLimits(now func() time.Time) limits {
	buckets, err := lru.New[string, *rate.Limiter](limitersMost)
	if err != nil {
		panic(err) // the size is a constant above zero
	}
	return limits{buckets: buckets, now: now}
}

func (l limits) address(address string) error { return l.take("address "+address, addressPerMinute) }

func (l limits) caller(scope access.Scope) error {
	if err := l.take("person "+scope.Actor.ID.String(), personPerMinute); err != nil {
		return err
	}
	return l.take("tenant "+scope.TenantID.String(), tenantPerMinute)
}

func (l limits) take(key string, perMinute int) error {
	bucket, found := l.buckets.Get(key)
	if !found {
		bucket = rate.NewLimiter(rate.Limit(perMinute)/60, perMinute)
		// Of two requests that come first at once, one keeps its bucket and both count in it.
		if previous, exists, _ := l.buckets.PeekOrAdd(key, bucket); exists {
			bucket = previous
		}
	}
	now := l.now()
	reservation := bucket.ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay == 0 {
		return nil
	}
	reservation.CancelAt(now)
	return TooMany(delay)
}

// TooMany is a fault that tells the caller when to come back.
func TooMany(after time.Duration) error {
	seconds := max(1, int(math.Ceil(after.Seconds())))
	return &tooMany{fault.New(fault.TooMany, "too many requests: try again in %d s", seconds), seconds}
}

type tooMany struct {
	fault   *fault.Error
	seconds int
}

func (e *tooMany) Error() string          { return e.fault.Error() }
func (e *tooMany) Unwrap() error          { return e.fault }
func (e *tooMany) RetryAfterSeconds() int { return e.seconds }
