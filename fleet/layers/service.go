package layers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/packs"
)

// Base is what whole tenants are to do.
type Base interface {
	// Config gives what an agent has of its tenant, and its version.
	Config(ctx context.Context, agent agents.Identity) (protocol.Config, int64, error)
	// ConfigWith is Config where some packs are other than the tenant says. With the same content an agent has the same
	// configuration.
	ConfigWith(ctx context.Context, agent agents.Identity, otherwise scans.Otherwise) (config protocol.Config, content [sha256.Size]byte, err error)
	// HasVersion returns fault.NotFound where a pack of the scope's tenant has had no such text.
	HasVersion(ctx context.Context, scope access.Scope, name string, number int) error
	// Changed forgets what is remembered of a tenant.
	Changed(tenant uuid.UUID)
	// Announce tells the servers that hold agents of a tenant's subtree that their configuration changed.
	Announce(ctx context.Context, tenant int32)
}

// Config is what a Service needs of its surroundings.
type Config struct {
	DB   *postgres.DB
	Base Base
	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger     // nil: discarded
}

// Service keeps layers and lays them over what tenants are to do. Safe for concurrent use; Run must run for canaries to be
// watched.
type Service struct {
	settings Config

	mu         sync.Mutex
	known      map[int32]*said // by tenant
	generation int64           // of known: what was read across a change is not kept

	reading singleflight.Group
}

// said is what holds for the agents of one tenant.
type said struct {
	layers  []Layer // the farthest first
	members map[int32][]uuid.UUID
	until   time.Time

	mu    sync.Mutex
	given map[int32]given
}

const knownMax = 10_000

// New makes a Service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{settings: c, known: map[int32]*said{}}
}

// Config gives the configuration that an agent should have, and its version.
func (s *Service) Config(ctx context.Context, agent agents.Identity) (protocol.Config, int64, error) {
	config, version, err := s.settings.Base.Config(ctx, agent)
	if err != nil {
		return config, version, err
	}
	has, err := s.said(ctx, agent.Tenant)
	if err != nil {
		return config, version, err
	}
	layers := has.of(agent)
	has.mu.Lock()
	before, alone := has.given[agent.Key]
	has.mu.Unlock()
	if len(layers) == 0 && !alone {
		return config, version, nil
	}
	laid := lay(layers, agent.ID)
	config, base, err := s.settings.Base.ConfigWith(ctx, agent, scans.Otherwise{Runs: laid.Packs, Editions: editionsOf(layers, agent.ID)})
	if err != nil {
		return config, 0, err
	}
	config = laid.onto(config)
	// What the base and the layers say stands for the configuration, of which each heartbeat would else encode hundreds of queries.
	text, err := json.Marshal(laid)
	if err != nil {
		return config, 0, fmt.Errorf("encode layers: %w", err)
	}
	content := sha256.Sum256(append(base[:], text...))
	if alone && before.content == content {
		return config, before.version, nil
	}
	err = s.settings.DB.InScope(ctx, access.System(agent.Tenant, "layers"), func(ctx context.Context, tx *postgres.Tx) (err error) {
		version, err = give(ctx, tx, agent.Key, content, version)
		return err
	})
	if err != nil {
		return config, 0, err
	}
	has.mu.Lock()
	has.given[agent.Key] = given{version, content}
	has.mu.Unlock()
	return config, version, nil
}

// lay gives what the layers say together for an agent.
func lay(layers []Layer, agent uuid.UUID) Content {
	var laid Content
	for i := range layers {
		content, _ := layers[i].For(agent)
		laid = content.over(laid)
	}
	return laid
}

// editionsOf gives the texts of packs that layers name for an agent; the nearest counts.
func editionsOf(layers []Layer, agent uuid.UUID) map[string]scans.Edition {
	editions := map[string]scans.Edition{}
	for i := range layers {
		content, _ := layers[i].For(agent)
		for name, number := range content.PackVersions {
			editions[name] = scans.Edition{Tenant: layers[i].Tenant, Number: number}
		}
	}
	return editions
}

// onto changes a configuration to what the content says.
func (c Content) onto(config protocol.Config) protocol.Config {
	if c.HeartbeatSeconds != 0 {
		config.HeartbeatSeconds = c.HeartbeatSeconds
	}
	if c.SpoolMaxBytes != 0 {
		config.SpoolMaxBytes = c.SpoolMaxBytes
	}
	config.Queries = slices.Clone(config.Queries)
	for i := range config.Queries {
		if seconds, ok := c.Intervals[config.Queries[i].Collection]; ok {
			config.Queries[i].IntervalSeconds, config.Queries[i].At, config.Queries[i].Zone = seconds, "", ""
		}
		if when, ok := c.Times[config.Queries[i].Collection]; ok {
			config.Queries[i].At, config.Queries[i].Zone = when.At, when.Zone
			if about, err := packs.About(when.At, when.Zone); err == nil { // it was checked when it was said
				config.Queries[i].IntervalSeconds = max(int(about/time.Second), 1)
			}
		}
	}
	config.DisabledTables = slices.Compact(slices.Sorted(slices.Values(slices.Concat(config.DisabledTables, c.OffTables))))
	return config
}

// of gives the layers that are for an agent, the farthest first.
func (h *said) of(agent agents.Identity) []Layer {
	var layers []Layer
	for _, l := range h.layers {
		if l.Kind == OfTenant || l.Kind == OfGroup && slices.Contains(h.members[agent.Key], l.Target) || l.Kind == OfAgent && l.Target == agent.ID {
			layers = append(layers, l)
		}
	}
	return layers
}

// said reads what holds in a tenant, or remembers it.
func (s *Service) said(ctx context.Context, tenant int32) (*said, error) {
	s.mu.Lock()
	has, generation := s.known[tenant], s.generation
	s.mu.Unlock()
	if has != nil && s.settings.Now().Before(has.until) {
		return has, nil
	}
	// Of the thousands that may ask at once, one reads. Who asks after a change does not wait for what began before it.
	read, err, _ := s.reading.Do(fmt.Sprintf("%d/%d", tenant, generation), func() (any, error) {
		return s.read(context.WithoutCancel(ctx), tenant)
	})
	if err != nil {
		return nil, err
	}
	has = read.(*said)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= knownMax {
		clear(s.known)
	}
	if s.generation == generation {
		s.known[tenant] = has
	}
	return has, nil
}

// read reads what holds in a tenant.
func (s *Service) read(ctx context.Context, tenant int32) (*said, error) {
	has := &said{until: s.settings.Now().Add(age)}
	err := s.along(ctx, tenant, func(ctx context.Context, tx *postgres.Tx, path []int32) (err error) {
		if has.layers, err = listLayers(ctx, tx, path); err != nil {
			return err
		}
		has.layers = slices.DeleteFunc(has.layers, func(l Layer) bool { return l.Kind == OfAgent && l.Tenant != tenant })
		if has.members, err = membersOf(ctx, tx, path, tenant); err != nil {
			return err
		}
		has.given, err = listGiven(ctx, tx, tenant)
		return err
	})
	if err != nil {
		return nil, err
	}
	return has, nil
}

// along runs fn in a transaction of the system that reads a tenant and those above it: what those say for all below them is
// the tenant's to see.
func (s *Service) along(ctx context.Context, tenant int32, fn func(ctx context.Context, tx *postgres.Tx, path []int32) error) error {
	actor := access.Actor{Kind: access.KindSystem, Name: "layers"}
	var ids []int32
	err := s.settings.DB.InScope(ctx, access.System(tenant, actor.Name), func(ctx context.Context, tx *postgres.Tx) (err error) {
		ids, err = path(ctx, tx, tenant)
		return err
	})
	if err != nil {
		return err
	}
	slices.Reverse(ids) // InTenants takes the first for its own
	return s.settings.DB.InTenants(ctx, ids, actor, func(ctx context.Context, tx *postgres.Tx) error { return fn(ctx, tx, ids) })
}

// Changed forgets what is remembered of a tenant, because another server may have changed it.
func (s *Service) Changed(tenant uuid.UUID) {
	s.forget()
	s.settings.Base.Changed(tenant)
}

// forget drops all that is remembered: a layer holds for a whole subtree, and reading anew costs three statements a tenant.
func (s *Service) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	clear(s.known)
}

// Also gives what of packs layers say for some of a tenant's agents: those that they switch on, and other texts of them.
func (s *Service) Also(ctx context.Context, tenant int32) ([]scans.Otherwise, error) {
	has, err := s.said(ctx, tenant)
	if err != nil {
		return nil, err
	}
	on := map[string]bool{}
	var also []scans.Otherwise
	for _, l := range has.layers {
		for _, c := range []Content{l.Content, l.Before} {
			for name, runs := range c.Packs {
				if runs {
					on[name] = true
				}
			}
			if len(c.PackVersions) == 0 {
				continue
			}
			editions := map[string]scans.Edition{}
			for name, number := range c.PackVersions {
				editions[name] = scans.Edition{Tenant: l.Tenant, Number: number}
			}
			also = append(also, scans.Otherwise{Runs: on, Editions: editions})
		}
	}
	return append(also, scans.Otherwise{Runs: on}), nil
}

// GroupChanged tells agents of a group whose members changed that their configuration may be another.
func (s *Service) GroupChanged(ctx context.Context, tenant int32, group uuid.UUID) {
	has, err := s.said(ctx, tenant)
	if err != nil {
		s.settings.Log.WarnContext(ctx, "agents hear of a changed group later", "group_id", group, "err", err)
		return
	}
	if slices.ContainsFunc(has.layers, func(l Layer) bool { return l.Kind == OfGroup && l.Target == group }) {
		s.announce(ctx, tenant)
	}
}

func (s *Service) announce(ctx context.Context, tenant int32) {
	s.forget()
	s.settings.Base.Announce(ctx, tenant)
}

// Layers gives what is said in the scope's tenant.
func (s *Service) Layers(ctx context.Context, scope access.Scope) (found []Layer, err error) {
	err = s.settings.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = listLayers(ctx, tx, []int32{tx.Scope.Tenant})
		return err
	})
	return found, err
}

// Put says something for the scope's tenant, one of its groups or one of its agents. With a canary below 100 percent the
// rest keeps what was said before, until it is put again for all. A layer whose canary was stopped is put anew over what
// was before it.
func (s *Service) Put(ctx context.Context, scope access.Scope, kind Kind, target uuid.UUID, d Draft) (l Layer, err error) {
	if err := d.complete(kind); err != nil {
		return Layer{}, err
	}
	for name, number := range d.Content.PackVersions {
		if err := s.settings.Base.HasVersion(ctx, scope, name, number); fault.CodeOf(err) == fault.NotFound {
			return Layer{}, fault.Field(fault.Invalid, "body.content.pack_versions", "a pack %s of this tenant has no version %d", name, number)
		} else if err != nil {
			return Layer{}, err
		}
	}
	err = s.settings.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if err := mustBe(ctx, tx, kind, target); err != nil {
			return err
		}
		old, err := findLayer(ctx, tx, kind, target)
		if err != nil && fault.CodeOf(err) != fault.NotFound {
			return err
		}
		before := old.Content
		if old.State == Rolling || old.State == Stopped {
			before = old.Before
		}
		if err := putLayer(ctx, tx, kind, target, d, before); err != nil {
			return err
		}
		if l, err = findLayer(ctx, tx, kind, target); err != nil {
			return err
		}
		tenant := tx.Scope.Tenant
		tx.AfterCommit(func() { s.announce(context.WithoutCancel(ctx), tenant) })
		return audit.Record(ctx, tx, audit.Entry{Action: "config.put", Object: string(kind) + ":" + target.String(),
			Detail: map[string]any{"before": before, "after": d.Content, "canary_percent": d.Canary, "budget": d.Budget}})
	})
	return l, err
}

// Delete takes back what was said: the layers above hold.
func (s *Service) Delete(ctx context.Context, scope access.Scope, kind Kind, target uuid.UUID) error {
	return s.settings.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if err := mustBe(ctx, tx, kind, target); err != nil {
			return err
		}
		old, err := findLayer(ctx, tx, kind, target)
		if err != nil {
			return err
		}
		if err := deleteLayer(ctx, tx, kind, target); err != nil {
			return err
		}
		tenant := tx.Scope.Tenant
		tx.AfterCommit(func() { s.announce(context.WithoutCancel(ctx), tenant) })
		return audit.Record(ctx, tx, audit.Entry{Action: "config.delete", Object: string(kind) + ":" + target.String(), Detail: map[string]any{"before": old.Content}})
	})
}

// Find gives what is said for a target of the scope's tenant, or fault.NotFound.
func (s *Service) Find(ctx context.Context, scope access.Scope, kind Kind, target uuid.UUID) (l Layer, err error) {
	err = s.settings.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) (err error) {
		if err := mustBe(ctx, tx, kind, target); err != nil {
			return err
		}
		l, err = findLayer(ctx, tx, kind, target)
		return err
	})
	return l, err
}

// mustBe refuses targets that are not the scope's own tenant, or not in it.
func mustBe(ctx context.Context, tx *postgres.Tx, kind Kind, target uuid.UUID) error {
	switch kind {
	case OfAgent:
		_, err := agents.FindAgent(ctx, tx, target)
		return err
	case OfGroup:
		is, err := hasGroup(ctx, tx, target)
		if err == nil && !is {
			err = fault.New(fault.NotFound, "no such group")
		}
		return err
	default:
		if target != tx.Scope.TenantID {
			return fault.New(fault.NotFound, "no such tenant")
		}
		return nil
	}
}
