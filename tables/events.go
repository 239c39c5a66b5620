package tables

import (
	"context"
	"maps"
	"sync"
)

// EventQuery says which recorded events of a table are read.
type EventQuery struct {
	Table    string // its name, no alias
	From, To int64  // Unix seconds, both included; a zero To is no end
}

// Event is one recorded event.
type Event struct {
	ID  int64  // grows with each event of the machine, over restarts too
	Row []byte // the table's row struct as JSON
}

// EventTable tells of one table of events what records it.
type EventTable struct {
	Name, Publisher string
	Active          bool
	Reason          string // why it is not active, or what it cannot see; "" for nothing to say
	Subscriptions   int64  // what the publisher watches for it: rules, directories, sockets
	Refreshes       int64  // changes of what is watched
	Recorded        int64  // events since the agent started
	Dropped         int64  // events lost on the way into the buffer since the agent started, as far as the source tells
	LastDrop        string // why the last of them was lost
	Evicted         int64  // events that newer ones pushed out since the agent started
	Expired         int64  // events that were removed for their age since the agent started
	Rows, Bytes     int64  // in the buffer now
}

// EventCursor is how far a scheduled query has read each table of events. A statement that runs under it reads what was
// recorded after it; all scans of a table within the statement read the same events. It is safe for concurrent use.
type EventCursor struct {
	mu    sync.Mutex
	after map[string]int64
	until map[string]int64
}

// NewEventCursor makes a cursor after the events with these identifiers, by table; what is absent was never read.
func NewEventCursor(after map[string]int64) *EventCursor {
	return &EventCursor{after: after, until: map[string]int64{}}
}

// Window gives which events of a table the statement reads: those after one identifier, up to another. At the first scan
// of the table, end is asked for the latter.
func (c *EventCursor) Window(table string, end func(after int64) (int64, error)) (after, until int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	after = c.after[table]
	if until, known := c.until[table]; known {
		return after, until, nil
	}
	if until, err = end(after); err != nil {
		return 0, 0, err
	}
	c.until[table] = max(after, until)
	return after, c.until[table], nil
}

// Read gives the identifiers of the last events that the statement could read, of the tables that it scanned.
func (c *EventCursor) Read() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.until)
}

type eventCursorKey struct{}

// WithEventCursor has the statement that runs under the context read events once. Without a cursor it reads all.
func WithEventCursor(ctx context.Context, c *EventCursor) context.Context {
	return context.WithValue(ctx, eventCursorKey{}, c)
}

// EventCursorOf gives the context's cursor, nil where it has none.
func EventCursorOf(ctx context.Context) *EventCursor {
	c, _ := ctx.Value(eventCursorKey{}).(*EventCursor)
	return c
}
