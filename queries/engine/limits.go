package engine

import (
	"fmt"
	"time"
)

// Limits bound what one statement may use. A field that is 0 does not bound, except that the zero Limits as a whole
// means LiveLimits.
type Limits struct {
	Time  time.Duration // from the start, waiting for a connection included
	CPU   time.Duration // of the thread that runs the statement and its generators
	Rows  int64         // of the result
	Bytes int64         // of the result: text and blobs by their length, numbers as 8
	Heap  int64         // what SQLite and the engine's row buffers hold at once
}

// The limits of SECURITY-MODEL 2.11. NoLimits is for the local shell, where the person at the terminal is the limit.
var (
	LiveLimits      = Limits{Time: 60 * time.Second, CPU: 20 * time.Second, Rows: 100_000, Bytes: 64 << 20, Heap: 64 << 20}
	ScheduledLimits = Limits{Time: 30 * time.Second, CPU: 5 * time.Second, Rows: 10_000, Bytes: 16 << 20, Heap: 64 << 20}
	NoLimits        = Limits{Time: -1, CPU: -1, Rows: -1, Bytes: -1, Heap: -1}
)

// LimitError says which limit ended a statement. Rows that reached the sink before are valid.
type LimitError struct {
	Limit string // time, cpu, rows, bytes or heap
	Value string // how much was allowed, for people: "10,000 row", "5s CPU"
}

// Error reads "stopped at the 10,000 row limit".
func (e *LimitError) Error() string { return fmt.Sprintf("stopped at the %s limit", e.Value) }
