package findings

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
)

// Judge looks at collections of agents whose rows changed, all of the transaction's tenant, and writes what follows.
type Judge interface {
	Judge(ctx context.Context, tx *postgres.Tx, changed []rows.Pending) error
}

// restTime is between two rounds, so that under load one judges what many commits brought instead of each its own.
const restTime = 100 * time.Millisecond

// RunnerConfig sets up a Runner. Zero values are replaced by the defaults named.
type RunnerConfig struct {
	DB     *postgres.DB
	Judges []Judge
	Batch  int           // collections a transaction; 200
	Every  time.Duration // between looks at all tenants, for what another server left; one minute
	Log    *slog.Logger
}

// Runner has the judges look at what changed, and at nothing else. What waits is in the database: a crash loses no
// judgement, and a second server may judge too.
type Runner struct {
	RunnerConfig
	mu      sync.Mutex
	tenants map[int32]bool
	wake    chan struct{}
}

// NewRunner makes a Runner.
func NewRunner(c RunnerConfig) *Runner {
	if c.Batch <= 0 {
		c.Batch = 200
	}
	if c.Every <= 0 {
		c.Every = time.Minute
	}
	return &Runner{RunnerConfig: c, tenants: map[int32]bool{}, wake: make(chan struct{}, 1)}
}

// Wake tells that rows of some tenants were stored. It does not block.
func (r *Runner) Wake(stored []rows.Stored) {
	r.mu.Lock()
	for _, s := range stored {
		r.tenants[s.Tenant] = true
	}
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default: // it is awake
	}
}

// Run judges until ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	look := time.NewTicker(r.Every)
	defer look.Stop()
	all := true
	for {
		if err := r.round(ctx, all); err != nil && ctx.Err() == nil {
			r.Log.ErrorContext(ctx, "judging failed; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(restTime):
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.wake:
			all = false
		case <-look.C:
			all = true
		}
	}
}

// round judges the tenants that were told of, or all that have something waiting.
func (r *Runner) round(ctx context.Context, all bool) error {
	r.mu.Lock()
	told := r.tenants
	r.tenants = map[int32]bool{}
	r.mu.Unlock()
	var tenants []int32
	for tenant := range told {
		tenants = append(tenants, tenant)
	}
	if all {
		err := r.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, `SELECT keeper.tenants_to_judge()`).Scan(&tenants)
		})
		if err != nil {
			return fmt.Errorf("list tenants to judge: %w", err)
		}
	}
	slices.Sort(tenants)
	var failures []error
	for _, tenant := range tenants {
		if err := r.RunOnce(ctx, tenant); err != nil {
			failures = append(failures, fmt.Errorf("judge tenant %d: %w", tenant, err))
		}
	}
	return errors.Join(failures...)
}

// RunOnce judges all that waits in a tenant.
func (r *Runner) RunOnce(ctx context.Context, tenant int32) error {
	for {
		n := 0
		err := r.DB.InScope(ctx, access.System(tenant, "judge"), func(ctx context.Context, tx *postgres.Tx) error {
			// One server at a time judges a tenant, so that two do not write the same verdict.
			if err := tx.Lock(ctx, postgres.Judging, tenant); err != nil {
				return err
			}
			changed, err := rows.ListPending(ctx, tx, r.Batch)
			if n = len(changed); err != nil || n == 0 {
				return err
			}
			for _, judge := range r.Judges {
				if err := judge.Judge(ctx, tx, changed); err != nil {
					return err
				}
			}
			return rows.Judged(ctx, tx, changed)
		})
		if err != nil || n < r.Batch {
			return err
		}
	}
}
