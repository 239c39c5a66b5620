package layers

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Run watches canaries until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			if err := s.WatchOnce(ctx); err != nil && ctx.Err() == nil {
				s.settings.Log.WarnContext(ctx, "canaries of configurations are not watched", "err", err)
			}
		}
	}
}

// WatchOnce notes which agents have taken what they were given, and takes back the layers whose canary broke its budget.
// Several servers may do so at once: a layer is stopped once.
func (s *Service) WatchOnce(ctx context.Context) error {
	var found []rolling
	err := s.settings.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		found, err = lookupRolling(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range found {
		if err := s.watch(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) watch(ctx context.Context, r rolling) error {
	below, err := s.settings.DB.Subtree(ctx, r.tenant)
	if err != nil {
		return err
	}
	all := []int32{r.tenant} // InTenants takes the first for its own
	for _, tenant := range below {
		if tenant != r.tenant {
			all = append(all, tenant)
		}
	}
	return s.settings.DB.InTenants(ctx, all, access.Actor{Kind: access.KindSystem, Name: "layers"}, func(ctx context.Context, tx *postgres.Tx) error {
		l, err := findLayer(ctx, tx, r.kind, r.target)
		if fault.CodeOf(err) == fault.NotFound || err == nil && l.State != Rolling {
			return nil // changed meanwhile
		}
		if err != nil {
			return err
		}
		if err := noteTaken(ctx, tx, all); err != nil {
			return err
		}
		trials, err := listTrials(ctx, tx, l, all)
		if err != nil {
			return err
		}
		reason := l.judge(trials, tx.Now)
		if reason == "" {
			return nil
		}
		stopped, err := stopLayer(ctx, tx, l, reason)
		if err != nil || !stopped {
			return err
		}
		tx.AfterCommit(func() {
			s.settings.Log.WarnContext(ctx, "a configuration was taken back", "tenant_id", l.TenantID, "layer", l.Kind, "target", l.Target, "reason", reason)
			s.announce(context.WithoutCancel(ctx), l.Tenant)
		})
		return audit.Record(ctx, tx, audit.Entry{Action: "config.stop", Object: string(l.Kind) + ":" + l.Target.String(), Detail: map[string]any{"version": l.Version, "reason": reason}})
	})
}

// judge says why a canary is to be stopped, "" where it is not.
func (l *Layer) judge(trials []trial, now time.Time) string {
	var agents, failing, judged int64
	var perHour int64 // milliseconds, summed up
	for _, t := range trials {
		if !l.inCanary(t.id) {
			continue
		}
		agents++
		if t.failing {
			failing++
		}
		if had := now.Sub(t.since); had >= soak && t.cpu >= 0 {
			judged++
			perHour += int64(float64(t.cpu) * float64(time.Hour) / float64(had))
		}
	}
	switch {
	case failing > 0 && failing*100 > agents*int64(l.Budget.FailingPercent):
		return fmt.Sprintf("queries fail on %d of the %d agents that try it; %d %% may", failing, agents, l.Budget.FailingPercent)
	case judged > 0 && perHour/judged > l.Budget.CPUMillis:
		return fmt.Sprintf("the %d agents that try it use %d ms of CPU an hour on average; %d may be used", judged, perHour/judged, l.Budget.CPUMillis)
	default:
		return ""
	}
}
