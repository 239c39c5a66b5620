package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/tenantra/tenantra/agent/protocol"
)

// Config gives the last good configuration as the command that brought it; nil where none came yet.
func (db *DB) Config(ctx context.Context) (*protocol.Command, int64, error) {
	var text []byte
	var version int64
	if err := db.sql.QueryRowContext(ctx, "SELECT config, config_version FROM agent").Scan(&text, &version); err != nil {
		return nil, 0, fmt.Errorf("state: read configuration: %w", err)
	}
	if text == nil {
		return nil, 0, nil
	}
	var command protocol.Command
	if err := protocol.Decode(text, &command); err != nil {
		return nil, 0, fmt.Errorf("state: read configuration: %w", err)
	}
	return &command, version, nil
}

// SaveConfig keeps a verified configuration, and forgets the collections that it no longer names.
func (db *DB) SaveConfig(ctx context.Context, command protocol.Command, version int64, config protocol.Config) error {
	text, err := json.Marshal(command)
	if err != nil {
		return fmt.Errorf("state: save configuration: %w", err)
	}
	names := map[string]bool{}
	for _, q := range config.Queries {
		names[q.Collection] = true
	}
	return db.Update(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE agent SET config = ?, config_version = ?", text, version); err != nil {
			return fmt.Errorf("state: save configuration: %w", err)
		}
		return keepCollections(ctx, tx, names)
	})
}
