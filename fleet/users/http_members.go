package users

import (
	"context"
	"net/http"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type membersOutput struct {
	Body struct {
		Items []Member `json:"items"`
	}
}

type memberInput struct {
	ID   string `path:"id" format:"uuid" doc:"Of the person."`
	Body struct {
		Role access.Role `json:"role" enum:"SUPER_ADMIN,MSP_ADMIN,ADMIN,MANAGER,USER,READONLY,BILLING_VIEWER"`
	}
}

type memberOutput struct{ Body Member }

type denyInput struct {
	ID         string            `path:"id" format:"uuid" doc:"Of the person."`
	Permission access.Permission `path:"permission" maxLength:"60" doc:"A permission, or * for everything."`
	Body       struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

type allowInput struct {
	ID         string            `path:"id" format:"uuid" doc:"Of the person."`
	Permission access.Permission `path:"permission" maxLength:"60"`
}

type explainInput struct {
	User string `query:"user" required:"true" minLength:"1" maxLength:"254" doc:"Id or e-mail address."`
}

type explainOutput struct{ Body Explanation }

// Table is the product's permission and tier tables, as the server applies them.
type Table struct {
	Roles       []access.Role   `json:"roles" doc:"Strongest first."`
	Permissions []PermissionRow `json:"permissions"`
	Features    []FeatureRow    `json:"features"`
}

// PermissionRow says which roles have a permission.
type PermissionRow struct {
	Permission access.Permission `json:"permission"`
	Roles      []access.Role     `json:"roles"`
}

// FeatureRow says which tiers have a feature.
type FeatureRow struct {
	Feature access.Feature `json:"feature"`
	Tiers   []access.Tier  `json:"tiers"`
}

type tableOutput struct{ Body Table }

// permissionTable gives the tables in the order in which they are written down.
func permissionTable() Table {
	table := Table{Roles: access.Roles()}
	for _, p := range access.Permissions() {
		row := PermissionRow{Permission: p, Roles: []access.Role{}}
		for _, role := range access.Roles() {
			if role.Has(p) {
				row.Roles = append(row.Roles, role)
			}
		}
		table.Permissions = append(table.Permissions, row)
	}
	for _, f := range access.Features() {
		row := FeatureRow{Feature: f, Tiers: []access.Tier{}}
		for _, tier := range access.Tiers() {
			if tier.Has(f) {
				row.Tiers = append(row.Tiers, tier)
			}
		}
		table.Features = append(table.Features, row)
	}
	return table
}

// memberRoutes registers the calls about who may do what.
func (s *Service) memberRoutes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "list-members", Method: http.MethodGet, Path: "/members", Summary: "List everybody who has a role at the tenant, also from above", Tags: []string{"access"},
		Permission: access.UsersRead,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*membersOutput, error) {
		list, err := s.Members(ctx, scope)
		if err != nil {
			return nil, err
		}
		out := &membersOutput{}
		out.Body.Items = append([]Member{}, list...)
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-member", Method: http.MethodPut, Path: "/members/{id}", Summary: "Give a person a role at the tenant and below", Tags: []string{"access"},
		Permission: access.UsersManage, Audit: "members.put",
	}, func(ctx context.Context, scope access.Scope, in *memberInput) (*memberOutput, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		made, err := s.PutMember(ctx, scope, id, in.Body.Role)
		return &memberOutput{Body: made}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "remove-member", Method: http.MethodDelete, Path: "/members/{id}", Summary: "Take a person's role at the tenant back", Tags: []string{"access"},
		Permission: access.UsersManage, Audit: "members.remove",
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*struct{}, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		return &struct{}{}, s.RemoveMember(ctx, scope, id)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "deny-member", Method: http.MethodPut, Path: "/members/{id}/denied/{permission}", Summary: "Take a permission from a person at the tenant and below", Tags: []string{"access"},
		Permission: access.UsersManage, Feature: access.RBAC, Audit: "members.deny",
	}, func(ctx context.Context, scope access.Scope, in *denyInput) (*struct{}, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		return &struct{}{}, s.Deny(ctx, scope, id, in.Permission, in.Body.Reason)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "allow-member", Method: http.MethodDelete, Path: "/members/{id}/denied/{permission}", Summary: "Take a denial back", Tags: []string{"access"},
		Permission: access.UsersManage, Audit: "members.allow",
	}, func(ctx context.Context, scope access.Scope, in *allowInput) (*struct{}, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		return &struct{}{}, s.Allow(ctx, scope, id, in.Permission)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "explain-access", Method: http.MethodGet, Path: "/access/explain", Summary: "Tell what a person may do at the tenant, and why", Tags: []string{"access"},
		Permission: access.UsersRead,
	}, func(ctx context.Context, scope access.Scope, in *explainInput) (*explainOutput, error) {
		found, err := s.Explain(ctx, scope, in.User)
		return &explainOutput{Body: found}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "get-permission-table", Method: http.MethodGet, Path: "/access/table", Summary: "Read the permission table and the tier table", Tags: []string{"access"},
		Permission: access.SelfManage,
	}, func(context.Context, access.Scope, *struct{}) (*tableOutput, error) {
		return &tableOutput{Body: permissionTable()}, nil
	})
}
