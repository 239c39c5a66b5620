package buffer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

const (
	// pageRows bounds what a reader holds in memory. Between pages the file is free for the writer.
	pageRows = 200
	// perStatement is how many events of a table a scheduled query reads at once: the rows that it may give. What is left it
	// reads the next time, so that a burst makes it late and not fail for ever.
	perStatement = 10_000
)

// Events reads events of a table: see tables.Self.
func (b *Buffer) Events(ctx context.Context, q tables.EventQuery, emit func(tables.Event) error) error {
	if err := b.Flush(ctx); err != nil {
		return err
	}
	var id, end int64
	err := b.db.QueryRowContext(ctx, "SELECT id, coalesce((SELECT max(e.id) FROM events AS e WHERE e.source = s.id), 0) FROM sources AS s WHERE name = ?", q.Table).Scan(&id, &end)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("event buffer: read %s: %w", q.Table, err)
	}
	after := int64(0)
	if cursor := tables.EventCursorOf(ctx); cursor != nil {
		if after, end, err = cursor.Window(q.Table, func(after int64) (int64, error) { return b.endOfStatement(ctx, id, after, end) }); err != nil {
			return fmt.Errorf("event buffer: read %s: %w", q.Table, err)
		}
	}
	b.mu.Lock()
	oldest := b.now().Add(-b.limits.Age).Unix()
	b.mu.Unlock()
	from, to := max(q.From, oldest), q.To
	if to == 0 {
		to = math.MaxInt64
	}
	for {
		page, err := b.page(ctx, id, after, end, from, to)
		if err != nil {
			return fmt.Errorf("event buffer: read %s: %w", q.Table, err)
		}
		for _, e := range page {
			if err := emit(e); err != nil {
				return err
			}
		}
		if len(page) < pageRows {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// endOfStatement gives the last event that a statement reads which has read those up to after.
func (b *Buffer) endOfStatement(ctx context.Context, id, after, newest int64) (end int64, err error) {
	err = b.db.QueryRowContext(ctx, "SELECT id FROM events WHERE source = ? AND id > ? ORDER BY id LIMIT 1 OFFSET ?", id, after, perStatement-1).Scan(&end)
	if errors.Is(err, sql.ErrNoRows) {
		return newest, nil
	}
	return end, err
}

func (b *Buffer) page(ctx context.Context, source, after, end, from, to int64) ([]tables.Event, error) {
	rows, err := b.db.QueryContext(ctx, `
		SELECT id, row FROM events WHERE source = ? AND id > ? AND id <= ? AND at BETWEEN ? AND ? ORDER BY id LIMIT ?`, source, after, end, from, to, pageRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []tables.Event
	for rows.Next() {
		var e tables.Event
		if err := rows.Scan(&e.ID, &e.Row); err != nil {
			return nil, err
		}
		page = append(page, e)
	}
	return page, rows.Err()
}

// EventTables gives what is known of each table of events, sorted by name: see tables.Self.
func (b *Buffer) EventTables(ctx context.Context) ([]tables.EventTable, error) {
	if err := b.Flush(ctx); err != nil {
		return nil, err
	}
	var list []tables.EventTable
	if !b.readOnly {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, s := range b.sources {
			list = append(list, s.EventTable)
		}
		slices.SortFunc(list, func(x, y tables.EventTable) int { return strings.Compare(x.Name, y.Name) })
		return list, nil
	}
	rows, err := b.db.QueryContext(ctx, `
		SELECT name, publisher, active, reason, subscriptions, refreshes, recorded, dropped, last_drop, evicted, expired, rows, bytes FROM sources ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("event buffer: read its tables: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t tables.EventTable
		if err := rows.Scan(&t.Name, &t.Publisher, &t.Active, &t.Reason, &t.Subscriptions, &t.Refreshes, &t.Recorded, &t.Dropped, &t.LastDrop, &t.Evicted,
			&t.Expired, &t.Rows, &t.Bytes); err != nil {
			return nil, fmt.Errorf("event buffer: read its tables: %w", err)
		}
		list = append(list, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("event buffer: read its tables: %w", err)
	}
	return list, nil
}
