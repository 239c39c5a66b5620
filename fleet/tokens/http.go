package tokens

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type listInput struct{ httpapi.Paging }

type listOutput struct{ Body httpapi.Page[Token] }

type createInput struct {
	Body struct {
		Name        string              `json:"name" minLength:"1" maxLength:"100"`
		Permissions []access.Permission `json:"permissions,omitempty" maxItems:"64" doc:"What it may be used for; all that you may do here when absent."`
		Addresses   []string            `json:"addresses,omitempty" maxItems:"20" doc:"Networks that it may be used from, such as 192.0.2.0/24; everywhere when absent."`
		Days        int                 `json:"expires_in_days,omitempty" minimum:"1" maximum:"365" doc:"90 when absent."`
	}
}

type createServiceInput struct {
	Body struct {
		Name        string              `json:"name" minLength:"1" maxLength:"100"`
		Role        access.Role         `json:"role" enum:"ADMIN,MANAGER,USER,READONLY,BILLING_VIEWER"`
		Permissions []access.Permission `json:"permissions,omitempty" maxItems:"64" doc:"Of the role's; all of them when absent."`
		Addresses   []string            `json:"addresses,omitempty" maxItems:"20" doc:"Networks that it may be used from, such as 192.0.2.0/24; everywhere when absent."`
		Days        int                 `json:"expires_in_days,omitempty" minimum:"1" maximum:"365" doc:"90 when absent."`
	}
}

type createOutput struct {
	Body struct {
		Token  Token  `json:"token"`
		Secret string `json:"secret" doc:"Shown once: send it as Authorization: Bearer."`
	}
}

type idInput struct {
	ID string `path:"id" format:"uuid"`
}

// Routes registers the calls about tokens.
func (k *Keeper) Routes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "list-own-tokens", Method: http.MethodGet, Path: "/me/tokens", Summary: "List one's own API tokens", Tags: []string{"tokens"},
		Permission: access.SelfManage, Person: true,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*listOutput, error) {
		list, err := k.Mine(ctx, scope)
		if err != nil {
			return nil, err
		}
		page, err := httpapi.NewPage(list, len(list), func(Token) any { return nil })
		return &listOutput{Body: page}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "create-own-token", Method: http.MethodPost, Path: "/me/tokens", Summary: "Make an API token of one's own for the tenant acted in",
		Tags: []string{"tokens"}, Permission: access.SelfManage, StepUp: true, Feature: access.APITokens, Audit: "tokens.create", Status: http.StatusCreated,
	}, func(ctx context.Context, scope access.Scope, in *createInput) (*createOutput, error) {
		b := in.Body
		return created(k.CreatePersonal(ctx, scope, New{Name: b.Name, Permissions: b.Permissions, Addresses: b.Addresses, Days: b.Days}))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "revoke-own-token", Method: http.MethodDelete, Path: "/me/tokens/{id}", Summary: "End an API token of one's own", Tags: []string{"tokens"},
		Permission: access.SelfManage, Person: true, Audit: "tokens.revoke",
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*struct{}, error) {
		id, err := in.parse()
		if err != nil {
			return nil, err
		}
		return &struct{}{}, k.RevokeMine(ctx, scope, id)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-tokens", Method: http.MethodGet, Path: "/tokens", Summary: "List the API tokens for the tenant, people's and services'", Tags: []string{"tokens"},
		Permission: access.TokensManage, Recursive: true,
	}, func(ctx context.Context, scope access.Scope, in *listInput) (*listOutput, error) {
		var before uuid.UUID
		if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
			return nil, err
		}
		list, err := k.List(ctx, scope, before, in.Limit+1)
		if err != nil {
			return nil, err
		}
		page, err := httpapi.NewPage(list, in.Limit, func(last Token) any { return last.ID })
		return &listOutput{Body: page}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "create-token", Method: http.MethodPost, Path: "/tokens", Summary: "Make an API token for a service of the tenant", Tags: []string{"tokens"},
		Permission: access.TokensManage, StepUp: true, Feature: access.APITokens, Audit: "tokens.create", Status: http.StatusCreated,
	}, func(ctx context.Context, scope access.Scope, in *createServiceInput) (*createOutput, error) {
		b := in.Body
		return created(k.CreateService(ctx, scope, New{Name: b.Name, Role: b.Role, Permissions: b.Permissions, Addresses: b.Addresses, Days: b.Days}))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "revoke-token", Method: http.MethodDelete, Path: "/tokens/{id}", Summary: "End an API token for the tenant", Tags: []string{"tokens"},
		Permission: access.TokensManage, Audit: "tokens.revoke",
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*struct{}, error) {
		id, err := in.parse()
		if err != nil {
			return nil, err
		}
		return &struct{}{}, k.Revoke(ctx, scope, id)
	})
}

func (in *idInput) parse() (uuid.UUID, error) {
	id, err := uuid.Parse(in.ID)
	if err != nil {
		return uuid.Nil, fault.Field(fault.Invalid, "path.id", "is not an id")
	}
	return id, nil
}

func created(made Token, secret string, err error) (*createOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &createOutput{}
	out.Body.Token, out.Body.Secret = made, secret
	return out, nil
}
