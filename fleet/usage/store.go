package usage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// place orders standings: by short name, which is unique.
type place struct {
	Slug string `json:"s"`
}

const sqlStandings = `
SELECT t.id, t.public_id, t.slug, t.name, t.plan, coalesce(a.n, 0), coalesce(q.n, 0), coalesce(r.n, 0), coalesce(u.rows, 0), coalesce(u.bytes, 0)
  FROM (SELECT id, public_id, slug, name, plan FROM tenants WHERE id = ANY($1::int[]) AND status <> 'archived' AND slug > $3 ORDER BY slug LIMIT $4) t
  LEFT JOIN LATERAL (SELECT count(*) AS n FROM agents a WHERE a.tenant_id = t.id AND a.state <> 'revoked') a ON true
  LEFT JOIN LATERAL (SELECT count(*) AS n FROM live_queries q WHERE q.tenant_id = t.id AND q.created_at >= $2) q ON true
  LEFT JOIN LATERAL (SELECT count(*) AS n FROM scan_runs r WHERE r.tenant_id = t.id AND r.created_at >= $2) r ON true
  LEFT JOIN usage_days u ON u.tenant_id = t.id AND u.day = ($2::timestamptz AT TIME ZONE 'UTC')::date
 ORDER BY t.slug`

// listStandings gives how the scope's visible tenants stand, by short name.
func listStandings(ctx context.Context, tx *postgres.Tx, plans Plans, after place, limit int) ([]Standing, error) {
	day := dayOf(tx.Now)
	rows, err := tx.Query(ctx, sqlStandings, tx.Scope.Visible, day, after.Slug, limit)
	if err != nil {
		return nil, fmt.Errorf("read usage: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Standing, error) {
		s := Standing{Day: day.Format(time.DateOnly)}
		var agents, queries, scans, came, bytes int64
		err := row.Scan(&s.key, &s.TenantID, &s.Tenant, &s.TenantName, &s.Plan, &agents, &queries, &scans, &came, &bytes)
		s.Meters = plans.readings(s.Plan, map[Meter]int64{Agents: agents, LiveQueries: queries, Scans: scans, Rows: came, Bytes: bytes})
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("read usage: %w", err)
	}
	return found, nil
}

// since orders periods: the youngest first, in each by short name.
type since struct {
	Begin time.Time `json:"b"`
	Slug  string    `json:"s"`
}

// Of a month the agents are those of the day with the most, and what is stored is that of its last day.
const sqlPeriods = `
SELECT date_trunc($2, u.day::timestamp)::date AS begin, t.id, t.public_id, t.slug, max(u.agents), max(u.agents_seen), sum(u.batches)::bigint, sum(u.rows)::bigint, sum(u.bytes)::bigint,
       sum(u.live_queries)::bigint, sum(u.scans)::bigint, sum(u.exports)::bigint,
       (array_agg(u.stored_rows ORDER BY u.day DESC))[1], (array_agg(u.stored_bytes ORDER BY u.day DESC))[1]
  FROM usage_days u JOIN tenants t ON t.id = u.tenant_id
 WHERE u.tenant_id = ANY($1::int[]) AND u.day >= $3 AND u.day <= $4
 GROUP BY 1, 2, 3, 4
HAVING date_trunc($2, min(u.day)::timestamp)::date < $5::date OR date_trunc($2, min(u.day)::timestamp)::date = $5::date AND t.slug > $6
 ORDER BY begin DESC, t.slug LIMIT $7`

// listPeriods gives what the scope's visible tenants used, by day or month.
func listPeriods(ctx context.Context, tx *postgres.Tx, h History, after since, limit int) ([]Period, error) {
	rows, err := tx.Query(ctx, sqlPeriods, tx.Scope.Visible, h.By, h.From, h.To, after.Begin, after.Slug, limit)
	if err != nil {
		return nil, fmt.Errorf("read usage: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Period, error) {
		var p Period
		err := row.Scan(&p.begin, &p.key, &p.TenantID, &p.Tenant, &p.Agents, &p.AgentsSeen, &p.Batches, &p.Rows, &p.Bytes, &p.LiveQueries, &p.Scans, &p.Exports, &p.StoredRows, &p.StoredBytes)
		p.Period = p.begin.Format(time.DateOnly)
		if h.By == Month {
			p.Period = p.begin.Format("2006-01")
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read usage: %w", err)
	}
	return found, nil
}
