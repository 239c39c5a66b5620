package compliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// UpkeepConfig sets up Upkeep. Zero values are replaced by the defaults named.
type UpkeepConfig struct {
	Tenants func(ctx context.Context) ([]int32, error) // all of the installation
	Lapse   time.Duration                              // between looks for expired waivers; 1 minute
	Keep    time.Duration                              // between writes of the day's scores; 1 hour, the first after a sixtieth of it
	Log     *slog.Logger
}

// Upkeep ends expired waivers and keeps the trend until ctx ends. What fails is logged and tried again.
func (s *Service) Upkeep(ctx context.Context, c UpkeepConfig) error {
	if c.Lapse <= 0 {
		c.Lapse = time.Minute
	}
	if c.Keep <= 0 {
		c.Keep = time.Hour
	}
	lapse, keep := time.NewTicker(c.Lapse), time.NewTicker(c.Keep)
	first := time.NewTimer(c.Keep / 60) // a server that is started often keeps a trend as well
	defer lapse.Stop()
	defer keep.Stop()
	defer first.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-lapse.C:
			if err := s.lapse(ctx); err != nil && ctx.Err() == nil {
				c.Log.WarnContext(ctx, "expired waivers are not ended", "err", err)
			}
		case <-first.C:
			s.keepAll(ctx, c)
		case <-keep.C:
			s.keepAll(ctx, c)
		}
	}
}

func (s *Service) keepAll(ctx context.Context, c UpkeepConfig) {
	tenants, err := c.Tenants(ctx)
	if err == nil {
		err = s.KeepScores(ctx, tenants)
	}
	if err != nil && ctx.Err() == nil {
		c.Log.WarnContext(ctx, "the day's scores are not kept", "err", err)
	}
}

// KeepScores writes today's scores of tenants, as Upkeep does every hour; what is the same is not written. One tenant's
// failure does not keep the others'.
func (s *Service) KeepScores(ctx context.Context, tenants []int32) error {
	var failures []error
	for _, tenant := range tenants {
		if err := s.keepScores(ctx, tenant); err != nil {
			failures = append(failures, fmt.Errorf("keep scores of tenant %d: %w", tenant, err))
		}
	}
	return errors.Join(failures...)
}
