package usage

import (
	"context"
	"fmt"
	"time"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// The day's most agents stay; the rest is as it is. A day is counted for as long as it lasts, and once more after its end.
const sqlStock = `
INSERT INTO usage_days AS u (tenant_id, day, agents, agents_seen, live_queries, scans, exports, stored_rows, stored_bytes)
SELECT t.id, $2::date, coalesce(a.agents, 0), coalesce(p.seen, 0), coalesce(q.asked, 0), coalesce(r.scans, 0), coalesce(e.exports, 0), coalesce(c.rows, 0), coalesce(c.bytes, 0)
  FROM tenants t
  LEFT JOIN (SELECT tenant_id, count(*) AS agents FROM agents WHERE state <> 'revoked' GROUP BY tenant_id) a ON a.tenant_id = t.id
  LEFT JOIN (SELECT tenant_id, count(*) AS seen FROM agent_presence WHERE last_seen_at >= $3 AND last_seen_at < $4 GROUP BY tenant_id) p ON p.tenant_id = t.id
  LEFT JOIN (SELECT tenant_id, count(*) AS asked FROM live_queries WHERE created_at >= $3 AND created_at < $4 GROUP BY tenant_id) q ON q.tenant_id = t.id
  LEFT JOIN (SELECT tenant_id, count(*) AS scans FROM scan_runs WHERE created_at >= $3 AND created_at < $4 GROUP BY tenant_id) r ON r.tenant_id = t.id
  LEFT JOIN (SELECT tenant_id, count(*) AS exports FROM audit_entries
              WHERE at >= $3 AND at < $4 AND (action = 'export' OR action LIKE '%.export') GROUP BY tenant_id) e ON e.tenant_id = t.id
  LEFT JOIN (SELECT tenant_id, sum(rows) AS rows, sum(bytes) AS bytes FROM agent_collections GROUP BY tenant_id) c ON c.tenant_id = t.id
 WHERE t.id = ANY($1::int[]) AND t.created_at < $4
ON CONFLICT (tenant_id, day) DO UPDATE SET agents = CASE WHEN $5 THEN GREATEST(u.agents, excluded.agents) ELSE u.agents END, agents_seen = GREATEST(u.agents_seen, excluded.agents_seen),
       live_queries = GREATEST(u.live_queries, excluded.live_queries), scans = GREATEST(u.scans, excluded.scans), exports = GREATEST(u.exports, excluded.exports),
       stored_rows = CASE WHEN $5 THEN excluded.stored_rows ELSE u.stored_rows END, stored_bytes = CASE WHEN $5 THEN excluded.stored_bytes ELSE u.stored_bytes END`

// TakeStock counts for all tenants what is not counted as it happens. Several servers may do so at once.
func (s *Service) TakeStock(ctx context.Context) error {
	tenants, err := s.Tenants(ctx)
	if err != nil {
		return err
	}
	if len(tenants) == 0 {
		return nil
	}
	today := dayOf(s.Now())
	for _, day := range []time.Time{today.AddDate(0, 0, -1), today} {
		err := s.DB.InTenants(ctx, tenants, actor, func(ctx context.Context, tx *postgres.Tx) error {
			_, err := tx.Exec(ctx, sqlStock, tenants, day, day, day.AddDate(0, 0, 1), day.Equal(today))
			return err
		})
		if err != nil {
			return fmt.Errorf("take stock of %s: %w", day.Format(time.DateOnly), err)
		}
	}
	return nil
}
