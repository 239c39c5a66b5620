package usage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	sqlPlan = `SELECT plan FROM tenants WHERE id = $1`

	sqlAgentsNow    = `SELECT count(*) FROM agents WHERE tenant_id = $1 AND state <> 'revoked'`
	sqlQueriesToday = `SELECT count(*) FROM live_queries WHERE tenant_id = $1 AND created_at >= $2`
	sqlScansToday   = `SELECT count(*) FROM scan_runs WHERE tenant_id = $1 AND created_at >= $2`
)

// count counts what people begin.
func count(ctx context.Context, tx *postgres.Tx, meter Meter) (used int64, err error) {
	tenant, today := tx.Scope.Tenant, dayOf(tx.Now)
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

// Room refuses, as fault.LimitReached, what the plan of the transaction's tenant has no room for: one more of the meter. It is
// asked in the transaction that would make it, before it does. A plan without a limit costs one short statement.
func Room(ctx context.Context, tx *postgres.Tx, meter Meter) error {
	tenant := tx.Scope.Tenant
	var plan access.Tier
	if err := tx.QueryRow(ctx, sqlPlan, tenant).Scan(&plan); err != nil {
		return fmt.Errorf("read the plan of tenant %d: %w", tenant, err)
	}
	most := limit(plan, meter)
	if most == nil {
		return nil
	}
	if err := tx.Lock(ctx, postgres.Counting, tenant); err != nil { // two that ask for the last place come one after the other
		return err
	}
	used, err := count(ctx, tx, meter)
	if err != nil {
		return err
	}
	if used < *most {
		return nil
	}
	i := slices.IndexFunc(meters, func(m nature) bool { return m.meter == meter })
	return fault.New(fault.LimitReached, "%d of %d %s of the plan %s are used: %s", used, *most, meters[i].what, plan, remedy(meters[i].period))
}

func remedy(period string) string {
	if period == "day" {
		return "it begins anew at midnight UTC, or take a larger plan"
	}
	return "revoke one, or take a larger plan"
}
