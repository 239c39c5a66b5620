package views

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// Item is a view as the API shows it.
type Item struct {
	ID        uuid.UUID `json:"id"`
	Page      string    `json:"page"`
	Name      string    `json:"name"`
	Search    string    `json:"search" doc:"The query of the list's address: filters, order and columns."`
	Shared    bool      `json:"shared"`
	Mine      bool      `json:"mine"`
	Owner     string    `json:"owner" doc:"Who saved it."`
	Default   bool      `json:"default" doc:"The list opens with it, for you."`
	ChangedAt time.Time `json:"changed_at"`
}

type (
	listInput struct {
		Page string `query:"page" required:"true" maxLength:"40"`
	}
	listOutput struct {
		Body struct {
			Items []Item `json:"items"`
		}
	}
	createInput struct {
		Body struct {
			Page   string `json:"page" maxLength:"40" doc:"The list: agents, findings."`
			Name   string `json:"name" maxLength:"240"`
			Search string `json:"search" maxLength:"4000"`
			Shared bool   `json:"shared,omitempty"`
		}
	}
	updateInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			Name   string `json:"name" maxLength:"240"`
			Search string `json:"search" maxLength:"4000"`
			Shared bool   `json:"shared,omitempty"`
		}
	}
	defaultInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			Default bool `json:"default"`
		}
	}
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	itemOutput struct{ Body Item }
)

func itemOf(scope access.Scope, v View) Item {
	return Item{ID: v.ID, Page: v.Page, Name: v.Name, Search: v.Search, Shared: v.Shared, Mine: v.Owner == scope.Actor.ID, Owner: v.OwnerName, Default: v.Default, ChangedAt: v.ChangedAt}
}

// Routes registers the feature's operations. They are for people: a program keeps its filters itself.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"views"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-views", Method: http.MethodGet, Path: "/views", Tags: tags, Permission: access.SelfManage, Person: true,
		Summary: "List the views of a list: one's own, then the shared ones",
	}, func(ctx context.Context, scope access.Scope, in *listInput) (*listOutput, error) {
		found, err := s.List(ctx, scope, in.Page)
		if err != nil {
			return nil, err
		}
		out := &listOutput{}
		out.Body.Items = make([]Item, len(found))
		for i, v := range found {
			out.Body.Items[i] = itemOf(scope, v)
		}
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "create-view", Method: http.MethodPost, Path: "/views", Tags: tags, Permission: access.SelfManage, Person: true, Audit: "views.create", Status: http.StatusCreated,
		Summary: "Save how a list looks",
	}, func(ctx context.Context, scope access.Scope, in *createInput) (*itemOutput, error) {
		v, err := s.Create(ctx, scope, in.Body.Page, Draft{in.Body.Name, in.Body.Search, in.Body.Shared})
		return &itemOutput{itemOf(scope, v)}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "update-view", Method: http.MethodPut, Path: "/views/{id}", Tags: tags, Permission: access.SelfManage, Person: true, Audit: "views.update",
		Summary: "Change a view of one's own",
	}, func(ctx context.Context, scope access.Scope, in *updateInput) (*itemOutput, error) {
		v, err := s.Update(ctx, scope, in.ID, Draft(in.Body))
		return &itemOutput{itemOf(scope, v)}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-default-view", Method: http.MethodPut, Path: "/views/{id}/default", Tags: tags, Permission: access.SelfManage, Person: true, Audit: "views.default",
		Summary: "Say whether a list opens with a view, for oneself",
	}, func(ctx context.Context, scope access.Scope, in *defaultInput) (*struct{}, error) {
		return nil, s.SetDefault(ctx, scope, in.ID, in.Body.Default)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-view", Method: http.MethodDelete, Path: "/views/{id}", Tags: tags, Permission: access.SelfManage, Person: true, Audit: "views.delete",
		Summary: "Delete a view",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.Delete(ctx, scope, in.ID)
	})
}
