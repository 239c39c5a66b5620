package livequery

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Event is one line of a stream.
type Event struct {
	Type       string          `json:"type"` // rows, agent, progress, done
	AgentID    *uuid.UUID      `json:"agent_id,omitempty"`
	Hostname   string          `json:"hostname,omitempty"`
	Columns    []string        `json:"columns,omitempty"`
	Rows       json.RawMessage `json:"rows,omitempty"` // an array of arrays; of an agent event, how many rows it gave
	Outcome    Outcome         `json:"outcome,omitempty"`
	DurationMS *int64          `json:"duration_ms,omitempty"`
	Error      string          `json:"error,omitempty"`
	Counts     *Counts         `json:"counts,omitempty"`
}

const (
	streamBuffer  = 4096
	progressEvery = 500 * time.Millisecond
	// reread is how often the counts are compared with what was emitted, in case a message was lost.
	reread = 5 * time.Second
)

// Stream gives emit what is stored of a campaign, then what comes, until it has ended, ctx ends or emit fails. Each part
// and each final line is given once. Rows are read from the database in the scope, so a stream shows no more than a list.
func (s *Service) Stream(ctx context.Context, scope access.Scope, id uuid.UUID, emit func(Event) error) error {
	st := &stream{service: s, scope: scope, id: id, emit: emit, parts: map[[3]int]bool{}, lines: map[[2]int32]bool{}}
	notices := make(chan notice, streamBuffer)
	// The subscription stands before the first read, so nothing falls between the two.
	unsubscribe, err := s.listen(id, func(n notice) {
		select {
		case notices <- n:
		default: // a slow reader: the ledger is read again anyway
		}
	})
	if err != nil {
		return err
	}
	defer unsubscribe()
	if ended, err := st.catchUp(ctx); ended || err != nil {
		return err
	}
	return st.follow(ctx, notices)
}

// stream is the state of one reader.
type stream struct {
	service *Service
	scope   access.Scope
	id      uuid.UUID
	emit    func(Event) error
	parts   map[[3]int]bool   // tenant, agent, part: emitted
	lines   map[[2]int32]bool // tenant, agent: final line emitted
}

func (st *stream) follow(ctx context.Context, notices <-chan notice) error {
	progress := time.NewTicker(progressEvery)
	defer progress.Stop()
	again := time.NewTicker(reread)
	defer again.Stop()
	changed := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case n := <-notices:
			told, done := gather(n, notices)
			if done {
				_, err := st.catchUp(ctx)
				return err
			}
			changed = true
			if err := st.deliver(ctx, told); err != nil {
				return err
			}
		case <-progress.C:
			if !changed {
				continue
			}
			changed = false
			if _, err := st.progress(ctx, false); err != nil {
				return err
			}
		case <-again.C:
			if ended, err := st.catchUp(ctx); ended || err != nil {
				return err
			}
		}
	}
}

// Bounds of what is read at once.
const (
	noticesAtOnce = 256
	partsAtOnce   = 256
	linesAtOnce   = 1000
	bytesAtOnce   = 4 << 20 // or one part that is larger: a part is at most a frame
)

// gather takes what has been told meanwhile, for thousands of agents answer within a second. It tells whether the campaign has
// ended: all is read then anyway.
func gather(first notice, notices <-chan notice) (told []notice, done bool) {
	told, bytes := []notice{first}, first.Bytes
	for done = first.Done; !done && len(told) < noticesAtOnce && bytes < bytesAtOnce; {
		select {
		case n := <-notices:
			told, bytes, done = append(told, n), bytes+n.Bytes, n.Done
		default:
			return told, false
		}
	}
	return told, done
}

// deliver emits what notices tell of.
func (st *stream) deliver(ctx context.Context, told []notice) error {
	var withRows, final []notice
	for _, n := range told {
		if n.Rows {
			withRows = append(withRows, n)
		}
		if n.Final {
			final = append(final, n)
		}
	}
	if len(withRows)+len(final) == 0 {
		return nil
	}
	var parts []Part
	var lines []AgentLine
	err := st.service.DB.InScope(ctx, st.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		if parts, err = findParts(ctx, tx, st.id, withRows); err != nil {
			return err
		}
		lines, err = findAgents(ctx, tx, st.id, final)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := st.part(p); err != nil {
			return err
		}
	}
	for _, l := range lines {
		if err := st.line(l); err != nil {
			return err
		}
	}
	return nil
}

// catchUp emits everything stored that was not emitted, then the state; it tells whether the campaign has ended. Where
// nothing was missed it costs two counts.
func (st *stream) catchUp(ctx context.Context) (ended bool, err error) {
	var q *Query
	var parts int
	// The state is read before the rest: what an ended campaign holds is complete by then.
	err = st.service.DB.InScope(ctx, st.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		if q, err = findQuery(ctx, tx, st.id); err != nil {
			return err
		}
		parts, err = countParts(ctx, tx, st.id)
		return err
	})
	if err != nil {
		return false, err
	}
	if parts != len(st.parts) {
		if err := st.allParts(ctx); err != nil {
			return false, err
		}
	}
	if q.Counts.Targets-q.Counts.Running-q.Counts.Waiting != int64(len(st.lines)) {
		if err := st.allLines(ctx); err != nil {
			return false, err
		}
	}
	return st.progress(ctx, q.State != Running)
}

// allParts goes through all stored answers.
func (st *stream) allParts(ctx context.Context) error {
	for from := (position{}); ; {
		var parts []Part
		err := st.service.DB.InScope(ctx, st.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
			parts, err = listParts(ctx, tx, st.id, nil, from)
			return err
		})
		if err != nil || len(parts) == 0 {
			return err
		}
		for _, p := range parts {
			if err := st.part(p); err != nil {
				return err
			}
			from = position{Tenant: p.tenant, Agent: p.agent, Part: p.part + 1}
		}
	}
}

// allLines goes through the whole ledger.
func (st *stream) allLines(ctx context.Context) error {
	for after := (position{}); ; {
		var lines []AgentLine
		err := st.service.DB.InScope(ctx, st.scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
			lines, err = listAgents(ctx, tx, st.id, "", after, linesAtOnce)
			return err
		})
		if err != nil || len(lines) == 0 {
			return err
		}
		for _, l := range lines {
			if l.Outcome != StillRunning && l.Outcome != Waiting {
				if err := st.line(l); err != nil {
					return err
				}
			}
			after = position{Tenant: l.tenant, Agent: l.agent}
		}
	}
}

// progress emits the counts; with done they are the last event.
func (st *stream) progress(ctx context.Context, done bool) (bool, error) {
	q, err := st.query(ctx)
	if err != nil {
		return false, err
	}
	event := Event{Type: "progress", Counts: &q.Counts}
	if done {
		event.Type = "done"
	}
	return done, st.emit(event)
}

func (st *stream) query(ctx context.Context) (q *Query, err error) {
	err = st.service.DB.InScope(ctx, st.scope, func(ctx context.Context, tx *postgres.Tx) error {
		q, err = findQuery(ctx, tx, st.id)
		return err
	})
	return q, err
}

func (st *stream) part(p Part) error {
	key := [3]int{int(p.tenant), int(p.agent), p.part}
	if st.parts[key] {
		return nil
	}
	st.parts[key] = true
	return st.emit(Event{Type: "rows", AgentID: &p.AgentID, Hostname: p.Hostname, Columns: p.Columns, Rows: json.RawMessage(p.Rows)})
}

func (st *stream) line(l AgentLine) error {
	key := [2]int32{l.tenant, l.agent}
	if st.lines[key] {
		return nil
	}
	st.lines[key] = true
	count, err := json.Marshal(l.Rows)
	if err != nil {
		return err
	}
	return st.emit(Event{Type: "agent", AgentID: &l.AgentID, Hostname: l.Hostname, Outcome: l.Outcome, Rows: count, DurationMS: &l.DurationMS, Error: l.Error})
}
