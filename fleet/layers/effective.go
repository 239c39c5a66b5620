package layers

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Effective is what one agent is to do, and why.
type Effective struct {
	Agent   agents.Agent
	Config  protocol.Config
	Version int64
	Layers  []Applied // the farthest first
	Parts   []Part
}

// Arrived tells whether the agent says that it has this configuration in force.
func (e *Effective) Arrived() bool { return e.Agent.Health.ConfigVersion == e.Version }

// Applied is a layer with what it says for the agent.
type Applied struct {
	Layer
	Says   Content
	Canary bool // the agent is one of those that try it
}

// Part is one value of a configuration that a layer has set.
type Part struct {
	Name  string // heartbeat_seconds, spool_max_bytes, pack:NAME, pack_version:NAME, interval:COLLECTION, time:COLLECTION, off:TABLE
	Value string
	From  *Layer // the nearest that says so
}

// Effective gives what an agent that the scope sees is to do, and which layer says what.
func (s *Service) Effective(ctx context.Context, scope access.Scope, id uuid.UUID) (e Effective, err error) {
	err = s.settings.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		e.Agent, err = agents.FindAgent(ctx, tx, id)
		return err
	})
	if err != nil {
		return Effective{}, err
	}
	identity := agents.Identity{ID: e.Agent.ID, TenantID: e.Agent.TenantID, Tenant: e.Agent.Tenant, Key: e.Agent.Key, Platform: e.Agent.Facts.Platform}
	if e.Config, e.Version, err = s.Config(ctx, identity); err != nil {
		return Effective{}, err
	}
	has, err := s.said(ctx, identity.Tenant)
	if err != nil {
		return Effective{}, err
	}
	parts := map[string]Part{}
	for _, l := range has.of(identity) {
		says, canary := l.For(id)
		e.Layers = append(e.Layers, Applied{l, says, canary})
		set := func(name string, value any) { parts[name] = Part{name, fmt.Sprint(value), &l} }
		if says.HeartbeatSeconds != 0 {
			set("heartbeat_seconds", says.HeartbeatSeconds)
		}
		if says.SpoolMaxBytes != 0 {
			set("spool_max_bytes", says.SpoolMaxBytes)
		}
		for name, runs := range says.Packs {
			set("pack:"+name, runs)
		}
		for name, number := range says.PackVersions {
			set("pack_version:"+name, number)
		}
		for name, seconds := range says.Intervals {
			set("interval:"+name, seconds)
		}
		for name, when := range says.Times {
			set("time:"+name, when)
			delete(parts, "interval:"+name)
		}
		for name := range says.Intervals {
			delete(parts, "time:"+name)
		}
		for _, name := range says.OffTables {
			set("off:"+name, true)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		e.Parts = append(e.Parts, parts[name])
	}
	return e, nil
}
