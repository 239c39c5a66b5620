package state

import (
	"context"
	"database/sql"
	"fmt"
)

// EventCursors gives the last event that a scheduled query has read of each table of events, by the table's name.
func (db *DB) EventCursors(ctx context.Context, collection string) (map[string]int64, error) {
	rows, err := db.sql.QueryContext(ctx, "SELECT events, id FROM event_cursors WHERE collection = ?", collection)
	if err != nil {
		return nil, fmt.Errorf("state: read cursors of %s: %w", collection, err)
	}
	defer rows.Close()
	cursors := map[string]int64{}
	for rows.Next() {
		var table string
		var id int64
		if err := rows.Scan(&table, &id); err != nil {
			return nil, fmt.Errorf("state: read cursors of %s: %w", collection, err)
		}
		cursors[table] = id
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("state: read cursors of %s: %w", collection, err)
	}
	return cursors, nil
}

// SaveEventCursors moves a scheduled query's cursors in the transaction that spools what it read.
func SaveEventCursors(ctx context.Context, tx *sql.Tx, collection string, cursors map[string]int64) error {
	for table, id := range cursors {
		if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO event_cursors (collection, events, id) VALUES (?, ?, ?)", collection, table, id); err != nil {
			return fmt.Errorf("state: save cursor of %s: %w", collection, err)
		}
	}
	return nil
}
