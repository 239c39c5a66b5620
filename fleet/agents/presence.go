package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	presenceInterval = time.Second      // between two writes of heartbeats, for all agents in one statement
	offlineInterval  = 15 * time.Second // between two looks for agents that fell silent
)

type agentKey struct{ tenant, agent int32 }

// sighting is the newest that is known of an agent and not written yet.
type sighting struct {
	at     time.Time
	config *int64                    // nil: not told
	health *protocol.HeartbeatHeader // nil: seen, but without a heartbeat
}

// presence collects heartbeats. Safe for concurrent use.
type presence struct {
	db  *postgres.DB
	now func() time.Time

	mu   sync.Mutex
	seen map[agentKey]sighting
}

// Seen notes that an agent lives; h is its heartbeat, nil for none, configVersion the version that it has, negative where
// it did not tell. It is written within a second.
func (s *Service) Seen(identity Identity, h *protocol.HeartbeatHeader, configVersion int64) {
	key := agentKey{identity.Tenant, identity.Key}
	p := s.presence
	p.mu.Lock()
	defer p.mu.Unlock()
	fresh := sighting{p.now().UTC(), &configVersion, h}
	old := p.seen[key]
	if h == nil {
		fresh.health = old.health
	}
	if configVersion < 0 {
		fresh.config = old.config
	}
	p.seen[key] = fresh
}

const (
	// Who comes online by the statement after it.
	sqlComing = `
SELECT t.public_id, a.public_id
  FROM unnest($1::int[], $2::int[]) AS s(t, a)
  JOIN agent_presence p ON p.tenant_id = s.t AND p.agent_id = s.a AND NOT p.online
  JOIN agents a ON a.tenant_id = s.t AND a.id = s.a AND a.state = 'active'
  JOIN tenants t ON t.id = s.t`

	sqlSeen = `
UPDATE agent_presence p SET online = true, last_seen_at = GREATEST(p.last_seen_at, s.at), config_version = coalesce(s.config, p.config_version),
       uptime_seconds = coalesce(s.uptime, p.uptime_seconds), rss_bytes = coalesce(s.rss, p.rss_bytes), cpu_ms = coalesce(s.cpu, p.cpu_ms),
       spool_batches = coalesce(s.batches, p.spool_batches), spool_bytes = coalesce(s.bytes, p.spool_bytes), spool_dropped = coalesce(s.dropped, p.spool_dropped)
  FROM unnest($1::int[], $2::int[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
       AS s(t, a, at, config, uptime, rss, cpu, batches, bytes, dropped)
 WHERE p.tenant_id = s.t AND p.agent_id = s.a`

	sqlSilent = `
UPDATE agent_presence p SET online = false FROM agents a, tenants t
 WHERE p.online AND p.last_seen_at < $1 AND a.tenant_id = p.tenant_id AND a.id = p.agent_id AND t.id = p.tenant_id
RETURNING t.public_id, a.public_id`
)

// flush writes what was seen since the last time, and gives the agents that came online by it.
func (p *presence) flush(ctx context.Context) ([]changed, error) {
	p.mu.Lock()
	seen := p.seen
	p.seen = make(map[agentKey]sighting, len(seen))
	p.mu.Unlock()
	if len(seen) == 0 {
		return nil, nil
	}
	keys := make([]agentKey, 0, len(seen))
	for key := range seen {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y agentKey) int { // one order for all servers, against deadlocks
		if x.tenant != y.tenant {
			return int(x.tenant - y.tenant)
		}
		return int(x.agent - y.agent)
	})
	var t, a []int32
	var at []time.Time
	var config []*int64
	var health [6][]*int64
	for _, key := range keys {
		s := seen[key]
		t, a, at, config = append(t, key.tenant), append(a, key.agent), append(at, s.at), append(config, s.config)
		var values [6]*int64
		if h := s.health; h != nil {
			values = [6]*int64{&h.UptimeSeconds, &h.RSSBytes, &h.CPUMillis, &h.SpoolBatches, &h.SpoolBytes, &h.SpoolDropped}
		}
		for i := range health {
			health[i] = append(health[i], values[i])
		}
	}
	var came []changed
	actor := access.Actor{Kind: access.KindSystem, Name: "presence"}
	err := p.db.InTenants(ctx, slices.Compact(slices.Clone(t)), actor, func(ctx context.Context, tx *postgres.Tx) error {
		came = came[:0]
		pipe := &pgx.Batch{}
		c := changed{status: StatusOnline, at: tx.Now}
		pipe.Queue(sqlComing, t, a).Query(func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&c.tenantID, &c.agentID}, func() error { came = append(came, c); return nil })
			return err
		})
		pipe.Queue(sqlSeen, t, a, at, config, health[0], health[1], health[2], health[3], health[4], health[5])
		return tx.SendBatch(ctx, pipe).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("write heartbeats: %w", err)
	}
	return came, nil
}

// silent marks the agents of all tenants that fell silent, and gives them.
func (p *presence) silent(ctx context.Context) ([]changed, error) {
	tenants, err := p.db.Subtree(ctx, postgres.RootTenant)
	if err != nil {
		return nil, err
	}
	var went []changed
	actor := access.Actor{Kind: access.KindSystem, Name: "presence"}
	err = p.db.InTenants(ctx, tenants, actor, func(ctx context.Context, tx *postgres.Tx) error {
		went = went[:0]
		rows, err := tx.Query(ctx, sqlSilent, p.now().Add(-OnlineFor))
		if err != nil {
			return err
		}
		c := changed{status: StatusOffline, at: tx.Now}
		_, err = pgx.ForEachRow(rows, []any{&c.tenantID, &c.agentID}, func() error { went = append(went, c); return nil })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for silent agents: %w", err)
	}
	return went, nil
}

// Run writes heartbeats and watches for silence and revocations until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	unsubscribe, err := s.Bus.Subscribe("*", BusRevoked, "*", func(m bus.Message) {
		if id, err := uuid.Parse(m.ID); err == nil {
			s.identities.forget(id)
		}
	})
	if err != nil {
		return err
	}
	defer unsubscribe()
	rekeyed, err := s.Bus.Subscribe("*", BusRekeyed, "*", func(m bus.Message) {
		if id, err := uuid.Parse(m.ID); err == nil {
			s.identities.forget(id)
		}
	})
	if err != nil {
		return err
	}
	defer rekeyed()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.every(ctx, presenceInterval, s.presence.flush) })
	group.Go(func() error { return s.every(ctx, offlineInterval, s.presence.silent) })
	group.Go(func() error { return s.keepNotes(ctx) })
	group.Go(func() error { return s.watchKeys(ctx) })
	err = group.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, flushErr := s.presence.flush(last); flushErr != nil {
		s.Log.WarnContext(ctx, "the last heartbeats were not written", "err", flushErr)
	}
	return err
}

func (s *Service) every(ctx context.Context, interval time.Duration, work func(context.Context) ([]changed, error)) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		changes, err := work(ctx)
		if err != nil && !errors.Is(err, context.Canceled) {
			s.Log.ErrorContext(ctx, "presence of agents", "err", err)
		}
		for _, c := range changes {
			s.announce(c)
		}
	}
}

// announce tells consoles of a change.
func (s *Service) announce(c changed) {
	body, err := json.Marshal(struct {
		Type    string    `json:"type"`
		AgentID uuid.UUID `json:"agent_id"`
		Status  Status    `json:"status"`
		At      time.Time `json:"at"`
	}{"agent", c.agentID, c.status, c.at})
	if err != nil {
		s.Log.Error("encode event", "err", err)
		return
	}
	s.publish(c.tenantID, bus.KindEvent, c.agentID.String(), body)
}

func (s *Service) publish(tenant uuid.UUID, kind, id string, body []byte) {
	if err := s.Bus.Publish(context.Background(), tenant, kind, id, body); err != nil {
		s.Log.Warn("an event was not published", "kind", kind, "err", err)
	}
}
