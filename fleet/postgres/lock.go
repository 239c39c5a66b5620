package postgres

import (
	"context"
	"fmt"
)

// Lock is what one transaction at a time does for a tenant, on whichever server. All are here, so that no two features hold
// each other up by the same number. The numbers are the first key of advisory locks, the tenant is the second.
type Lock int32

// The locks.
const (
	Sweeping   Lock = iota + 7401 // the dictionary of rows; who stores rows shares it (fleet/rows)
	ConfigKeys                    // making the keys that sign orders to agents
	Judging                       // writing findings, which judges of all kinds do
	Alerting                      // changing alerts, which a judge, a person and the clock do
	TenantKeys                    // making and wrapping the keys that tenants' secrets are sealed with
	Weighing                      // versions of the weights of risk
	Counting                      // taking one of the places that a plan has
)

// Lock waits until no other transaction holds the lock for the tenant, and holds it until the transaction ends.
func (tx *Tx) Lock(ctx context.Context, lock Lock, tenant int32) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, int32(lock), tenant); err != nil {
		return fmt.Errorf("take lock %d of tenant %d: %w", lock, tenant, err)
	}
	return nil
}
