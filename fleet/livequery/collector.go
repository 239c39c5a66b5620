package livequery

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

// How answers are grouped into transactions: thousands of agents answer one question within a second.
const (
	groupMax   = 256
	groupBytes = 16 << 20
	groupDelay = 10 * time.Millisecond
	queueMax   = 1024
)

// answer is a part on its way into the database.
type answer struct {
	from     From
	query    uuid.UUID
	header   protocol.AnswerHeader
	outcome  Outcome // of a final part
	rows     string
	rowCount int
	done     chan error
}

// collector writes answers in groups. One goroutine runs it, so that the parts of one agent keep their order.
type collector struct {
	db      *postgres.DB
	log     *slog.Logger
	queue   chan *answer
	publish func([]*answer) // after their commit
}

// newAnswer checks a part and brings its rows into their stored form.
func newAnswer(from From, h protocol.AnswerHeader, rows [][]tables.Value) (*answer, error) {
	a := &answer{from: from, header: h, rowCount: len(rows), done: make(chan error, 1)}
	var err error
	if a.query, err = uuid.Parse(h.QueryID); err != nil {
		return nil, fault.Field(fault.Invalid, "query_id", "not a query's id")
	}
	if h.Part < 0 || h.Part > rowsMax {
		return nil, fault.Field(fault.Invalid, "part", "out of range")
	}
	if h.Final {
		var known bool
		if a.outcome, known = outcomeOf(h.Outcome); !known {
			return nil, fault.Field(fault.Invalid, "outcome", "unknown outcome %q", h.Outcome)
		}
	}
	names := []tables.Value{tables.TextValue(h.Error)}
	for _, column := range h.Columns {
		names = append(names, tables.TextValue(column))
	}
	diff.Storable(names)
	a.header.Error = clip(names[0].Text, 4096)
	a.header.Columns = make([]string, len(h.Columns))
	for i := range h.Columns {
		a.header.Columns[i] = names[i+1].Text
	}
	for _, row := range rows {
		if len(row) != len(h.Columns) {
			return nil, fault.Field(fault.Invalid, "rows", "a row has %d cells for %d columns", len(row), len(h.Columns))
		}
		diff.Storable(row)
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	a.rows = string(text)
	return a, nil
}

func clip(text string, limit int) string {
	if len(text) > limit {
		return text[:limit] + "…"
	}
	return text
}

// put hands a part over and waits until it is committed.
func (c *collector) put(ctx context.Context, a *answer) error {
	select {
	case c.queue <- a:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-a.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run writes until ctx ends.
func (c *collector) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case first := <-c.queue:
			group := c.gather(first)
			// What was taken from the queue is finished even while the server stops.
			c.write(context.WithoutCancel(ctx), group)
		}
	}
}

func (c *collector) gather(first *answer) []*answer {
	group, bytes := []*answer{first}, len(first.rows)
	deadline := time.NewTimer(groupDelay)
	defer deadline.Stop()
	for len(group) < groupMax && bytes < groupBytes {
		select {
		case a := <-c.queue:
			group, bytes = append(group, a), bytes+len(a.rows)
		case <-deadline.C:
			return group
		}
	}
	return group
}

// write stores a group in one transaction; where that fails, each part on its own, so that one bad part costs no other.
func (c *collector) write(ctx context.Context, group []*answer) {
	err := c.store(ctx, group)
	if err != nil && len(group) > 1 {
		c.log.WarnContext(ctx, "a group of answers is stored one by one", "parts", len(group), "err", err)
		for _, a := range group {
			c.write(ctx, []*answer{a})
		}
		return
	}
	if err == nil {
		c.publish(group)
	}
	for _, a := range group {
		a.done <- err
	}
}

func (c *collector) store(ctx context.Context, group []*answer) error {
	var tenants []int32
	for _, a := range group {
		if !slices.Contains(tenants, a.from.Tenant) {
			tenants = append(tenants, a.from.Tenant)
		}
	}
	return c.db.InTenants(ctx, tenants, access.Actor{Kind: access.KindSystem, Name: "live-query"}, func(ctx context.Context, tx *postgres.Tx) error {
		batch := &pgx.Batch{}
		for _, round := range rounds(group) {
			if err := queueAnswers(batch, round, tx.Now); err != nil {
				return err
			}
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("store answers: %w", err)
		}
		return nil
	})
}
