package usage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	sqlPlans = `SELECT id, plan FROM tenants WHERE id = ANY($1::int[])`

	sqlAgentsNow    = `SELECT count(*) FROM agents WHERE tenant_id = $1 AND state <> 'revoked'`
	sqlQueriesToday = `SELECT count(*) FROM live_queries WHERE tenant_id = $1 AND created_at >= $2`
	sqlScansToday   = `SELECT count(*) FROM scan_runs WHERE tenant_id = $1 AND created_at >= $2`
)

// count counts what people begin.
func count(ctx context.Context, tx *postgres.Tx, tenant int32, meter Meter) (used int64, err error) {
	today := dayOf(tx.Now)
	switch meter {
	case Agents:
		err = tx.QueryRow(ctx, sqlAgentsNow, tenant).Scan(&used)
	case LiveQueries:
		err = tx.QueryRow(ctx, sqlQueriesToday, tenant, today).Scan(&used)
	case Scans:
		err = tx.QueryRow(ctx, sqlScansToday, tenant, today).Scan(&used)
	default:
		err = errors.New("nothing is refused for it")
	}
	if err != nil {
		return 0, fmt.Errorf("count %s of tenant %d: %w", meter, tenant, err)
	}
	return used, nil
}

// stock is what a tenant uses of a meter that its plan limits.
type stock struct {
	plan       access.Tier
	used, most int64
}

// Places are what tenants have left of one meter. Tenants without a limit are not in it.
type Places struct {
	of     nature
	stocks map[int32]*stock
}

// Places tells how much room the plans of some of the transaction's tenants have for more of the meter. It is asked in the
// transaction that makes them, before it does: of two that ask for the last place, one waits for the other. Tenants whose
// plans have no limit cost one short statement.
func (s *Service) Places(ctx context.Context, tx *postgres.Tx, meter Meter, tenants []int32) (*Places, error) {
	i := slices.IndexFunc(meters, func(m nature) bool { return m.meter == meter })
	p := &Places{of: meters[i], stocks: map[int32]*stock{}}
	rows, err := tx.Query(ctx, sqlPlans, tenants)
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	var tenant int32
	var plan access.Tier
	_, err = pgx.ForEachRow(rows, []any{&tenant, &plan}, func() error {
		if most := s.Plans.limit(plan, meter); most != nil {
			p.stocks[tenant] = &stock{plan: plan, most: *most}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	for _, tenant := range slices.Sorted(maps.Keys(p.stocks)) { // in one order for all, against deadlocks
		if err := tx.Lock(ctx, postgres.Counting, tenant); err != nil {
			return nil, err
		}
		if p.stocks[tenant].used, err = count(ctx, tx, tenant, meter); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Take takes a place of a tenant, or refuses as fault.LimitReached.
func (p *Places) Take(tenant int32) error {
	have := p.stocks[tenant]
	switch {
	case have == nil:
		return nil
	case have.used < have.most:
		have.used++
		return nil
	default:
		return fault.New(fault.LimitReached, "%d of %d %s of the plan %s are used: %s", have.used, have.most, p.of.what, have.plan, remedy(p.of.period))
	}
}

// Room refuses, as fault.LimitReached, what the plan of the transaction's tenant has no room for: one more of the meter. It is
// asked in the transaction that would make it, before it does.
func (s *Service) Room(ctx context.Context, tx *postgres.Tx, meter Meter) error {
	places, err := s.Places(ctx, tx, meter, []int32{tx.Scope.Tenant})
	if err != nil {
		return err
	}
	return places.Take(tx.Scope.Tenant)
}

func remedy(period string) string {
	if period == "day" {
		return "it begins anew at midnight UTC, or take a larger plan"
	}
	return "revoke one, or take a larger plan"
}
