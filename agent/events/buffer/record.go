package buffer

import (
	"encoding/json"
	"fmt"
	"time"
)

// Status is what a publisher tells of one of its tables.
type Status struct {
	Publisher     string
	Active        bool
	Reason        string // why it is not active, or what it cannot see
	Subscriptions int64
	Refreshes     int64
}

// Record queues one event: row is a pointer to the table's row struct. It never waits. Where the queue is full, or the row
// too large, the event is dropped and counted.
func (b *Buffer) Record(table string, at time.Time, row any) {
	text, err := json.Marshal(row)
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.source(table)
	switch {
	case err != nil:
		s.drop(1, fmt.Sprintf("an event could not be stored: %v", err))
	case len(text) > rowMax:
		s.drop(1, fmt.Sprintf("an event of more than %d KiB is not stored", rowMax>>10))
	case len(b.queue) >= queueRows || b.queued+len(text) > queueBytes:
		s.drop(1, "events came faster than they could be written")
	default:
		b.queue = append(b.queue, record{s, b.next, at.Unix(), text})
		b.queued += len(text)
		b.next++
		s.Recorded++
		s.changed = true
	}
	b.poke()
}

// Dropped counts events of a table that were lost before they could be recorded, with the reason for people. A source that
// does not tell how many says 1.
func (b *Buffer) Dropped(table string, n int64, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.source(table).drop(n, reason)
	b.poke()
}

// SetStatus says what records a table.
func (b *Buffer) SetStatus(table string, status Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.source(table)
	s.Publisher, s.Active, s.Reason = status.Publisher, status.Active, status.Reason
	s.Subscriptions, s.Refreshes = status.Subscriptions, status.Refreshes
	s.changed = true
	b.poke()
}

func (b *Buffer) source(table string) *source {
	s := b.sources[table]
	if s == nil {
		s = &source{}
		s.Name = table
		b.sources[table] = s
	}
	return s
}

func (s *source) drop(n int64, reason string) {
	s.Dropped += n
	s.LastDrop = reason
	s.changed = true
}

// poke has Run write soon. The caller holds the lock.
func (b *Buffer) poke() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
