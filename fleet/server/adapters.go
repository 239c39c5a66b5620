package server

import (
	"context"
	"crypto/ed25519"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/gateway"
	"github.com/tenantra/tenantra/fleet/groups"
	"github.com/tenantra/tenantra/fleet/layers"
	"github.com/tenantra/tenantra/fleet/livequery"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/scanruns"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/fleet/usage"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// authority is what agents are told to trust.
type authority struct {
	ca        *pki.Authority
	commander *pki.Commander
}

func (a authority) CA() []byte                 { return a.ca.Certificate() }
func (a authority) RootKey() ed25519.PublicKey { return a.commander.RootKey() }
func (a authority) ConfigCertificate(ctx context.Context, tenant uuid.UUID) (protocol.Signed, error) {
	return a.commander.ConfigCertificate(ctx, tenant)
}

// identityFindings raises what is odd about an agent's identity as a finding.
type identityFindings struct{ findings *findings.Service }

func (i identityFindings) RaiseAgent(ctx context.Context, tx *postgres.Tx, f agents.Finding) error {
	return i.findings.Raise(ctx, tx, findings.Observation{
		Agent: f.Agent, Kind: f.Kind, Subject: f.Subject, Title: f.Title, Message: f.Message, Severity: findings.High,
		Evidence: findings.Evidence{Columns: []string{}, Rows: [][]tables.Value{}, Failing: [][]string{}},
	})
}

func countOpen(f *findings.Service) func(context.Context, *postgres.Tx, []agents.Agent) (map[uuid.UUID]int, error) {
	return func(ctx context.Context, tx *postgres.Tx, list []agents.Agent) (map[uuid.UUID]int, error) {
		ids := make([]uuid.UUID, len(list))
		for i, a := range list {
			ids[i] = a.ID
		}
		return f.CountOpen(ctx, tx, ids)
	}
}

// liveQueries joins live queries to the gateway's answers and the agents' list.
type liveQueries struct {
	agents  *agents.Service
	signer  gateway.Signer
	service *livequery.Service
	scans   *scanruns.Service
}

// stored tells scans of a batch.
func (l *liveQueries) stored(agent agents.Identity, header protocol.BatchHeader) {
	l.scans.Note(scanruns.From{Agent: agent.Key, Tenant: agent.Tenant}, header)
}

func (l *liveQueries) TakeAnswer(ctx context.Context, agent agents.Identity, header protocol.AnswerHeader, rows [][]tables.Value) error {
	return l.service.Answer(ctx, livequery.From{Agent: agent.Key, Tenant: agent.Tenant, AgentID: agent.ID, TenantID: agent.TenantID}, header, rows)
}

// Arrived gives an agent that has come the questions that wait for it, and the order to change keys; one that is to leave for another tenant is told that
// alone.
func (l *liveQueries) Arrived(ctx context.Context, agent agents.Identity) ([]protocol.Command, error) {
	m, err := l.agents.Moving(ctx, agent)
	if err != nil {
		return nil, err
	}
	if m != nil {
		order, err := l.signer.SignCommand(ctx, agent.TenantID, agent.ID.String(), protocol.CommandMove, 0, m, protocol.QueryLife)
		return []protocol.Command{order}, err
	}
	commands, err := l.service.Arrived(ctx, livequery.From{Agent: agent.Key, Tenant: agent.Tenant, AgentID: agent.ID, TenantID: agent.TenantID})
	if err != nil {
		return nil, err
	}
	r, err := l.agents.Rekeying(ctx, agent)
	if err != nil || r == nil {
		return commands, err
	}
	order, err := l.signer.SignCommand(ctx, agent.TenantID, agent.ID.String(), protocol.CommandRekey, 0, r, protocol.QueryLife)
	if err != nil {
		return commands, err
	}
	return append(commands, order), nil
}

// nodeScans has osqueryds take part in scans.
type nodeScans struct{ live *liveQueries }

func (s nodeScans) Open(ctx context.Context, agent agents.Identity) ([]scanruns.Order, error) {
	return s.live.scans.Open(ctx, scanruns.From{Agent: agent.Key, Tenant: agent.Tenant})
}

func (s nodeScans) Told(ctx context.Context, agent agents.Identity, header protocol.BatchHeader) error {
	return s.live.scans.Told(ctx, scanruns.From{Agent: agent.Key, Tenant: agent.Tenant}, header)
}

// checked tells what a statement reads.
func (s *Server) checked(sql string) (*engine.Analysis, error) { return s.checker.Check(sql, 0) }

// choose gives the agents that a statement names, if the person who asks may run it.
func (s *Server) choose(ctx context.Context, scope access.Scope, sql string) ([]uuid.UUID, error) {
	if err := s.stored.CheckChoice(scope, sql); err != nil {
		return nil, err
	}
	return s.stored.Choose(ctx, scope, sql)
}

func (l *liveQueries) Targets(ctx context.Context, tx *postgres.Tx, t livequery.Target) ([]livequery.TargetAgent, error) {
	if len(t.Groups) > 0 {
		members, err := groups.Members(ctx, tx, t.Groups)
		if err != nil {
			return nil, err
		}
		if len(t.AgentIDs) > 0 {
			members = slices.DeleteFunc(members, func(id uuid.UUID) bool { return !slices.Contains(t.AgentIDs, id) })
		}
		if len(members) == 0 {
			return nil, nil
		}
		t.AgentIDs = members
	}
	chosen, err := agents.ChooseAgents(ctx, tx, t.AgentIDs, t.Platforms, t.Tags)
	if err != nil {
		return nil, err
	}
	targets := make([]livequery.TargetAgent, len(chosen))
	for i, a := range chosen {
		targets[i] = livequery.TargetAgent{ID: a.Key, Tenant: a.Tenant, PublicID: a.ID, TenantID: a.TenantID, Hostname: a.Facts.Hostname,
			Platform: a.Facts.Platform, Online: a.Status == agents.StatusOnline}
	}
	return targets, nil
}

// roomFor asks the plan of a transaction's tenant for room.
func roomFor(counts *usage.Service, meter usage.Meter) func(context.Context, *postgres.Tx) error {
	return func(ctx context.Context, tx *postgres.Tx) error { return counts.Room(ctx, tx, meter) }
}

// agentPlaces asks the plans of a transaction's tenants for room for agents.
func agentPlaces(counts *usage.Service) func(context.Context, *postgres.Tx, []int32) (agents.Places, error) {
	return func(ctx context.Context, tx *postgres.Tx, tenants []int32) (agents.Places, error) {
		return counts.Places(ctx, tx, usage.Agents, tenants)
	}
}

// allTenants gives every tenant of the installation, for upkeep.
func (s *Server) allTenants(ctx context.Context) ([]int32, error) {
	return s.db.Subtree(ctx, postgres.RootTenant)
}

// denied keeps refusals for lack of a right in the audit chain. It never fails the refusal itself.
func (s *Server) denied(ctx context.Context, scope access.Scope, operation string) {
	err := s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "access.denied", Object: "operation:" + operation})
	})
	if err != nil {
		s.log.WarnContext(ctx, "a refusal is not in the audit", "operation", operation, "err", err)
	}
}

// classes tells which privacy class a collection's query reads.
type classes struct {
	library *frameworks.Library
	scans   *scans.Service
}

// of gives the class of a collection as the scope's tenant knows it. A collection whose query nobody knows any more may
// hold whatever agents were allowed to send.
func (c classes) of(ctx context.Context, scope access.Scope, collection string) (tables.Class, error) {
	if id, _, ok := frameworks.OfCollection(collection); ok {
		if check := c.library.Check(id); check != nil {
			return check.Class, nil
		}
		return tables.ClassContent, nil
	}
	if table, ok := modules.OfCollection(collection); ok {
		return moduleClass(table), nil
	}
	pack, query, ok := packs.OfCollection(collection)
	if !ok {
		return tables.ClassContent, nil
	}
	known, err := c.scans.Pack(ctx, scope, pack)
	if fault.CodeOf(err) == fault.NotFound {
		return tables.ClassContent, nil
	}
	if err != nil {
		return 0, err
	}
	for _, q := range known.Queries {
		if q.Name == query {
			return q.Class, nil
		}
	}
	return tables.ClassContent, nil
}

// moduleClass is the highest class that agents may have told of a table.
func moduleClass(table string) tables.Class {
	module, err := modules.Find(table)
	if err != nil {
		return tables.ClassContent // it was a module once
	}
	class := tables.ClassInventory
	for i := range module.Table.Columns() {
		if c := &module.Table.Columns()[i]; module.Kept(c, tables.ClassContent) {
			class = max(class, c.Class)
		}
	}
	return class
}

// scanFleet joins scans to the agents' list, their schedule and their connections.
type scanFleet struct {
	live      *liveQueries
	schedule  *layers.Service
	commander *pki.Commander
	gate      *gateway.Gateway
}

func (f scanFleet) Targets(ctx context.Context, tx *postgres.Tx, sel scanruns.Selection) ([]scanruns.Target, error) {
	chosen, err := f.live.Targets(ctx, tx, livequery.Target{AgentIDs: sel.AgentIDs, Platforms: sel.Platforms, Tags: sel.Tags, Groups: sel.Groups})
	if err != nil {
		return nil, err
	}
	targets := make([]scanruns.Target, len(chosen))
	for i, t := range chosen {
		targets[i] = scanruns.Target(t)
	}
	return targets, nil
}

func (f scanFleet) Collections(ctx context.Context, t scanruns.Target) ([]string, error) {
	config, _, err := f.schedule.Config(ctx, agents.Identity{ID: t.PublicID, TenantID: t.TenantID, Tenant: t.Tenant, Key: t.ID, Platform: t.Platform})
	if err != nil {
		return nil, err
	}
	names := make([]string, len(config.Queries))
	for i, q := range config.Queries {
		names[i] = q.Collection
	}
	return names, nil
}

func (f scanFleet) SignCommand(ctx context.Context, tenant uuid.UUID, agent string, kind protocol.CommandKind, version int64, body any, life time.Duration) (protocol.Command, error) {
	return f.commander.SignCommand(ctx, tenant, agent, kind, version, body, life)
}

func (f scanFleet) Send(ctx context.Context, agent uuid.UUID, command protocol.Command) error {
	return f.gate.Send(ctx, agent, command)
}
