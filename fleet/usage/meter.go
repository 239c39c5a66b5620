package usage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// dayKey is one tenant's day.
type dayKey struct {
	tenant int32
	day    time.Time
}

// flow is what agents sent and had stored.
type flow struct{ batches, rows, bytes int64 }

// Stored counts a batch after its commit, without waiting. It is written within seconds: a server that is killed loses the
// count of those, never a row, and nothing is ever counted twice.
func (s *Service) Stored(tenant int32, rows, bytes int) {
	key := dayKey{tenant, dayOf(s.Now())}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.flows[key]
	s.flows[key] = flow{f.batches + 1, f.rows + int64(rows), f.bytes + int64(bytes)}
}

const sqlFlow = `
INSERT INTO usage_days AS u (tenant_id, day, batches, rows, bytes)
SELECT * FROM unnest($1::int[], $2::date[], $3::bigint[], $4::bigint[], $5::bigint[])
ON CONFLICT (tenant_id, day) DO UPDATE SET batches = u.batches + excluded.batches, rows = u.rows + excluded.rows, bytes = u.bytes + excluded.bytes`

// flush writes what was counted since the last time. What could not be written is counted on.
func (s *Service) flush(ctx context.Context) error {
	s.mu.Lock()
	counted := s.flows
	s.flows = make(map[dayKey]flow, len(counted))
	s.mu.Unlock()
	if len(counted) == 0 {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(counted), func(x, y dayKey) int { // one order for all servers, against deadlocks
		if x.tenant != y.tenant {
			return int(x.tenant - y.tenant)
		}
		return x.day.Compare(y.day)
	})
	var tenants []int32
	var days []time.Time
	var batches, rows, bytes []int64
	for _, key := range keys {
		f := counted[key]
		tenants, days = append(tenants, key.tenant), append(days, key.day)
		batches, rows, bytes = append(batches, f.batches), append(rows, f.rows), append(bytes, f.bytes)
	}
	err := s.DB.InTenants(ctx, slices.Compact(slices.Clone(tenants)), actor, func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.Exec(ctx, sqlFlow, tenants, days, batches, rows, bytes)
		return err
	})
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, f := range counted {
		since := s.flows[key]
		s.flows[key] = flow{f.batches + since.batches, f.rows + since.rows, f.bytes + since.bytes}
	}
	return fmt.Errorf("write usage: %w", err)
}

// actor is who counts.
var actor = access.Actor{Kind: access.KindSystem, Name: "usage"}
