package osquery

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/tables"
)

// nodeConfig is the answer to a node's request for its configuration. Unchanged, it has the same bytes each time, by which
// osquery sees that nothing changed.
type nodeConfig struct {
	Options  map[string]any       `json:"options"`
	Schedule map[string]scheduled `json:"schedule"`
	Packs    map[string]nodePack  `json:"packs,omitempty"` // of one query each: only packs have discovery
}

type scheduled struct {
	Query    string `json:"query"`
	Interval int    `json:"interval"`
	Snapshot bool   `json:"snapshot,omitempty"`
	Removed  *bool  `json:"removed,omitempty"`
}

type nodePack struct {
	Discovery []string             `json:"discovery"`
	Queries   map[string]scheduled `json:"queries"`
}

// packQuery names the only query of a pack made for a discovery.
const packQuery = "q"

// queryName is a query's name in the schedule. It changes with the statement, so that osquery begins anew with it.
func queryName(collection, version string) string { return collection + "#" + version }

// configure makes a node's configuration, and tells which collections are left out, each with the reason.
func (s *Service) configure(config protocol.Config, platform tables.Platforms, epoch int64) (nodeConfig, []string, error) {
	allowed, err := tables.ParseClass(config.AllowedClass)
	if err != nil {
		return nodeConfig{}, nil, fmt.Errorf("configuration: %w", err)
	}
	out := nodeConfig{Schedule: map[string]scheduled{}, Packs: map[string]nodePack{}, Options: map[string]any{
		"schedule_epoch":          epoch,
		"pack_delimiter":          "/",
		"disable_distributed":     false,
		"distributed_interval":    pollSeconds,
		"config_refresh":          configPeriod,
		"logger_event_type":       false, // a run's changes in one line: never stored by half
		"logger_numerics":         true,
		"logger_min_status":       1,
		"logger_tls_compress":     true,
		"logger_tls_max_lines":    256,
		"logger_tls_max_linesize": 4 << 20,
	}}
	var left []string
	for _, q := range config.Queries {
		p := s.plan(q.SQL, platform)
		if reason := withheld(p, config.DisabledTables, allowed); reason != "" {
			left = append(left, q.Collection+": "+reason)
			continue
		}
		entry := scheduled{Query: q.SQL, Interval: q.IntervalSeconds, Snapshot: q.Mode == protocol.ModeSnapshot}
		if q.Mode == protocol.ModeAppend {
			entry.Removed = new(bool)
		}
		name := queryName(q.Collection, p.version)
		if q.Discovery == "" {
			out.Schedule[name] = entry
			continue
		}
		if lacks := s.plan(q.Discovery, platform).lacks; lacks != "" {
			left = append(left, q.Collection+": its discovery needs "+lacks)
			continue
		}
		out.Packs[name] = nodePack{Discovery: []string{q.Discovery}, Queries: map[string]scheduled{packQuery: entry}}
	}
	return out, left, nil
}

// withheld tells why a node does not get a query, "" where it does. Our own agents hold such queries back themselves.
func withheld(p *plan, disabled []string, allowed tables.Class) string {
	if p.lacks != "" {
		return "osquery has no " + p.lacks
	}
	if p.class > allowed {
		return "reads class " + p.class.String()
	}
	for _, table := range p.reads {
		if slices.Contains(disabled, table) {
			return "table " + table + " is switched off"
		}
	}
	return ""
}

// config answers a node's request, and notes in its log what it does not collect where that changed.
func (s *Service) config(ctx context.Context, key string, n node) (nodeConfig, error) {
	config, version, err := s.Configs.Config(ctx, n.Identity)
	if err != nil {
		return nodeConfig{}, err
	}
	platform, err := tables.ParsePlatforms(n.Platform)
	if err != nil {
		return nodeConfig{}, fmt.Errorf("platform of agent %s: %w", n.ID, err)
	}
	out, left, err := s.configure(config, platform, n.epoch)
	if err != nil {
		return nodeConfig{}, err
	}
	s.Agents.Seen(n.Identity, nil, version)
	if version == n.config {
		return out, nil
	}
	changed, err := s.putConfig(ctx, n, version)
	if err != nil {
		return nodeConfig{}, err
	}
	s.forget(key)
	if changed && len(left) > 0 {
		shown := left[:min(len(left), 15)]
		s.Agents.Noted(ctx, n.Identity, protocol.Log{At: s.Now(), Severity: "warn", Code: "osquery_left_out",
			Message: fmt.Sprintf("%d queries are not collected, since this node is an osqueryd: %s", len(left), strings.Join(shown, "; ")),
			Facts:   map[string]string{"left_out": strconv.Itoa(len(left)), "scheduled": strconv.Itoa(len(out.Schedule) + len(out.Packs)), "version": strconv.FormatInt(version, 10)}})
	}
	return out, nil
}
