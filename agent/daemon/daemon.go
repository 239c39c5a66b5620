// Package daemon is the agent at work: configuration, schedule, engine, spool and link of one enrolled endpoint, started
// and stopped together. It goes on without the fleet, from the last configuration.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/events"
	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/agent/link"
	"github.com/tenantra/tenantra/agent/live"
	"github.com/tenantra/tenantra/agent/policy"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/schedule"
	"github.com/tenantra/tenantra/agent/spool"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/agent/watchdog"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

const (
	usualHeartbeat = time.Minute
	lockWait       = 10 * time.Second
	stopTime       = 5 * time.Second
	shrinkEvery    = 10 * time.Minute
)

// Options of a daemon.
type Options struct {
	StateDir   string
	PolicyFile string // "" for none
	Root       string // where the / of the host is mounted, for an agent in a container; "" for this system
	Version    string
	Log        *slog.Logger
	Tables     []*tables.Table // nil: all
	Pace       link.Pace       // of the link; zero is usual

	DisabledEvents []string // tables of events that are never recorded; all for none
	Extensions     Extensions
	Flags          []tables.Flag // that the program was started with
}

// Run runs the agent until the context ends. It fails at once where the state directory holds no identity, is in use, or
// cannot be made safe.
func Run(ctx context.Context, o Options) error {
	for {
		if err := runAs(ctx, o); !errors.Is(err, errAnew) {
			return err
		}
	}
}

// runAs is Run for one identity.
func runAs(ctx context.Context, o Options) error {
	dir, err := state.OpenDir(o.StateDir, o.Log)
	if err != nil {
		return err
	}
	local := policy.Local{}
	if o.PolicyFile != "" {
		if local, err = policy.Load(o.PolicyFile); err != nil {
			return err
		}
	}
	id, err := enroll.Load(dir)
	if err != nil {
		return err
	}
	lock, err := dir.Lock(ctx, lockWait)
	if err != nil {
		return err
	}
	defer lock.Close()
	db, err := state.Open(ctx, dir, id.AgentID, id.TenantID, o.Log)
	if err != nil {
		return err
	}
	defer db.Close()
	return run(ctx, o, dir, id, local, db)
}

func run(ctx context.Context, o Options, dir state.Dir, id *enroll.Identity, local policy.Local, db *state.DB) error {
	recorded, err := buffer.Open(ctx, o.StateDir, buffer.Options{Log: o.Log.With("component", "events")})
	if err != nil {
		return err
	}
	defer recorded.Close()
	if o.Tables == nil {
		o.Tables = all.Tables()
	}
	extensions := newExtensions(o, local)
	h, err := host.New(o.Root, o.Log.With("component", "tables"), extensions.self(state.NewSelf(db, recorded, o.Version).WithFlags(o.Flags).WithPrometheusTargets(local.PrometheusTargets)))
	if err != nil {
		return err
	}
	e, err := engine.New(engine.Options{Tables: o.Tables, Host: h, Pool: 3}) // a scheduled and two live statements
	if err != nil {
		return err
	}
	defer e.Close()
	signer := spool.Signer{AgentID: id.AgentID, TenantID: id.TenantID, Key: id.Key()}
	outbox := link.NewOutbox()
	d := &daemon{o: o, db: db, engine: e, local: local, spool: spool.New(db, signer), outbox: outbox, started: time.Now(), moves: make(chan protocol.Move, 1), rekeys: make(chan protocol.Rekey, 1)}
	if err := d.spool.Resign(ctx); err != nil {
		return err
	}
	d.events = recorded
	d.recorder = events.New(events.Options{Buffer: recorded, StateDir: o.StateDir, Log: o.Log.With("component", "events")})
	d.applyPolicy(protocol.Config{})
	d.record(protocol.Config{}) // what the policy file names
	d.scheduler = schedule.New(schedule.Options{
		AgentID: id.AgentID, Engine: e, DB: db, Spool: d.spool, Policy: d.policyNow, Report: outbox.Log,
		Idle: debug.FreeOSMemory, // the agent is a guest: what a burst of queries needed is given back at once
		Log:  o.Log.With("component", "schedule"), Now: time.Now, After: time.After,
	})
	d.live = live.New(live.Options{
		Engine: e, DB: db, Signer: signer, Policy: d.policyNow, Send: outbox.Answer, Log: o.Log.With("component", "live"),
	})
	if err := d.restore(ctx, link.TrustOf(id)); err != nil {
		return err
	}
	if err := db.Started(ctx, d.started, o.Version); err != nil {
		return err
	}
	l := link.New(link.Options{
		Identity: id, InstanceID: uuid.NewString(), HardwareID: enroll.HardwareID(o.Root), Facts: enroll.Facts(o.Version, o.Root),
		Spool: d.spool, Outbox: outbox, Orders: d, Heartbeat: d.heartbeat, Log: o.Log.With("component", "link"), Pace: o.Pace,
	})
	o.Log.InfoContext(ctx, "the agent runs", "agent_id", id.AgentID, "tenant_id", id.TenantID, "version", o.Version, "config_version", d.version.Load())
	g, running := errgroup.WithContext(ctx)
	g.Go(func() error { return d.scheduler.Run(running) })
	g.Go(func() error { return d.live.Run(running) })
	g.Go(func() error { return l.Run(running) })
	g.Go(func() error { return d.tidy(running) })
	g.Go(func() error { return d.follow(running, dir, id) })
	g.Go(func() error { return d.changeKey(running, dir, *id) })
	g.Go(func() error { return recorded.Run(running) })
	g.Go(func() error { return d.recorder.Run(running) })
	g.Go(func() error { return extensions.run(running, e) })
	err = g.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	err = errors.Join(err, recorded.Stop(last, "the agent does not run"), db.Ended(last))
	o.Log.InfoContext(ctx, "the agent stopped")
	return err
}

// daemon joins the parts. It carries out the fleet's orders: see link.Orders.
type daemon struct {
	o         Options
	db        *state.DB
	engine    *engine.Engine
	local     policy.Local
	spool     *spool.Spool
	outbox    *link.Outbox
	scheduler *schedule.Scheduler
	live      *live.Runner
	events    *buffer.Buffer
	recorder  *events.Recorder
	started   time.Time
	moves     chan protocol.Move
	rekeys    chan protocol.Rekey

	policy      atomic.Pointer[policy.Policy]
	version     atomic.Int64 // of the configuration in force
	beatSeconds atomic.Int64
}

var _ link.Orders = (*daemon)(nil)

func (d *daemon) policyNow() policy.Policy { return *d.policy.Load() }

func (d *daemon) applyPolicy(config protocol.Config) {
	p := policy.New(d.local, config)
	d.policy.Store(&p)
}

// restore puts the last configuration in force again. One that does not hold under the pinned root key is not used.
func (d *daemon) restore(ctx context.Context, trust link.Trust) error {
	command, version, err := d.db.Config(ctx)
	if err != nil || command == nil {
		return err
	}
	order, err := trust.Reopen(*command)
	if err != nil || order.Config == nil {
		d.o.Log.ErrorContext(ctx, "the stored configuration is not used: the fleet will send it again", "err", err)
		return nil
	}
	return d.enforce(ctx, *order.Config, version)
}

// enforce has everything follow a configuration.
func (d *daemon) enforce(ctx context.Context, config protocol.Config, version int64) error {
	d.applyPolicy(config)
	d.version.Store(version)
	d.beatSeconds.Store(int64(config.HeartbeatSeconds))
	d.record(config)
	return d.scheduler.SetConfig(ctx, config)
}

// Apply is part of link.Orders. A version below the one in force is refused, the same version changes nothing.
func (d *daemon) Apply(ctx context.Context, command protocol.Command, order *link.Order) error {
	now, next := d.version.Load(), order.Header.Version
	if next < now {
		return &link.Untrusted{Code: "order_older", Reason: fmt.Sprintf("configuration %d is older than %d, which is in force", next, now)}
	}
	if next == now && now != 0 {
		return nil
	}
	if err := d.db.SaveConfig(ctx, command, next, *order.Config); err != nil {
		return err
	}
	if err := d.enforce(ctx, *order.Config, next); err != nil {
		return err
	}
	d.warn(*order.Config) // by the policy that the configuration itself brings
	d.o.Log.InfoContext(ctx, "a new configuration is in force", "config_version", next, "queries", len(order.Config.Queries))
	return nil
}

// warn tells the fleet's operators at once which scheduled queries cannot run here.
func (d *daemon) warn(config protocol.Config) {
	for _, q := range config.Queries {
		analysis, err := d.engine.Check(q.SQL)
		if err == nil {
			for _, ref := range analysis.Reads {
				if err = d.policyNow().Allow(ref); err != nil {
					break
				}
			}
		}
		if err != nil {
			d.outbox.Log(protocol.Log{At: time.Now().UTC(), Severity: "warn", Code: "query_cannot_run", Message: "a scheduled query cannot run here: " + err.Error(),
				Facts: map[string]string{"collection": q.Collection}})
		}
	}
}

// Query is part of link.Orders.
func (d *daemon) Query(ctx context.Context, q protocol.LiveQuery, expires time.Time) {
	d.live.Start(ctx, q, expires)
}

// Cancel is part of link.Orders.
func (d *daemon) Cancel(_ context.Context, c protocol.Cancel) { d.live.Cancel(c.QueryID) }

// Scan is part of link.Orders.
func (d *daemon) Scan(_ context.Context, s protocol.Scan) {
	d.scheduler.Scan(s.ScanContextID, s.Collections)
}

// Resync is part of link.Orders.
func (d *daemon) Resync(ctx context.Context, collections []string) error {
	if len(collections) == 0 {
		d.scheduler.Trigger()
		return nil
	}
	known, err := d.db.Reset(ctx, collections...)
	if err != nil {
		return err
	}
	if len(known) > 0 {
		d.scheduler.Trigger(known...)
	}
	return nil
}

func (d *daemon) heartbeat(ctx context.Context) (protocol.HeartbeatHeader, time.Duration, error) {
	next := usualHeartbeat
	if seconds := d.beatSeconds.Load(); seconds > 0 {
		next = time.Duration(seconds) * time.Second
	}
	stats, err := d.spool.Stats(ctx)
	if err != nil {
		return protocol.HeartbeatHeader{}, next, err
	}
	return protocol.HeartbeatHeader{
		ConfigVersion: d.version.Load(), UptimeSeconds: int64(time.Since(d.started).Seconds()),
		RSSBytes: watchdog.ResidentBytes(), CPUMillis: watchdog.CPU().Milliseconds(),
		SpoolBatches: stats.Batches, SpoolBytes: stats.Bytes, SpoolDropped: stats.Dropped,
	}, next, nil
}

// tidy gives disk room back that the spool and old events do not need any more.
func (d *daemon) tidy(ctx context.Context) error {
	ticker := time.NewTicker(shrinkEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := d.spool.Shrink(ctx); err != nil && ctx.Err() == nil {
				d.o.Log.WarnContext(ctx, "the state file could not be shrunk", "err", err)
			}
			if err := d.events.Tidy(ctx); err != nil && ctx.Err() == nil {
				d.o.Log.WarnContext(ctx, "the buffer of events could not be tidied", "err", err)
			}
		}
	}
}
