package usage

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	flushEvery = 10 * time.Second
	stockEvery = 10 * time.Minute
	historyMax = 3 * 366 * 24 * time.Hour
	flushTime  = 5 * time.Second // for the last of a server that stops
)

// Config is what a Service needs of its surroundings.
type Config struct {
	DB      *postgres.DB
	Tenants func(context.Context) ([]int32, error) // every tenant of the installation
	Plans   Plans                                  // nil: DefaultPlans
	Now     func() time.Time                       // nil: time.Now
	Log     *slog.Logger                           // nil: discarded
}

// Service counts. Safe for concurrent use; Run must run while it is used.
type Service struct {
	Config

	mu    sync.Mutex
	flows map[dayKey]flow // not written yet
}

// New makes a Service.
func New(c Config) *Service {
	if c.Plans == nil {
		c.Plans = DefaultPlans()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Config: c, flows: map[dayKey]flow{}}
}

// Run writes what is counted until ctx ends, and then the last of it.
func (s *Service) Run(ctx context.Context) error {
	flush, stock := time.NewTicker(flushEvery), time.NewTicker(stockEvery)
	defer flush.Stop()
	defer stock.Stop()
	s.try(ctx, s.TakeStock)
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
			defer cancel()
			s.try(last, s.flush)
			return ctx.Err()
		case <-flush.C:
			s.try(ctx, s.flush)
		case <-stock.C:
			s.try(ctx, s.TakeStock)
		}
	}
}

func (s *Service) try(ctx context.Context, work func(context.Context) error) {
	if err := work(ctx); err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "usage is not counted", "err", err)
	}
}

// Standings gives how the scope's visible tenants stand against their plans, by short name. What agents sent in the last
// seconds may be missing.
func (s *Service) Standings(ctx context.Context, scope access.Scope, after place, limit int) (found []Standing, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = listStandings(ctx, tx, s.Plans, after, limit)
		return err
	})
	return found, err
}

// The lengths of periods.
const (
	Day   = "day"
	Month = "month"
)

// History chooses periods. From and To are days, UTC, both counted; zero ones are the last 30 days or 12 months.
type History struct {
	By       string // Day or Month
	From, To time.Time
}

func (h *History) complete(now time.Time) error {
	if h.To.IsZero() {
		h.To = dayOf(now)
	}
	if h.From.IsZero() {
		h.From = h.To.AddDate(0, 0, -29)
		if h.By == Month {
			h.From = time.Date(h.To.Year(), h.To.Month()-11, 1, 0, 0, 0, 0, time.UTC)
		}
	}
	switch {
	case h.To.Before(h.From):
		return fault.Field(fault.Invalid, "query.from", "is after the end")
	case h.To.Sub(h.From) > historyMax:
		return fault.Field(fault.Invalid, "query.from", "asks for more than three years")
	}
	return nil
}

// Periods gives what the scope's visible tenants used, the youngest period first. The numbers of the present day are at most
// a few minutes old.
func (s *Service) Periods(ctx context.Context, scope access.Scope, h History, after since, limit int) (found []Period, err error) {
	if err := h.complete(s.Now()); err != nil {
		return nil, err
	}
	if after.Begin.IsZero() {
		after.Begin = h.To.AddDate(0, 0, 1)
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = listPeriods(ctx, tx, h, after, limit)
		return err
	})
	return found, err
}
