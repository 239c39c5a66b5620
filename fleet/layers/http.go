package layers

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// Item is a layer as the API shows it.
type Item struct {
	Kind      Kind      `json:"kind" enum:"tenant,group,agent"`
	Target    uuid.UUID `json:"target" doc:"Id of the tenant, group or agent."`
	TenantID  uuid.UUID `json:"tenant_id" doc:"The tenant where it was said."`
	Name      string    `json:"name"`
	Version   int       `json:"version"`
	Content   Content   `json:"content"`
	Before    *Content  `json:"before,omitempty" doc:"What holds for those who do not try it, or for all where it was taken back."`
	Canary    int       `json:"canary_percent"`
	State     State     `json:"state" enum:"done,rolling,stopped"`
	Reason    string    `json:"reason" doc:"Why it was taken back."`
	Budget    Budget    `json:"budget"`
	ChangedAt time.Time `json:"changed_at"`
	ChangedBy string    `json:"changed_by"`
}

func itemOf(l Layer) Item {
	item := Item{Kind: l.Kind, Target: l.Target, TenantID: l.TenantID, Name: l.Name, Version: l.Version, Content: l.Content, Canary: l.Canary, State: l.State,
		Reason: l.Reason, Budget: l.Budget, ChangedAt: l.ChangedAt, ChangedBy: l.ChangedBy}
	if l.State != Done {
		item.Before = &l.Before
	}
	return item
}

// AppliedItem is a layer with what it says for one agent.
type AppliedItem struct {
	Item
	Says     Content `json:"says" doc:"For this agent."`
	InCanary bool    `json:"in_canary"`
}

// PartItem is one value with the layer that says so.
type PartItem struct {
	Name     string    `json:"name" doc:"heartbeat_seconds, spool_max_bytes, pack:NAME, pack_version:NAME, interval:COLLECTION, time:COLLECTION or off:TABLE."`
	Value    string    `json:"value"`
	FromKind Kind      `json:"from_kind" enum:"tenant,group,agent"`
	From     uuid.UUID `json:"from"`
	FromName string    `json:"from_name"`
}

// EffectiveItem is what one agent is to do.
type EffectiveItem struct {
	AgentID uuid.UUID       `json:"agent_id"`
	Version int64           `json:"version"`
	Arrived bool            `json:"arrived" doc:"The agent says that it has this version in force."`
	Has     int64           `json:"has_version" doc:"What the agent says to have in force; 0 for none."`
	Config  protocol.Config `json:"config"`
	Layers  []AppliedItem   `json:"layers" doc:"Those that are for this agent, the farthest first; the nearest counts."`
	Parts   []PartItem      `json:"parts" doc:"What layers have set; the rest is the product's, or follows from packs, modules and checks."`
}

type (
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	layerBody struct {
		Content Content `json:"content"`
		Canary  int     `json:"canary_percent,omitempty" minimum:"0" maximum:"100" doc:"Try it on this part of the agents first. Absent: all at once."`
		Budget  Budget  `json:"budget,omitzero" doc:"What the canary may not exceed; else it is taken back."`
	}
	putInput struct {
		ID   uuid.UUID `path:"id"`
		Body layerBody
	}
	putTenantInput struct{ Body layerBody }
	body[T any]    struct{ Body T }
)

func (b layerBody) draft() Draft { return Draft(b) }

// Routes registers the feature's operations. /agents/config/{id} of the requirements is served as an alias of
// /agent-config/{id}, for it would be taken for /agents/{id}/… otherwise.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"configuration"}
	httpapi.Register(api, httpapi.Operation{
		ID: "get-agent-config", Method: http.MethodGet, Path: "/agent-config/{id}", Tags: tags, Permission: access.AgentsRead, Recursive: true,
		Summary: "Show what an agent is to do, by layers: where each part comes from, and whether it has arrived",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[EffectiveItem], error) {
		e, err := s.Effective(ctx, scope, in.ID)
		if err != nil {
			return nil, err
		}
		return &body[EffectiveItem]{effectiveOf(e)}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-config-layers", Method: http.MethodGet, Path: "/config-layers", Tags: tags, Permission: access.AgentsRead,
		Summary: "List what was said of the configuration in the tenant, for itself, its groups and its agents",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*body[httpapi.Page[Item]], error) {
		found, err := s.Layers(ctx, scope)
		if err != nil {
			return nil, err
		}
		items := make([]Item, len(found))
		for i, l := range found {
			items[i] = itemOf(l)
		}
		return &body[httpapi.Page[Item]]{httpapi.Page[Item]{Items: items}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-tenant-config", Method: http.MethodPut, Path: "/config-layers/tenant", Tags: tags, Permission: access.AgentsManage, Feature: access.ScanScheduling, Audit: "config.put",
		Summary: "Say what all agents of the tenant and of those below it are to do",
	}, func(ctx context.Context, scope access.Scope, in *putTenantInput) (*body[Item], error) {
		return output(s.Put(ctx, scope, OfTenant, scope.TenantID, in.Body.draft()))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-tenant-config", Method: http.MethodDelete, Path: "/config-layers/tenant", Tags: tags, Permission: access.AgentsManage, Audit: "config.delete",
		Summary: "Take back what was said for the tenant",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*struct{}, error) {
		return nil, s.Delete(ctx, scope, OfTenant, scope.TenantID)
	})
	s.targetRoutes(api, tags, OfGroup, "group", "/groups/{id}/config")
	s.targetRoutes(api, tags, OfAgent, "agent", "/agent-config/{id}")
}

// targetRoutes registers the operations that say something for a group or an agent.
func (s *Service) targetRoutes(api *httpapi.API, tags []string, kind Kind, name, path string) {
	httpapi.Register(api, httpapi.Operation{
		ID: "put-" + name + "-config", Method: http.MethodPut, Path: path, Tags: tags, Permission: access.AgentsManage, Feature: access.ScanScheduling, Audit: "config.put",
		Summary: "Say what is to be done otherwise by this " + name,
	}, func(ctx context.Context, scope access.Scope, in *putInput) (*body[Item], error) {
		return output(s.Put(ctx, scope, kind, in.ID, in.Body.draft()))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-" + name + "-config", Method: http.MethodDelete, Path: path, Tags: tags, Permission: access.AgentsManage, Audit: "config.delete",
		Summary: "Take back what was said for this " + name,
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.Delete(ctx, scope, kind, in.ID)
	})
	if kind == OfAgent {
		return // its layer is shown with what it does
	}
	httpapi.Register(api, httpapi.Operation{
		ID: "get-" + name + "-config", Method: http.MethodGet, Path: path, Tags: tags, Permission: access.AgentsRead, Summary: "Show what was said for this " + name,
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[Item], error) {
		return output(s.Find(ctx, scope, kind, in.ID))
	})
}

func output(l Layer, err error) (*body[Item], error) {
	if err != nil {
		return nil, err
	}
	return &body[Item]{itemOf(l)}, nil
}

func effectiveOf(e Effective) EffectiveItem {
	item := EffectiveItem{AgentID: e.Agent.ID, Version: e.Version, Arrived: e.Arrived(), Has: e.Agent.Health.ConfigVersion, Config: e.Config,
		Layers: []AppliedItem{}, Parts: []PartItem{}}
	for _, l := range e.Layers {
		item.Layers = append(item.Layers, AppliedItem{itemOf(l.Layer), l.Says, l.Canary})
	}
	for _, p := range e.Parts {
		item.Parts = append(item.Parts, PartItem{p.Name, p.Value, p.From.Kind, p.From.Target, p.From.Name})
	}
	return item
}
