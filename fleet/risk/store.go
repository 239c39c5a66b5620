package risk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Findings that name a port come one by one with their rows; all others are counted.
const sqlOpen = `
SELECT f.tenant_id, f.agent_id, f.kind, f.severity, x.evidence, count(*)
  FROM findings f
  JOIN agents a ON a.tenant_id = f.tenant_id AND a.id = f.agent_id AND a.state = 'active',
       LATERAL (SELECT CASE WHEN length(f.evidence) < 65536 AND f.evidence ~ '^\{"columns":\[[^]]*"port"' THEN f.evidence ELSE '' END AS evidence) x
 WHERE f.tenant_id = ANY($1::int[]) AND f.state IN ('open', 'acknowledged')
 GROUP BY f.tenant_id, f.agent_id, f.kind, f.severity, x.evidence`

const sqlAssets = `
SELECT a.tenant_id, a.id, a.public_id, a.hostname, t.public_id, t.name, coalesce(i.importance, 3)
  FROM agents a
  JOIN tenants t ON t.id = a.tenant_id
  LEFT JOIN asset_importance i ON i.tenant_id = a.tenant_id AND i.agent_id = a.id
 WHERE a.tenant_id = ANY($1::int[]) AND a.state = 'active' ORDER BY a.tenant_id, a.id`

type assetKey struct{ tenant, agent int32 }

// measured is an asset with the points of its findings.
type measured struct {
	Asset
	key assetKey
}

// measure computes the scores of all active assets of the visible tenants, each by its tenant's weights.
func measure(ctx context.Context, tx *postgres.Tx) ([]measured, error) {
	byTenant, err := listWeights(ctx, tx)
	if err != nil {
		return nil, err
	}
	own := Default()
	weights := func(tenant int32) *Weights {
		if w := byTenant[tenant]; w != nil {
			return w
		}
		return &own
	}
	found, err := tx.Query(ctx, sqlAssets, tx.Scope.Visible)
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	var assets []measured
	at := map[assetKey]int{}
	var m measured
	_, err = pgx.ForEachRow(found, []any{&m.key.tenant, &m.key.agent, &m.AgentID, &m.Hostname, &m.TenantID, &m.TenantName, &m.Importance}, func() error {
		at[m.key] = len(assets)
		assets = append(assets, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	if found, err = tx.Query(ctx, sqlOpen, tx.Scope.Visible); err != nil {
		return nil, fmt.Errorf("count open findings: %w", err)
	}
	var key assetKey
	var kind, evidence string
	var severity findings.Severity
	var n int
	_, err = pgx.ForEachRow(found, []any{&key.tenant, &key.agent, &kind, &severity, &evidence, &n}, func() error {
		i, ok := at[key]
		if !ok {
			return nil
		}
		a := &assets[i].Asset
		a.Points += float64(n) * weights(key.tenant).points(kind, severity, exposureOf(evidence), a.Importance)
		a.Open[severity] += n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count open findings: %w", err)
	}
	for i := range assets {
		assets[i].Score = weights(assets[i].key.tenant).score(assets[i].Points)
	}
	return assets, nil
}

const sqlReasons = `
SELECT f.id, f.kind, f.subject, f.title, f.severity, f.state, f.message, f.class, f.first_seen_at, f.evidence
  FROM findings f WHERE f.tenant_id = $1 AND f.agent_id = $2 AND f.state IN ('open', 'acknowledged') ORDER BY f.severity DESC, f.id LIMIT 10000`

func reasons(ctx context.Context, tx *postgres.Tx, key assetKey) (list []Reason, err error) {
	found, err := tx.Query(ctx, sqlReasons, key.tenant, key.agent)
	if err != nil {
		return nil, fmt.Errorf("list findings of asset: %w", err)
	}
	return pgx.CollectRows(found, func(row pgx.CollectableRow) (Reason, error) {
		var r Reason
		var evidence string
		f := &r.Finding
		err := row.Scan(&f.ID, &f.Kind, &f.Subject, &f.Title, &f.Severity, &f.State, &f.Message, &f.Class, &f.FirstSeenAt, &evidence)
		if len(evidence) < 65536 {
			r.Exposure = exposureOf(evidence)
		}
		return r, err
	})
}

const sqlAsset = sqlAssetColumns + ` WHERE a.public_id = $1 AND a.state = 'active'`

const sqlAssetColumns = `
SELECT a.tenant_id, a.id, a.public_id, a.hostname, t.public_id, t.name, coalesce(i.importance, 3)
  FROM agents a
  JOIN tenants t ON t.id = a.tenant_id
  LEFT JOIN asset_importance i ON i.tenant_id = a.tenant_id AND i.agent_id = a.id`

func findAsset(ctx context.Context, tx *postgres.Tx, agent uuid.UUID) (m measured, err error) {
	err = tx.QueryRow(ctx, sqlAsset, agent).Scan(&m.key.tenant, &m.key.agent, &m.AgentID, &m.Hostname, &m.TenantID, &m.TenantName, &m.Importance)
	if errors.Is(err, pgx.ErrNoRows) {
		return m, fault.New(fault.NotFound, "there is no such agent")
	}
	if err != nil {
		return m, fmt.Errorf("find asset: %w", err)
	}
	return m, nil
}

const sqlPutImportance = `
INSERT INTO asset_importance (tenant_id, agent_id, importance, created_by, created_at, last_modified_by, last_modified_at) VALUES ($1, $2, $3, $4, $5, $4, $5)
ON CONFLICT (tenant_id, agent_id) DO UPDATE SET importance = excluded.importance, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

func putImportance(ctx context.Context, tx *postgres.Tx, key assetKey, importance int) error {
	if _, err := tx.Exec(ctx, sqlPutImportance, key.tenant, key.agent, importance, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("store importance: %w", err)
	}
	return nil
}

const sqlWeights = `
SELECT version, weights, reason, created_at FROM risk_weights WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1`

// findWeights gives the weights that hold for a tenant; version 0 are the product's.
func findWeights(ctx context.Context, tx *postgres.Tx, tenant int32) (v Version, err error) {
	var text string
	err = tx.QueryRow(ctx, sqlWeights, tenant).Scan(&v.Version, &text, &v.Reason, &v.CreatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return Version{Weights: Default()}, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &v.Weights)
	}
	if err != nil {
		return v, fmt.Errorf("read weights: %w", err)
	}
	return v, nil
}

const sqlListWeights = `
SELECT DISTINCT ON (tenant_id) tenant_id, weights FROM risk_weights WHERE tenant_id = ANY($1::int[]) ORDER BY tenant_id, version DESC`

// listWeights gives the weights of the visible tenants that have some of their own.
func listWeights(ctx context.Context, tx *postgres.Tx) (map[int32]*Weights, error) {
	found, err := tx.Query(ctx, sqlListWeights, tx.Scope.Visible)
	if err != nil {
		return nil, fmt.Errorf("list weights: %w", err)
	}
	byTenant := map[int32]*Weights{}
	var tenant int32
	var text string
	_, err = pgx.ForEachRow(found, []any{&tenant, &text}, func() error {
		w := &Weights{}
		byTenant[tenant] = w
		return json.Unmarshal([]byte(text), w)
	})
	if err != nil {
		return nil, fmt.Errorf("list weights: %w", err)
	}
	return byTenant, nil
}

func addWeights(ctx context.Context, tx *postgres.Tx, v Version) error {
	text, err := json.Marshal(v.Weights)
	if err != nil {
		return fmt.Errorf("encode weights: %w", err)
	}
	const add = `INSERT INTO risk_weights (tenant_id, version, weights, reason, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)`
	if _, err := tx.Exec(ctx, add, tx.Scope.Tenant, v.Version, string(text), v.Reason, tx.Scope.Actor.String(), tx.Now); err != nil {
		return fmt.Errorf("store weights: %w", err)
	}
	return nil
}

const sqlPutDay = `
INSERT INTO risk_days (tenant_id, day, score, assets, low, medium, high, critical, weights_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_id, day) DO UPDATE SET score = excluded.score, assets = excluded.assets, low = excluded.low, medium = excluded.medium, high = excluded.high,
       critical = excluded.critical, weights_version = excluded.weights_version`

func putDay(ctx context.Context, tx *postgres.Tx, d Day) error {
	_, err := tx.Exec(ctx, sqlPutDay, tx.Scope.Tenant, d.Day, d.Score, d.Assets, d.Open[findings.Low], d.Open[findings.Medium], d.Open[findings.High], d.Open[findings.Critical], d.WeightsVersion)
	if err != nil {
		return fmt.Errorf("store the day's risk: %w", err)
	}
	return nil
}

const sqlDays = `
SELECT day, score, assets, low, medium, high, critical, weights_version FROM risk_days WHERE tenant_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day LIMIT 1000`

func listDays(ctx context.Context, tx *postgres.Tx, from, to time.Time) ([]Day, error) {
	found, err := tx.Query(ctx, sqlDays, tx.Scope.Tenant, from, to)
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return pgx.CollectRows(found, func(row pgx.CollectableRow) (Day, error) {
		var d Day
		var score float32
		err := row.Scan(&d.Day, &score, &d.Assets, &d.Open[findings.Low], &d.Open[findings.Medium], &d.Open[findings.High], &d.Open[findings.Critical], &d.WeightsVersion)
		d.Score = float64(score)
		return d, err
	})
}

const sqlModules = `
SELECT c.name, s.rows, s.changed_at, s.last_batch_at, s.status_code, s.execution_log
  FROM agent_collections s JOIN collections c ON c.tenant_id = s.tenant_id AND c.id = s.collection_id
 WHERE s.tenant_id = $1 AND s.agent_id = $2 ORDER BY c.name LIMIT 5000`

func listModules(ctx context.Context, tx *postgres.Tx, key assetKey) ([]Module, error) {
	found, err := tx.Query(ctx, sqlModules, key.tenant, key.agent)
	if err != nil {
		return nil, fmt.Errorf("list modules: %w", err)
	}
	return pgx.CollectRows(found, func(row pgx.CollectableRow) (Module, error) {
		var m Module
		var log string
		err := row.Scan(&m.Name, &m.Rows, &m.ChangedAt, &m.SeenAt, &m.code, &log)
		if log != "" {
			m.Messages = append(m.Messages, log)
		}
		return m, err
	})
}
