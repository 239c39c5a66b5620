package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Limits bound what one statement may use. A field that is not positive does not bound, except that the zero Limits as
// a whole means LiveLimits.
type Limits struct {
	Time  time.Duration // from the start, waiting for a connection included
	CPU   time.Duration // of the thread that runs the statement and its generators
	Rows  int64         // of the result
	Bytes int64         // of the result: text and blobs by their length, numbers as 8
	Heap  int64         // what SQLite and the engine's row buffers hold at once for the statement
}

// The limits of SECURITY-MODEL 2.11. NoLimits is for the local shell, where the person at the terminal is the limit.
var (
	LiveLimits      = Limits{Time: 60 * time.Second, CPU: 20 * time.Second, Rows: 100_000, Bytes: 64 << 20, Heap: 64 << 20}
	ScheduledLimits = Limits{Time: 30 * time.Second, CPU: 5 * time.Second, Rows: 10_000, Bytes: 16 << 20, Heap: 64 << 20}
	NoLimits        = Limits{Time: -1, CPU: -1, Rows: -1, Bytes: -1, Heap: -1}
)

// Limits on the text itself, for every statement.
const (
	maxSQL        = 64 << 10
	maxValue      = 8 << 20 // of one text or blob
	maxColumns    = 500
	maxPattern    = 1000 // of LIKE, GLOB and regular expressions
	maxStatements = 50   // in one text
)

// LimitError says which limit ended a statement. Rows that reached the sink before are valid.
type LimitError struct {
	Limit string // time, cpu, rows, bytes or heap
	Value string // how much was allowed, for people
}

// Error reads "stopped at the 10,000 row limit".
func (e *LimitError) Error() string { return fmt.Sprintf("stopped at the %s limit", e.Value) }

func timeLimit(d time.Duration) error { return &LimitError{"time", d.String() + " time"} }
func cpuLimit(d time.Duration) error  { return &LimitError{"cpu", d.String() + " CPU"} }
func rowLimit(n int64) error          { return &LimitError{"rows", thousands(n) + " row"} }
func byteLimit(n int64) error         { return &LimitError{"bytes", size(n) + " result"} }
func heapLimit(n int64) error         { return &LimitError{"heap", size(n) + " memory"} }

// thousands writes 10000 as 10,000.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func size(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.size && n%unit.size == 0 {
			return thousands(n/unit.size) + " " + unit.name
		}
	}
	return thousands(n) + " byte"
}

// withTime gives a context that ends at the time limit, with the LimitError as its cause.
func withTime(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, limit, timeLimit(limit))
}

// ended gives the error with which a statement ends whose context ended: the limit that ended it, or the caller's.
func ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	if limit := (*LimitError)(nil); errors.As(cause, &limit) {
		return limit
	}
	return ctx.Err()
}
