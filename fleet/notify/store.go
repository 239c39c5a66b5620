package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlChannelColumns = `
SELECT c.tenant_id, c.id, c.name, c.kind, c.config, c.secret, c.secret_hint, c.secret_at, c.old_secret, c.old_secret_until, c.enabled, c.all_alerts, c.min_severity, c.class,
       c.subject, c.body
  FROM channels c`

func scanChannel(row pgx.CollectableRow) (*Channel, error) {
	var c Channel
	var config string
	err := row.Scan(&c.tenant, &c.ID, &c.Name, &c.Kind, &config, &c.secret, &c.Hint, &c.SecretAt, &c.old, &c.oldUntil, &c.Enabled, &c.AllAlerts, &c.Severity, &c.Class,
		&c.Subject, &c.Body)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(config), &c.Config); err != nil {
		return nil, fmt.Errorf("read settings of channel: %w", err)
	}
	return &c, nil
}

const sqlListChannels = sqlChannelColumns + ` WHERE c.tenant_id = ANY($1::int[]) ORDER BY c.name, c.id LIMIT 1000`

func listChannels(ctx context.Context, tx *postgres.Tx, tenants []int32) ([]*Channel, error) {
	rows, err := tx.Query(ctx, sqlListChannels, tenants)
	if err != nil {
		return nil, fmt.Errorf("list channels: %w", err)
	}
	return pgx.CollectRows(rows, scanChannel)
}

const sqlFindChannel = sqlChannelColumns + ` WHERE c.tenant_id = $1 AND c.id = $2`

func findChannel(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (*Channel, error) {
	rows, err := tx.Query(ctx, sqlFindChannel, tx.Scope.Tenant, id)
	if err != nil {
		return nil, fmt.Errorf("find channel: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanChannel)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "this tenant has no such channel")
	}
	if err != nil {
		return nil, fmt.Errorf("find channel: %w", err)
	}
	return c, nil
}

const sqlPutChannel = `
INSERT INTO channels (tenant_id, id, name, kind, config, secret, secret_hint, secret_at, old_secret, old_secret_until, enabled, all_alerts, min_severity, class, subject, body,
                      created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $17, $18)
ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, config = excluded.config, secret = excluded.secret, secret_hint = excluded.secret_hint,
       secret_at = excluded.secret_at, old_secret = excluded.old_secret, old_secret_until = excluded.old_secret_until, enabled = excluded.enabled,
       all_alerts = excluded.all_alerts, min_severity = excluded.min_severity, class = excluded.class, subject = excluded.subject, body = excluded.body,
       last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

const sqlNameTaken = `SELECT EXISTS (SELECT FROM channels WHERE tenant_id = $1 AND name = $2 AND id <> $3)`

func putChannel(ctx context.Context, tx *postgres.Tx, c *Channel) error {
	config, err := json.Marshal(c.Config)
	if err != nil {
		return fmt.Errorf("encode settings of channel: %w", err)
	}
	var taken bool
	if err := tx.QueryRow(ctx, sqlNameTaken, tx.Scope.Tenant, c.Name, c.ID).Scan(&taken); err != nil {
		return fmt.Errorf("find channel: %w", err)
	}
	if taken {
		return fault.Field(fault.Conflict, "body.name", "there is another channel of this name")
	}
	_, err = tx.Exec(ctx, sqlPutChannel, tx.Scope.Tenant, c.ID, c.Name, c.Kind, string(config), c.secret, c.Hint, c.SecretAt, c.old, c.oldUntil, c.Enabled, c.AllAlerts, c.Severity,
		c.Class, c.Subject, c.Body, tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return fmt.Errorf("store channel: %w", err)
	}
	return nil
}

func deleteChannel(ctx context.Context, tx *postgres.Tx, id uuid.UUID) error {
	done, err := tx.Exec(ctx, `DELETE FROM channels WHERE tenant_id = $1 AND id = $2`, tx.Scope.Tenant, id)
	if err != nil {
		return fmt.Errorf("delete channel: %w", err)
	}
	if done.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "this tenant has no such channel")
	}
	return nil
}

const sqlAdd = `
INSERT INTO notifications (tenant_id, id, alert_id, rule, notice, severity, class, channel_tenant, channel_id, channel, kind, status, reason, retry_count, webhook_status,
                           message_id, subject, body, body_sha256, replay_of, created_by, created_at, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, $14, $15, $16, $17, $18, $19, $20, $21)`

func add(ctx context.Context, tx *postgres.Tx, n *Notification) error {
	_, err := tx.Exec(ctx, sqlAdd, tx.Scope.Tenant, n.ID, n.AlertID, n.Rule, n.Notice, n.Severity, n.Class, n.ChannelTenant, n.ChannelID, n.Channel, n.Kind, n.Status, n.Reason,
		n.MessageID, n.Subject, n.Body, n.BodySHA256, n.ReplayOf, tx.Scope.Actor.String(), tx.Now, n.SentAt)
	if err != nil {
		return fmt.Errorf("store notification: %w", err)
	}
	return nil
}

const sqlColumns = `
SELECT n.tenant_id, n.id, n.alert_id, n.rule, n.notice, n.severity, n.class, n.channel_tenant, n.channel_id, n.channel, n.kind, n.status, n.reason, n.retry_count, n.webhook_status,
       n.message_id, n.subject, n.body, n.body_sha256, n.replay_of, n.created_at, n.attempted_at, n.sent_at, t.name
  FROM notifications n JOIN tenants t ON t.id = n.tenant_id`

func scan(row pgx.CollectableRow) (*Notification, error) {
	var n Notification
	err := row.Scan(&n.tenant, &n.ID, &n.AlertID, &n.Rule, &n.Notice, &n.Severity, &n.Class, &n.ChannelTenant, &n.ChannelID, &n.Channel, &n.Kind, &n.Status, &n.Reason, &n.RetryCount,
		&n.WebhookStatus, &n.MessageID, &n.Subject, &n.Body, &n.BodySHA256, &n.ReplayOf, &n.CreatedAt, &n.AttemptedAt, &n.SentAt, &n.TenantName)
	return &n, err
}

const sqlFind = sqlColumns + ` WHERE n.id = $1`

func find(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (*Notification, error) {
	rows, err := tx.Query(ctx, sqlFind, id)
	if err != nil {
		return nil, fmt.Errorf("find notification: %w", err)
	}
	n, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "there is no such notification")
	}
	if err != nil {
		return nil, fmt.Errorf("find notification: %w", err)
	}
	return n, nil
}

const sqlList = sqlColumns + `
 WHERE n.id < $1 AND n.kind <> 'inapp' AND ($2 = '' OR n.status = $2) AND ($3 = '' OR n.channel = $3) AND ($4 = '' OR n.rule = $4) AND ($5::uuid IS NULL OR n.alert_id = $5)
 ORDER BY n.id DESC LIMIT $6`

func list(ctx context.Context, tx *postgres.Tx, f Filter, before uuid.UUID, limit int) ([]*Notification, error) {
	var alert *uuid.UUID
	if f.Alert != uuid.Nil {
		alert = &f.Alert
	}
	rows, err := tx.Query(ctx, sqlList, before, f.Status, f.Channel, f.Rule, alert, limit)
	if err != nil {
		return nil, fmt.Errorf("list notifications: %w", err)
	}
	return pgx.CollectRows(rows, scan)
}

const sqlInbox = sqlColumns + ` WHERE n.id < $1 AND n.kind = 'inapp' ORDER BY n.id DESC LIMIT $2`

func inbox(ctx context.Context, tx *postgres.Tx, before uuid.UUID, limit int) ([]*Notification, error) {
	rows, err := tx.Query(ctx, sqlInbox, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list the console's notices: %w", err)
	}
	return pgx.CollectRows(rows, scan)
}

const (
	sqlMark   = `SELECT read_to FROM inbox_marks WHERE tenant_id = $1 AND person = $2`
	sqlUnread = `SELECT count(*) FROM (SELECT FROM notifications WHERE tenant_id = ANY($1::int[]) AND kind = 'inapp' AND id > $2 LIMIT 1000) n`
	sqlRead   = `
INSERT INTO inbox_marks (tenant_id, person, read_to) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, person) DO UPDATE SET read_to = GREATEST(inbox_marks.read_to, excluded.read_to)`
)

// unread gives how far the actor has read, and how many notices are younger, up to 1,000.
func unread(ctx context.Context, tx *postgres.Tx) (mark uuid.UUID, n int, err error) {
	err = tx.QueryRow(ctx, sqlMark, tx.Scope.Tenant, tx.Scope.Actor.ID).Scan(&mark)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return mark, 0, fmt.Errorf("find what was read: %w", err)
	}
	if err := tx.QueryRow(ctx, sqlUnread, tx.Scope.Visible, mark).Scan(&n); err != nil {
		return mark, 0, fmt.Errorf("count unread notices: %w", err)
	}
	return mark, n, nil
}

func markRead(ctx context.Context, tx *postgres.Tx, to uuid.UUID) error {
	if _, err := tx.Exec(ctx, sqlRead, tx.Scope.Tenant, tx.Scope.Actor.ID, to); err != nil {
		return fmt.Errorf("note what was read: %w", err)
	}
	return nil
}

const sqlAttempted = `
UPDATE notifications SET status = $3, reason = $4, retry_count = $5, webhook_status = $6, message_id = CASE WHEN $7 = '' THEN message_id ELSE $7 END, attempted_at = $8,
       sent_at = CASE WHEN $3 = 'sent' THEN $8 ELSE sent_at END
 WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'retrying')`

func attempted(ctx context.Context, tx *postgres.Tx, id uuid.UUID, status Status, reason string, retries int, r result) error {
	if _, err := tx.Exec(ctx, sqlAttempted, tx.Scope.Tenant, id, status, cut(reason, 500), retries, r.status, r.messageID, tx.Now); err != nil {
		return fmt.Errorf("store what became of a notification: %w", err)
	}
	return nil
}

const sqlRecent = `SELECT count(*) FROM notifications WHERE tenant_id = $1 AND channel_id = $2 AND created_at > $3 AND status <> 'suppressed'`

func recent(ctx context.Context, tx *postgres.Tx, channel uuid.UUID, since time.Time) (n int, err error) {
	if err = tx.QueryRow(ctx, sqlRecent, tx.Scope.Tenant, channel, since).Scan(&n); err != nil {
		err = fmt.Errorf("count notifications: %w", err)
	}
	return n, err
}

const sqlForget = `
DELETE FROM notifications WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM notifications WHERE tenant_id = $1 AND created_at < $2 AND status NOT IN ('queued', 'retrying') LIMIT 5000))`

func forget(ctx context.Context, tx *postgres.Tx, before time.Time) (int64, error) {
	done, err := tx.Exec(ctx, sqlForget, tx.Scope.Tenant, before)
	if err != nil {
		return 0, fmt.Errorf("delete old notifications: %w", err)
	}
	return done.RowsAffected(), nil
}
