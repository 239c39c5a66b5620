package scans

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/tables"
)

// platformConfig is what a tenant's agents of one platform are to do.
type platformConfig struct {
	config  protocol.Config
	shards  []int // of each query: percent of the agents that run it
	whole   bool  // every query runs on all of them
	version int64
	content [sha256.Size]byte // of configuration and shards
	until   time.Time
}

// Config gives the configuration that an agent should have, and its version. It is at most ten seconds old, and newer than
// the last change that Changed was told of. Its queries are in the order of their collections; it is many callers' at once,
// and nobody may change it.
func (s *Service) Config(ctx context.Context, agent agents.Identity) (protocol.Config, int64, error) {
	config, known, err := s.config(ctx, agent, Otherwise{})
	return config, known.version, err
}

// Otherwise is what holds for some of a tenant's agents where the tenant says something else.
type Otherwise struct {
	Runs     map[string]bool    // whether packs run
	Editions map[string]Edition // texts of packs that are not the present ones
}

// Edition is a text that a pack of a tenant has had, or is to have.
type Edition struct {
	Tenant int32
	Number int // as Version has it
}

func (o Otherwise) empty() bool { return len(o.Runs)+len(o.Editions) == 0 }

// ConfigWith is Config where some packs are other than the tenant says. It has no version of its own: an agent
// has another configuration only where content, a digest that all agents of the platform share, is another.
func (s *Service) ConfigWith(ctx context.Context, agent agents.Identity, otherwise Otherwise) (config protocol.Config, content [sha256.Size]byte, err error) {
	config, known, err := s.config(ctx, agent, otherwise)
	return config, known.content, err
}

// variant names a configuration among those of a tenant.
func variant(platform string, otherwise Otherwise) string {
	var name strings.Builder
	name.WriteString(platform)
	for _, pack := range slices.Sorted(maps.Keys(otherwise.Runs)) {
		fmt.Fprintf(&name, "\n%s=%v", pack, otherwise.Runs[pack])
	}
	for _, pack := range slices.Sorted(maps.Keys(otherwise.Editions)) {
		fmt.Fprintf(&name, "\n%s@%v", pack, otherwise.Editions[pack])
	}
	return name.String()
}

func (s *Service) config(ctx context.Context, agent agents.Identity, otherwise Otherwise) (protocol.Config, platformConfig, error) {
	name := variant(agent.Platform, otherwise)
	s.mu.Lock()
	known, ok := s.configs[agent.TenantID][name]
	generation := s.generation
	s.mu.Unlock()
	if !ok || !s.Now().Before(known.until) {
		// Of the thousands that may ask at once, one computes. Who asks after a change does not wait for what began before it.
		flight := fmt.Sprintf("%s/%s/%d", agent.TenantID, name, generation)
		computed, err, _ := s.computing.Do(flight, func() (any, error) {
			return s.compute(context.WithoutCancel(ctx), agent.Tenant, agent.Platform, otherwise)
		})
		if err != nil {
			return protocol.Config{}, platformConfig{}, err
		}
		known = computed.(platformConfig)
		s.mu.Lock()
		if len(s.configs) >= configsMax {
			clear(s.configs)
		}
		if s.generation == generation { // else it may be of before the change
			if s.configs[agent.TenantID] == nil {
				s.configs[agent.TenantID] = map[string]platformConfig{}
			}
			s.configs[agent.TenantID][name] = known
		}
		s.mu.Unlock()
	}
	if known.whole {
		return known.config, known, nil
	}
	config := known.config
	config.Queries = make([]protocol.ConfigQuery, 0, len(known.config.Queries))
	for i, query := range known.config.Queries {
		if inShard(agent.ID, query.Collection, known.shards[i]) {
			config.Queries = append(config.Queries, query)
		}
	}
	return config, known, nil
}

// inShard chooses the same agents for a collection each time.
func inShard(agent uuid.UUID, collection string, percent int) bool {
	if percent >= 100 {
		return true
	}
	sum := sha256.Sum256(append(agent[:], collection...))
	return int(binary.BigEndian.Uint32(sum[:])%100) < percent
}

// Changed forgets the configurations that were computed for a tenant: the next ones are new.
func (s *Service) Changed(tenant uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	delete(s.configs, tenant)
}

// compute derives a configuration from packs, schedules and checks, makes sure that its collections exist, and finds its
// version.
func (s *Service) compute(ctx context.Context, tenant int32, platformName string, otherwise Otherwise) (platformConfig, error) {
	said, settings, err := s.said(ctx, tenant)
	if err != nil {
		return platformConfig{}, err
	}
	platform, err := tables.ParsePlatforms(platformName)
	if err != nil {
		return platformConfig{}, fmt.Errorf("platform of agents: %w", err)
	}
	var c platformConfig
	zone, err := s.zone(ctx, tenant)
	if err != nil {
		return platformConfig{}, err
	}
	running, err := s.enabled(ctx, said, otherwise)
	if err != nil {
		return platformConfig{}, err
	}
	c.config, c.shards = s.build(platform, running, settings, zone)
	if settings.Paused {
		c.config.Queries, c.shards, c.config.Events = []protocol.ConfigQuery{}, nil, nil
	}
	content, err := json.Marshal(struct {
		Config protocol.Config
		Shards []int
	}{c.config, c.shards})
	if err != nil {
		return platformConfig{}, fmt.Errorf("encode configuration: %w", err)
	}
	c.content = sha256.Sum256(content)
	collections := make([]string, len(c.config.Queries))
	for i, query := range c.config.Queries {
		collections[i] = query.Collection
	}
	err = s.DB.InScope(ctx, access.System(tenant, "scans"), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := rows.EnsureCollections(ctx, tx, collections); err != nil || !otherwise.empty() {
			return err
		}
		c.version, err = versionOf(ctx, tx, platformName, c.content)
		return err
	})
	if err != nil {
		return platformConfig{}, fmt.Errorf("configuration of tenant %d: %w", tenant, err)
	}
	c.whole = !slices.ContainsFunc(c.shards, func(percent int) bool { return percent < 100 })
	c.until = s.Now().Add(configAge)
	return c, nil
}

// Collected gives, by platform, the collections that a tenant's agents are told to collect, also those of shards, of packs
// that only some agents run, and of a tenant that has paused.
func (s *Service) Collected(ctx context.Context, tenant int32) (map[string][]string, error) {
	said, settings, err := s.said(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var also []Otherwise
	if s.Also != nil {
		if also, err = s.Also(ctx, tenant); err != nil {
			return nil, err
		}
	}
	enabled, err := s.enabled(ctx, said, Otherwise{})
	if err != nil {
		return nil, err
	}
	for _, otherwise := range also {
		more, err := s.enabled(ctx, said, otherwise)
		if err != nil {
			return nil, err
		}
		enabled = append(enabled, more...)
	}
	out := map[string][]string{}
	for _, name := range tables.AllPlatforms.Names() {
		platform, err := tables.ParsePlatforms(name)
		if err != nil {
			return nil, err
		}
		config, _ := s.build(platform, enabled, settings, "")
		collections := make([]string, len(config.Queries))
		for i, query := range config.Queries {
			collections[i] = query.Collection
		}
		out[name] = slices.Compact(collections) // they are sorted
	}
	return out, nil
}

// said gives what a tenant's configuration follows from.
func (s *Service) said(ctx context.Context, tenant int32) (stored, modules.Settings, error) {
	said, err := s.load(ctx, tenant)
	if err != nil {
		return stored{}, modules.Settings{}, err
	}
	settings := modules.Standard()
	if s.Modules != nil {
		if settings, err = s.Modules(ctx, tenant); err != nil {
			return stored{}, modules.Settings{}, fmt.Errorf("modules of tenant %d: %w", tenant, err)
		}
	}
	return said, settings, nil
}

// zone gives the time zone of a tenant's schedules.
func (s *Service) zone(ctx context.Context, tenant int32) (string, error) {
	if s.Zone == nil {
		return zoneDefault, nil
	}
	zone, err := s.Zone(ctx, tenant)
	if err != nil {
		return "", fmt.Errorf("time zone of tenant %d: %w", tenant, err)
	}
	return zone, nil
}

// build lists the queries of a platform, sorted by collection. zone is the tenant's.
func (s *Service) build(platform tables.Platforms, enabled []*packs.Pack, settings modules.Settings, zone string) (protocol.Config, []int) {
	type sharded struct {
		protocol.ConfigQuery
		shard int
	}
	var queries []sharded
	add := func(q protocol.ConfigQuery, shard int) {
		q.TimeoutSeconds = int(queryTimeout / time.Second)
		queries = append(queries, sharded{q, shard})
	}
	for _, pack := range enabled {
		for _, query := range pack.Queries {
			if !query.Platforms.Has(platform) || max(query.Class, pack.Asks) > settings.Allowed {
				continue
			}
			add(protocol.ConfigQuery{
				Collection: pack.Collection(query.Name), SQL: query.SQL, IntervalSeconds: seconds(query.Interval, checkInterval), At: query.At, Zone: zoneOf(query.Zone, zone),
				Mode: protocol.Mode(query.Mode), Discovery: discovery(pack.Discovery),
			}, min(orAll(pack.Shard), orAll(query.Shard)))
		}
	}
	// There are many checks, and each judges by itself: an inventory that comes first is one that is seen.
	for _, check := range s.Library.Checks {
		if !check.Platforms.Has(platform) {
			continue
		}
		every := seconds(check.Interval, checkInterval)
		add(protocol.ConfigQuery{Collection: check.Collection(), SQL: check.SQL, IntervalSeconds: every, Mode: protocol.ModeDifferential, Later: true}, 100)
		if check.Applies != "" {
			add(protocol.ConfigQuery{Collection: check.AppliesCollection(), SQL: check.Applies, IntervalSeconds: every, Mode: protocol.ModeDifferential, Later: true}, 100)
		}
	}
	for _, module := range s.Library.Modules {
		state, interval := settings.Effective(module)
		if sql := module.SQL(platform, settings.Allowed); sql != "" && state == modules.Collected {
			add(protocol.ConfigQuery{Collection: module.Collection(), SQL: sql, IntervalSeconds: seconds(interval, checkInterval), Mode: module.Mode()}, 100)
		}
	}
	slices.SortFunc(queries, func(x, y sharded) int { return strings.Compare(x.Collection, y.Collection) })
	config := protocol.Config{Queries: make([]protocol.ConfigQuery, len(queries)), HeartbeatSeconds: heartbeatSeconds,
		AllowedClass: settings.Allowed.String(), DisabledTables: settings.OffTables()}
	if e := packs.EventsOf(enabled, platform); !e.Empty() {
		config.Events = &protocol.Events{Tables: e.Tables, FilePaths: e.FilePaths, ExcludePaths: e.ExcludePaths, FileAccesses: e.FileAccesses, Channels: e.Channels}
	}
	shards := make([]int, len(queries))
	for i, q := range queries {
		config.Queries[i], shards[i] = q.ConfigQuery, q.shard
	}
	return config, shards
}

// zoneOf gives the zone of a query in a tenant's.
func zoneOf(zone, tenant string) string {
	if zone == packs.ZoneTenant {
		return tenant
	}
	return zone
}

func seconds(interval, otherwise time.Duration) int {
	if interval <= 0 {
		interval = otherwise
	}
	return int(interval / time.Second)
}

func orAll(percent int) int {
	if percent == 0 {
		return 100
	}
	return percent
}

// discovery joins a pack's discovery statements, each of which must give a row, into the one that an agent takes.
func discovery(statements []string) string {
	if len(statements) == 1 {
		return statements[0]
	}
	var all []string
	for _, sql := range statements {
		all = append(all, "EXISTS ("+strings.TrimRight(strings.TrimSpace(sql), "; \n\t")+")")
	}
	if len(all) == 0 {
		return ""
	}
	return "SELECT 1 WHERE " + strings.Join(all, " AND ")
}

// enabled gives the packs that run, sorted by name: as the tenant says, or otherwise.
func (s *Service) enabled(ctx context.Context, said stored, otherwise Otherwise) ([]*packs.Pack, error) {
	var out []*packs.Pack
	for _, pack := range s.effective(said) {
		runs, told := otherwise.Runs[pack.Name]
		if !(told && runs || !told && s.schedule(said, pack.Name).Enabled) {
			continue
		}
		present := pack.Pack
		// An edition is of the pack that the tenant has; where one below has a pack of its own of that name, that one runs.
		if e, other := otherwise.Editions[pack.Name]; other && pack.owner == e.Tenant {
			edition, err := s.edition(ctx, pack.Name, e)
			if err != nil {
				return nil, err
			}
			if edition != nil {
				present = edition
			}
		}
		out = append(out, present)
	}
	return out, nil
}

// edition reads a text that is not the present one, nil where it is gone or does not compile any more.
func (s *Service) edition(ctx context.Context, name string, e Edition) (*packs.Pack, error) {
	text, err := s.VersionText(ctx, access.System(e.Tenant, "scans"), name, e.Number)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	pack, err := s.parse(name, text)
	if err != nil {
		s.Log.ErrorContext(ctx, "a version of a pack does not compile any more", "pack", name, "number", e.Number, "err", err)
		return nil, nil
	}
	return pack, nil
}

// effective gives the packs that a tenant sees, sorted by name: the nearest of each name. A stored pack that no longer
// compiles (a table was renamed) is left out and logged, so that it stops no other.
func (s *Service) effective(said stored) []Pack {
	byName := map[string]Pack{}
	for _, p := range said.packs { // the nearest first
		if _, nearer := byName[p.name]; nearer {
			continue
		}
		parsed, err := s.parse(p.name, p.yaml)
		if err != nil {
			s.Log.Error("a stored pack does not compile any more", "pack", p.name, "tenant_id", said.public(p.tenant), "err", err)
			continue
		}
		byName[p.name] = Pack{Pack: parsed, Owner: said.public(p.tenant), owner: p.tenant}
	}
	for _, p := range s.Library.Packs {
		if _, nearer := byName[p.Name]; !nearer {
			byName[p.Name] = Pack{Pack: p}
		}
	}
	out := make([]Pack, 0, len(byName))
	for _, p := range byName {
		out = append(out, p)
	}
	slices.SortFunc(out, func(x, y Pack) int { return strings.Compare(x.Name, y.Name) })
	return out
}

// schedule says whether a pack runs: as the nearest tenant says, else the product's packs run and others do not.
func (s *Service) schedule(said stored, pack string) Schedule {
	for _, c := range said.schedules { // the nearest first
		if c.pack == pack {
			return Schedule{Pack: pack, Enabled: c.enabled, Said: said.public(c.tenant)}
		}
	}
	ours := slices.ContainsFunc(s.Library.Packs, func(p *packs.Pack) bool { return p.Name == pack })
	return Schedule{Pack: pack, Enabled: ours}
}

// parse compiles a pack's text, or remembers it.
func (s *Service) parse(name, text string) (*packs.Pack, error) {
	key := sha256.Sum256([]byte(text))
	s.mu.Lock()
	known := s.parsed[key]
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	pack, err := packs.Parse(name+".yaml", []byte(text), s.Library.Compilers)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.parsed) >= parsedMax {
		clear(s.parsed)
	}
	s.parsed[key] = pack
	return pack, nil
}
