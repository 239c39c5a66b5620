package tenants

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type idInput struct {
	ID string `path:"id" format:"uuid"`
}

type tenantOutput struct {
	ETag string `header:"ETag"`
	Body Tenant
}

type changeInput struct {
	httpapi.IfMatch
	ID   string `path:"id" format:"uuid"`
	Body struct {
		Name string      `json:"name,omitempty" maxLength:"200"`
		Slug string      `json:"slug,omitempty" maxLength:"63"`
		Plan access.Tier `json:"plan,omitempty" enum:",free,basic,pro,enterprise" doc:"Decided by those above the tenant."`
	}
}

type statusInput struct {
	ID   string `path:"id" format:"uuid"`
	Body struct {
		Reason  string `json:"reason,omitempty" maxLength:"500"`
		Confirm string `json:"confirm,omitempty" maxLength:"63" doc:"The tenant's slug, to archive it."`
	}
}

type moveInput struct {
	ID   string `path:"id" format:"uuid"`
	Body struct {
		ParentID string `json:"parent_id" format:"uuid"`
	}
}

type plansInput struct {
	Body struct {
		TenantIDs []string    `json:"tenant_ids" minItems:"1" maxItems:"500"`
		Plan      access.Tier `json:"plan" enum:"free,basic,pro,enterprise"`
	}
}

type plansOutput struct {
	Body struct {
		Changed int `json:"changed" doc:"How many had another plan."`
	}
}

// manageRoutes registers what is done with a tenant that there is.
func (s *Service) manageRoutes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "get-tenant", Method: http.MethodGet, Path: "/tenants/{id}", Summary: "Read a tenant", Tags: []string{"tenants"}, Permission: access.TenantsRead,
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*tenantOutput, error) {
		id, err := parseID("path.id", in.ID)
		if err != nil {
			return nil, err
		}
		return tenantAnswer(s.Get(ctx, scope, id))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "change-tenant", Method: http.MethodPatch, Path: "/tenants/{id}", Summary: "Rename a tenant, or change its slug or plan", Tags: []string{"tenants"},
		Permission: access.TenantsManage, Audit: "tenants.change",
	}, func(ctx context.Context, scope access.Scope, in *changeInput) (*tenantOutput, error) {
		id, err := parseID("path.id", in.ID)
		if err != nil {
			return nil, err
		}
		return tenantAnswer(s.Change(ctx, scope, id, Edit{Name: in.Body.Name, Slug: in.Body.Slug, Plan: in.Body.Plan, Check: in.Check}))
	})
	status := func(id, verb, summary, status, audit string, stepUp bool) {
		httpapi.Register(api, httpapi.Operation{
			ID: id, Method: http.MethodPost, Path: "/tenants/{id}/" + verb, Summary: summary, Tags: []string{"tenants"},
			Permission: access.TenantsManage, StepUp: stepUp, Audit: audit,
		}, func(ctx context.Context, scope access.Scope, in *statusInput) (*tenantOutput, error) {
			id, err := parseID("path.id", in.ID)
			if err != nil {
				return nil, err
			}
			return tenantAnswer(s.SetStatus(ctx, scope, id, status, in.Body.Confirm, in.Body.Reason))
		})
	}
	status("suspend-tenant", "suspend", "Serve nobody of a tenant and give its agents no new work", Suspended, "tenants.suspend", false)
	status("resume-tenant", "resume", "Serve a suspended or archived tenant again", Active, "tenants.resume", false)
	status("archive-tenant", "archive", "Keep a tenant to be read only, by those above it", Archived, "tenants.archive", true)
	httpapi.Register(api, httpapi.Operation{
		ID: "move-tenant", Method: http.MethodPost, Path: "/tenants/{id}/move", Summary: "Hang a tenant, with all below it, below another", Tags: []string{"tenants"},
		Permission: access.TenantsManage, StepUp: true, Audit: "tenants.move",
	}, func(ctx context.Context, scope access.Scope, in *moveInput) (*tenantOutput, error) {
		id, err := parseID("path.id", in.ID)
		if err != nil {
			return nil, err
		}
		parent, err := parseID("body.parent_id", in.Body.ParentID)
		if err != nil {
			return nil, err
		}
		return tenantAnswer(s.Move(ctx, scope, id, parent))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "set-plans", Method: http.MethodPost, Path: "/tenants/plans", Summary: "Give several tenants a plan, all or none", Tags: []string{"tenants"},
		Permission: access.TenantsManage, Audit: "tenants.plan",
	}, func(ctx context.Context, scope access.Scope, in *plansInput) (*plansOutput, error) {
		ids := make([]uuid.UUID, len(in.Body.TenantIDs))
		for i, text := range in.Body.TenantIDs {
			var err error
			if ids[i], err = parseID("body.tenant_ids", text); err != nil {
				return nil, err
			}
		}
		changed, err := s.SetPlans(ctx, scope, ids, in.Body.Plan)
		out := &plansOutput{}
		out.Body.Changed = changed
		return out, err
	})
}

func tenantAnswer(found Tenant, err error) (*tenantOutput, error) {
	if err != nil {
		return nil, err
	}
	return &tenantOutput{ETag: httpapi.ETag(found.LastModifiedAt), Body: found}, nil
}

func parseID(field, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, fault.Field(fault.Invalid, field, "is not an id")
	}
	return id, nil
}
