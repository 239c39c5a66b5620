package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
)

const (
	// firstSplay is within how long a new query first runs, and earlySplay one that is not to wait for others. Hundreds of
	// checks are due at a newcomer's start, one at a time: on a busy machine what people look at first would come last.
	earlySplay = time.Second
	firstSplay = 3 * time.Second
	// deniedAfter breaches of its budget in a row a query begins to wait longer than its interval.
	deniedAfter = 2
	backOffMax  = 24 * time.Hour
)

// plan is when one query runs.
type plan struct {
	interval time.Duration
	splay    uint64 // of this agent and query, in milliseconds, which is how exactly times are stored
	later    bool   // first runs after those that are not
	wall     *wall  // where it is set by the clock instead; nil: by the interval
}

func newPlan(agentID string, q protocol.ConfigQuery) plan {
	sum := sha256.Sum256([]byte(agentID + "\x00" + q.Collection))
	return plan{
		interval: time.Duration(max(q.IntervalSeconds, 1)) * time.Second,
		splay:    binary.BigEndian.Uint64(sum[:]),
		later:    q.Later,
	}
}

// first is when a query runs that never ran: soon, since somebody waits for it.
func (p plan) first(now time.Time) time.Time {
	if p.later {
		return now.Add(earlySplay + p.offset(firstSplay-earlySplay))
	}
	return now.Add(p.offset(earlySplay))
}

func (p plan) offset(within time.Duration) time.Duration {
	return time.Duration(p.splay%uint64(within/time.Millisecond)) * time.Millisecond
}

// next is when a query runs that last began at last, and broke its budget so many times in a row. Its times are those
// whose distance from an offset of its own is a multiple of the interval, whenever the agent was started. A time that
// has passed means at once.
func (p plan) next(last, now time.Time, breaches int) time.Time {
	if p.wall != nil {
		return p.wall.next(now, breaches)
	}
	if last.After(now.Add(p.interval)) { // the clock was set back: what it said before counts for nothing
		last = now
	}
	offset := int64(p.offset(p.interval))
	slot := (last.UnixNano() - offset) / int64(p.interval)
	next := time.Unix(0, (slot+1)*int64(p.interval)+offset)
	if denied(breaches) {
		wait := p.interval
		for range min(breaches-deniedAfter, 16) {
			wait = min(2*wait, max(backOffMax, p.interval))
		}
		next = next.Add(wait)
	}
	return next
}

func denied(breaches int) bool { return breaches >= deniedAfter }

// queryVersion tells a query from what it was before somebody changed it.
func queryVersion(q protocol.ConfigQuery) string {
	sum := sha256.Sum256([]byte(q.SQL))
	return hex.EncodeToString(sum[:])
}
