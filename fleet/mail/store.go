package mail

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlRead = `
SELECT host, port, security, ca, username, password, from_address, from_name, last_modified_at FROM mail_settings WHERE tenant_id = $1`

func readSettings(ctx context.Context, tx *postgres.Tx) (set Settings, sealed string, err error) {
	err = tx.QueryRow(ctx, sqlRead, postgres.RootTenant).Scan(&set.Host, &set.Port, &set.Security, &set.CA, &set.Username, &sealed, &set.FromAddress,
		&set.FromName, &set.LastModifiedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return Settings{}, "", ErrNotConfigured
	}
	if err != nil {
		return Settings{}, "", fmt.Errorf("read mail settings: %w", err)
	}
	return set, sealed, nil
}

const sqlStore = `
INSERT INTO mail_settings (tenant_id, host, port, security, ca, username, password, from_address, from_name, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10, $11)
ON CONFLICT (tenant_id) DO UPDATE
   SET host = excluded.host, port = excluded.port, security = excluded.security, ca = excluded.ca, username = excluded.username, password = excluded.password,
       from_address = excluded.from_address, from_name = excluded.from_name, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

func storeSettings(ctx context.Context, tx *postgres.Tx, set Settings, sealed string) error {
	_, err := tx.Exec(ctx, sqlStore, postgres.RootTenant, set.Host, set.Port, string(set.Security), set.CA, set.Username, sealed, set.FromAddress, set.FromName,
		tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return fmt.Errorf("store mail settings: %w", err)
	}
	return nil
}

func deleteSettings(ctx context.Context, tx *postgres.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM mail_settings WHERE tenant_id = $1`, postgres.RootTenant); err != nil {
		return fmt.Errorf("delete mail settings: %w", err)
	}
	return nil
}
