package tenants

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type listInput struct {
	httpapi.Paging
	Status string `query:"status" enum:",active,suspended,archived" doc:"All but archived ones when absent."`
	Text   string `query:"q" maxLength:"200" doc:"In name or slug."`
}

type listOutput struct{ Body httpapi.Page[Tenant] }

type createInput struct {
	Body struct {
		ParentID string      `json:"parent_id,omitempty" format:"uuid" doc:"The tenant acted in when absent."`
		Name     string      `json:"name" minLength:"1" maxLength:"200"`
		Slug     string      `json:"slug" minLength:"1" maxLength:"63"`
		Plan     access.Tier `json:"plan" enum:"free,basic,pro,enterprise"`
	}
}

type createOutput struct{ Body Tenant }

// Routes registers the calls about tenants.
func (s *Service) Routes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "list-tenants", Method: http.MethodGet, Path: "/tenants", Summary: "List the subtree of the tenant acted in",
		Tags: []string{"tenants"}, Permission: access.TenantsRead, Subtree: true,
	}, func(ctx context.Context, scope access.Scope, in *listInput) (*listOutput, error) {
		after := Key{Depth: -1}
		if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
			return nil, err
		}
		list, err := s.List(ctx, scope, after, Filter{in.Status, in.Text}, in.Limit+1)
		if err != nil {
			return nil, err
		}
		page, err := httpapi.NewPage(list, in.Limit, func(last Tenant) any { return last.place() })
		if err != nil {
			return nil, err
		}
		return &listOutput{Body: page}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "create-tenant", Method: http.MethodPost, Path: "/tenants", Summary: "Add a tenant to the subtree",
		Tags: []string{"tenants"}, Permission: access.TenantsManage, Feature: access.MultiTenant, Audit: "tenants.create",
		Status: http.StatusCreated,
	}, func(ctx context.Context, scope access.Scope, in *createInput) (*createOutput, error) {
		wanted := New{Name: in.Body.Name, Slug: in.Body.Slug, Plan: in.Body.Plan}
		if in.Body.ParentID != "" {
			id, err := uuid.Parse(in.Body.ParentID)
			if err != nil {
				return nil, fault.Field(fault.Invalid, "body.parent_id", "is not an id")
			}
			wanted.Parent = id
		}
		made, err := s.Create(ctx, scope, wanted)
		if err != nil {
			return nil, err
		}
		return &createOutput{Body: made}, nil
	})
	s.manageRoutes(api)
}
