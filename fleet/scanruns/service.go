package scanruns

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Config is what a Service needs of its surroundings.
type Config struct {
	DB    *postgres.DB
	Fleet Fleet
	// Room refuses one more scan of the transaction's tenant, as fault.LimitReached; nil: there is always room.
	Room func(ctx context.Context, tx *postgres.Tx) error
	Log  *slog.Logger // nil: discarded
}

// Service runs scans. Safe for concurrent use; Run must run while it is used.
type Service struct {
	Config
	told chan report
}

// report is a batch that was stored.
type report struct {
	from   From
	header protocol.BatchHeader
}

const reportsMax = 4096 // that wait to be written

// New makes a Service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Config: c, told: make(chan report, reportsMax)}
}

// Trigger starts a scan: it resolves the selection, stores the ledger and sends the order to the agents that are connected.
func (s *Service) Trigger(ctx context.Context, scope access.Scope, selection Selection, what What) (Scan, error) {
	if err := what.validate(); err != nil {
		return Scan{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Scan{}, fmt.Errorf("make id: %w", err)
	}
	var targets []Target
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		targets, err = s.Fleet.Targets(ctx, tx, selection)
		return err
	})
	if err != nil {
		return Scan{}, err
	}
	if len(targets) == 0 {
		return Scan{}, fault.Field(fault.Invalid, "body.target", "no agent matches the target")
	}
	plan := make([]planned, len(targets))
	anything := false
	for i, t := range targets {
		scheduled, err := s.Fleet.Collections(ctx, t)
		if err != nil {
			return Scan{}, err
		}
		plan[i] = planned{Target: t, collections: []string{}}
		for _, name := range scheduled {
			if what.names(name) {
				plan[i].collections = append(plan[i].collections, name)
				anything = true
			}
		}
	}
	if !anything {
		return Scan{}, fault.Field(fault.Invalid, "body", "none of the agents has any of this scheduled: see which packs, modules and checks are on")
	}
	var made Scan
	err = s.DB.InSubtree(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if s.Room != nil {
			if err := s.Room(ctx, tx); err != nil {
				return err
			}
		}
		scan := &Scan{ID: id, Tenant: scope.Tenant, Collections: append([]string{}, what.list()...), CreatedAt: tx.Now, Deadline: tx.Now.Add(scanTime)}
		if err := createScan(ctx, tx, scan, plan); err != nil {
			return err
		}
		if made, err = findScan(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "scans.trigger", Object: "scan:" + id.String(),
			Detail: map[string]any{"targets": len(targets), "collections": scan.Collections}})
	})
	if err != nil {
		return Scan{}, err
	}
	go s.send(context.WithoutCancel(ctx), id, plan)
	return made, nil
}

// send orders the agents that are to tell something. One that does not get it is asked again when it is overdue.
func (s *Service) send(ctx context.Context, id uuid.UUID, plan []planned) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	for _, p := range plan {
		if p.state() != "running" {
			continue
		}
		command, err := s.Fleet.SignCommand(ctx, p.TenantID, p.PublicID.String(), protocol.CommandScan, 0,
			protocol.Scan{ScanContextID: ContextID(id), Collections: p.collections}, protocol.QueryLife)
		if err == nil {
			err = s.Fleet.Send(ctx, p.PublicID, command)
		}
		if err != nil {
			s.Log.WarnContext(ctx, "an agent was not asked to scan", "scan_id", id, "agent_id", p.PublicID, "err", err)
		}
	}
}

// Note takes the header of a batch that was stored, without waiting. Batches of the schedule are none of its business. Where
// more come than can be written, the agent is asked again.
func (s *Service) Note(from From, h protocol.BatchHeader) {
	if _, ok := OfContext(h.ScanContextID); !ok {
		return
	}
	select {
	case s.told <- report{from, h}:
	default:
		s.Log.Warn("a result of a scan was dropped: more came than could be written")
	}
}

// Told keeps how one execution of a scan went.
func (s *Service) Told(ctx context.Context, from From, h protocol.BatchHeader) error {
	scan, ok := OfContext(h.ScanContextID)
	if !ok {
		return nil
	}
	return s.DB.InScope(ctx, access.System(from.Tenant, "scans"), func(ctx context.Context, tx *postgres.Tx) error {
		return told(ctx, tx, scan, from.Agent, h)
	})
}

// Open gives what an agent that has to be asked has yet to tell of the scans that go on, the oldest first.
func (s *Service) Open(ctx context.Context, from From) (orders []Order, err error) {
	err = s.DB.InScope(ctx, access.System(from.Tenant, "scans"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		orders, err = listOrders(ctx, tx, from.Agent)
		return err
	})
	return orders, err
}

// Cancel ends a scan of the scope's tenant. What agents are telling still enters the collections.
func (s *Service) Cancel(ctx context.Context, scope access.Scope, id uuid.UUID) (scan Scan, err error) {
	err = s.DB.InSubtree(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if scan, err = findScan(ctx, tx, id); err != nil {
			return err
		}
		if scan.Tenant != tx.Scope.Tenant {
			return fault.New(fault.NotFound, "no such scan")
		}
		if _, err := finish(ctx, tx, id, Cancelled); err != nil {
			return err
		}
		if scan, err = findScan(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "scans.cancel", Object: "scan:" + id.String()})
	})
	return scan, err
}

// Run ends scans and asks agents again until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case r := <-s.told:
			if err := s.Told(ctx, r.from, r.header); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "a result of a scan was not kept", "err", err)
			}
		case <-tick.C:
			if err := s.sweepOnce(ctx, time.Now()); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "scans are not looked after", "err", err)
			}
		}
	}
}

func (s *Service) sweepOnce(ctx context.Context, now time.Time) error {
	var found []due
	err := s.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		found, err = lookupDue(ctx, tx, now)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range found {
		scope := access.System(d.tenant, "scans")
		if scope.Visible, err = s.DB.Subtree(ctx, d.tenant); err != nil {
			return err
		}
		var again []planned
		err := s.DB.InSubtree(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
			again = nil
			if d.ended {
				_, err = finish(ctx, tx, d.id, Done)
				return err
			}
			again, err = requeue(ctx, tx, d.id, now)
			return err
		})
		if err != nil {
			return err
		}
		for i := range again {
			again[i].Online = true // whether it is, sending shows
		}
		s.send(ctx, d.id, again)
	}
	return nil
}
