package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// said is what the tenants on the path from the root to one tenant say, the nearest first.
type said struct {
	tenant   int32
	tier     access.Tier
	publics  map[int32]uuid.UUID
	rules    []saidRule
	settings []saidSetting
	windows  []Window
}

type saidRule struct {
	tenant     int32
	name, text string
}

type saidSetting struct {
	tenant int32
	rule   string
	Setting
}

const (
	sqlPath    = `SELECT path, plan FROM tenants WHERE id = $1`
	sqlPublics = `SELECT id, public_id FROM tenants WHERE id = ANY($1::int[])`
	// The nearest tenant first: its path is the longest.
	sqlRules    = `SELECT r.tenant_id, r.name, r.yaml FROM alert_rules r JOIN tenants t ON t.id = r.tenant_id WHERE r.tenant_id = ANY($1::int[]) ORDER BY cardinality(t.path) DESC, r.name`
	sqlSettings = `
SELECT s.tenant_id, s.rule, s.enabled, s.threshold, coalesce(s.params, ''), s.notify
  FROM alert_rule_settings s JOIN tenants t ON t.id = s.tenant_id WHERE s.tenant_id = ANY($1::int[]) ORDER BY cardinality(t.path) DESC, s.rule`
	sqlWindows = `
SELECT id, name, kind, coalesce(starts_at, 'epoch'), coalesce(ends_at, 'epoch'), days, from_minute, minutes, zone, rules, tags, below, last_modified_by
  FROM alert_windows WHERE tenant_id = ANY($1::int[]) ORDER BY id LIMIT 1000`
)

// load reads what a tenant and those above it say. Those above are read for the system: what they pass down is the
// tenant's to see, the rest of them is not, and a sibling is on nobody's path.
func (s *Service) load(ctx context.Context, tenant int32) (said, error) {
	var path []int32
	out := said{tenant: tenant}
	err := s.DB.InScope(ctx, access.System(tenant, "alerts"), func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, sqlPath, tenant).Scan(&path, &out.tier)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return said{}, fault.New(fault.NotFound, "no such tenant")
	}
	if err != nil {
		return said{}, fmt.Errorf("read path of tenant %d: %w", tenant, err)
	}
	slices.Reverse(path) // the tenant itself first: InTenants takes the first for its own
	err = s.DB.InTenants(ctx, path, access.Actor{Kind: access.KindSystem, Name: "alerts"}, func(ctx context.Context, tx *postgres.Tx) error {
		out.publics, out.rules, out.settings = map[int32]uuid.UUID{}, nil, nil
		pipe := &pgx.Batch{}
		var id int32
		var public uuid.UUID
		each(pipe.Queue(sqlPublics, path), []any{&id, &public}, func() error { out.publics[id] = public; return nil })
		var r saidRule
		each(pipe.Queue(sqlRules, path), []any{&r.tenant, &r.name, &r.text}, func() error { out.rules = append(out.rules, r); return nil })
		var c saidSetting
		var params string
		each(pipe.Queue(sqlSettings, path), []any{&c.tenant, &c.rule, &c.Enabled, &c.Threshold, &params, &c.Notify}, func() error {
			if c.Params = nil; params != "" {
				if err := json.Unmarshal([]byte(params), &c.Params); err != nil {
					return fmt.Errorf("read parameters of rule %s: %w", c.rule, err)
				}
			}
			out.settings = append(out.settings, c)
			c = saidSetting{}
			return nil
		})
		pipe.Queue(sqlWindows, path).Query(func(rows pgx.Rows) (err error) {
			out.windows, err = pgx.CollectRows(rows, scanWindow)
			return err
		})
		return tx.SendBatch(ctx, pipe).Close()
	})
	if err != nil {
		return said{}, fmt.Errorf("read alert rules of tenant %d: %w", tenant, err)
	}
	return out, nil
}

// each scans every row of a queued statement's answer into the targets and calls fn.
func each(q *pgx.QueuedQuery, targets []any, fn func() error) {
	q.Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, targets, fn)
		return err
	})
}

func scanWindow(row pgx.CollectableRow) (Window, error) {
	var w Window
	var days []int16
	var below int16
	err := row.Scan(&w.ID, &w.Name, &w.Kind, &w.StartsAt, &w.EndsAt, &days, &w.FromMinute, &w.Minutes, &w.Zone, &w.Rules, &w.Tags, &below, &w.LastModifiedBy)
	for _, day := range days {
		w.Days = append(w.Days, time.Weekday(day))
	}
	w.Below = findings.Severity(below)
	return w, err
}

const sqlPutRule = `
INSERT INTO alert_rules (tenant_id, name, yaml, created_by, created_at, last_modified_by, last_modified_at) VALUES ($1, $2, $3, $4, $5, $4, $5)
ON CONFLICT (tenant_id, name) DO UPDATE SET yaml = excluded.yaml, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

func putRule(ctx context.Context, tx *postgres.Tx, name, text string) error {
	if _, err := tx.Exec(ctx, sqlPutRule, tx.Scope.Tenant, name, text, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("store rule: %w", err)
	}
	return nil
}

func countRules(ctx context.Context, tx *postgres.Tx, except string) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM alert_rules WHERE tenant_id = $1 AND name <> $2`, tx.Scope.Tenant, except).Scan(&n)
	if err != nil {
		err = fmt.Errorf("count rules: %w", err)
	}
	return n, err
}

func deleteRule(ctx context.Context, tx *postgres.Tx, name string) error {
	done, err := tx.Exec(ctx, `DELETE FROM alert_rules WHERE tenant_id = $1 AND name = $2`, tx.Scope.Tenant, name)
	if err != nil {
		return fmt.Errorf("delete rule: %w", err)
	}
	if done.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "this tenant has no rule of this name: inherited ones are switched off by their settings")
	}
	return nil
}

const sqlPutSetting = `
INSERT INTO alert_rule_settings (tenant_id, rule, enabled, threshold, params, notify, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, $8)
ON CONFLICT (tenant_id, rule) DO UPDATE SET enabled = excluded.enabled, threshold = excluded.threshold, params = excluded.params, notify = excluded.notify,
       last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

func putSetting(ctx context.Context, tx *postgres.Tx, rule string, set Setting) error {
	var params *string
	if set.Params != nil {
		text, err := json.Marshal(set.Params)
		if err != nil {
			return fault.Field(fault.Invalid, "body.params", "parameters are JSON values")
		}
		encoded := string(text)
		params = &encoded
	}
	if _, err := tx.Exec(ctx, sqlPutSetting, tx.Scope.Tenant, rule, set.Enabled, set.Threshold, params, set.Notify, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("store setting of rule: %w", err)
	}
	return nil
}

const sqlPutWindow = `
INSERT INTO alert_windows (tenant_id, id, name, kind, starts_at, ends_at, days, from_minute, minutes, zone, rules, tags, below,
                           created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $14, $15)`

func addWindow(ctx context.Context, tx *postgres.Tx, w Window) error {
	days := []int16{}
	for _, day := range w.Days {
		days = append(days, int16(day))
	}
	var starts, ends *time.Time
	if !w.weekly() {
		starts, ends = &w.StartsAt, &w.EndsAt
	}
	_, err := tx.Exec(ctx, sqlPutWindow, tx.Scope.Tenant, w.ID, w.Name, w.Kind, starts, ends, days, w.FromMinute, w.Minutes, w.Zone,
		append([]string{}, w.Rules...), append([]string{}, w.Tags...), w.Below, tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return fmt.Errorf("store window: %w", err)
	}
	return nil
}

func deleteWindow(ctx context.Context, tx *postgres.Tx, id uuid.UUID) error {
	done, err := tx.Exec(ctx, `DELETE FROM alert_windows WHERE tenant_id = $1 AND id = $2`, tx.Scope.Tenant, id)
	if err != nil {
		return fmt.Errorf("delete window: %w", err)
	}
	if done.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "this tenant has no such window")
	}
	return nil
}

func listWindows(ctx context.Context, tx *postgres.Tx) ([]Window, error) {
	rows, err := tx.Query(ctx, sqlWindows, tx.Scope.Visible)
	if err != nil {
		return nil, fmt.Errorf("list windows: %w", err)
	}
	return pgx.CollectRows(rows, scanWindow)
}
