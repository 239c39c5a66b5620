package groups

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Item is a group as the API shows it.
type Item struct {
	ID          uuid.UUID  `json:"id"`
	TenantID    uuid.UUID  `json:"tenant_id"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Kind        Kind       `json:"kind" enum:"fixed,sql,expr"`
	Rule        string     `json:"rule"`
	Agents      int64      `json:"agents"`
	EvaluatedAt *time.Time `json:"evaluated_at,omitempty"`
	Error       string     `json:"error" doc:"Why the rule could not be evaluated; the members are those of before."`
	CreatedAt   time.Time  `json:"created_at"`
}

// MemberItem is an agent of a group as the API shows it.
type MemberItem struct {
	AgentID  uuid.UUID `json:"agent_id"`
	Hostname string    `json:"hostname"`
	Platform string    `json:"platform" enum:"linux,darwin,windows"`
	Tenant   string    `json:"tenant"`
	Since    time.Time `json:"since"`
}

type (
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	groupBody struct {
		Name        string `json:"name" maxLength:"100"`
		Description string `json:"description,omitempty" maxLength:"2000"`
		Kind        Kind   `json:"kind" enum:"fixed,sql,expr"`
		Rule        string `json:"rule,omitempty" maxLength:"65536" doc:"Of kind sql, a statement over the last known state that gives the column agent; of kind expr, an expression over agent (hostname, platform, os_name, os_version, tags)."`
	}
	createInput struct{ Body groupBody }
	putInput    struct {
		ID   uuid.UUID `path:"id"`
		Body groupBody
	}
	membersInput struct {
		ID uuid.UUID `path:"id"`
		httpapi.Paging
	}
	setInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			AgentIDs []uuid.UUID `json:"agent_ids" maxItems:"10000"`
		}
	}
	body[T any] struct{ Body T }
)

func itemOf(g Group) Item {
	item := Item{ID: g.ID, TenantID: g.TenantID, Name: g.Name, Description: g.Description, Kind: g.Kind, Rule: g.Rule, Agents: g.Members, Error: g.Error, CreatedAt: g.CreatedAt}
	if !g.EvaluatedAt.IsZero() {
		item.EvaluatedAt = &g.EvaluatedAt
	}
	return item
}

// Routes registers the feature's operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"agents"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-groups", Method: http.MethodGet, Path: "/groups", Tags: tags, Permission: access.AgentsRead, Recursive: true, Summary: "List groups of agents by name",
	}, s.list)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-group", Method: http.MethodGet, Path: "/groups/{id}", Tags: tags, Permission: access.AgentsRead, Recursive: true, Summary: "Show a group",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[Item], error) {
		g, err := s.Find(ctx, scope, in.ID)
		if err != nil {
			return nil, err
		}
		return &body[Item]{itemOf(g)}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-group-agents", Method: http.MethodGet, Path: "/groups/{id}/agents", Tags: tags, Permission: access.AgentsRead, Recursive: true, Summary: "List the agents of a group",
	}, s.listMembers)
	httpapi.Register(api, httpapi.Operation{
		ID: "create-group", Method: http.MethodPost, Path: "/groups", Tags: tags, Permission: access.AgentsManage, Audit: "groups.create", Status: http.StatusCreated,
		Summary: "Make a group of agents",
	}, func(ctx context.Context, scope access.Scope, in *createInput) (*body[Item], error) {
		return s.put(ctx, scope, uuid.Nil, in.Body)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-group", Method: http.MethodPut, Path: "/groups/{id}", Tags: tags, Permission: access.AgentsManage, Audit: "groups.update", Summary: "Change a group",
	}, func(ctx context.Context, scope access.Scope, in *putInput) (*body[Item], error) {
		return s.put(ctx, scope, in.ID, in.Body)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "set-group-agents", Method: http.MethodPut, Path: "/groups/{id}/agents", Tags: tags, Permission: access.AgentsManage, Audit: "groups.members",
		Summary: "Say which agents are in a fixed group",
	}, func(ctx context.Context, scope access.Scope, in *setInput) (*struct{}, error) {
		return nil, s.SetMembers(ctx, scope, in.ID, in.Body.AgentIDs)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-group", Method: http.MethodDelete, Path: "/groups/{id}", Tags: tags, Permission: access.AgentsManage, Audit: "groups.delete", Summary: "Delete a group; its agents stay",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.Delete(ctx, scope, in.ID)
	})
}

func (s *Service) put(ctx context.Context, scope access.Scope, id uuid.UUID, in groupBody) (*body[Item], error) {
	g, err := s.Put(ctx, scope, id, Draft(in))
	if err != nil {
		return nil, err
	}
	return &body[Item]{itemOf(g)}, nil
}

func (s *Service) list(ctx context.Context, scope access.Scope, in *httpapi.Paging) (*body[httpapi.Page[Item]], error) {
	var after place
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	var found []Group
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = listGroups(ctx, tx, after, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(found))
	for i, g := range found {
		items[i] = itemOf(g)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last Item) any { return place{last.Name, last.ID} })
	return &body[httpapi.Page[Item]]{page}, err
}

func (s *Service) listMembers(ctx context.Context, scope access.Scope, in *membersInput) (*body[httpapi.Page[MemberItem]], error) {
	var after place
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	var found []Member
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		if _, err = findGroup(ctx, tx, in.ID); err != nil {
			return err
		}
		found, err = listMembers(ctx, tx, in.ID, after, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]MemberItem, len(found))
	for i, m := range found {
		items[i] = MemberItem(m)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last MemberItem) any { return place{last.Hostname, last.AgentID} })
	return &body[httpapi.Page[MemberItem]]{page}, err
}
