package msp

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type startInput struct {
	Body struct {
		UserID  string      `json:"user_id,omitempty" format:"uuid" doc:"The person to act for; absent: with the role."`
		Role    access.Role `json:"role,omitempty" enum:",ADMIN,MANAGER,USER,READONLY,BILLING_VIEWER" doc:"READONLY when absent."`
		Reason  string      `json:"reason" minLength:"10" maxLength:"500" doc:"The customer reads it."`
		Minutes int         `json:"minutes,omitempty" minimum:"1" maximum:"60" doc:"60 when absent."`
	}
}

type startOutput struct {
	Body struct {
		Grant         Grant     `json:"grant"`
		MSPScopeToken uuid.UUID `json:"msp_scope_token" doc:"Marks each action in the audit log; it is no secret."`
		AccessToken   string    `json:"access_token" doc:"To act with; it cannot be renewed."`
		ExpiresIn     int       `json:"expires_in" doc:"Seconds."`
	}
}

type listInput struct {
	httpapi.Paging
	Live bool `query:"live" doc:"Only those that hold now."`
}

type listOutput struct{ Body httpapi.Page[Grant] }

type idInput struct {
	ID string `path:"id" format:"uuid"`
}

type grantOutput struct{ Body Grant }

// Routes registers the calls.
func (s *Service) Routes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "start-impersonation", Method: http.MethodPost, Path: "/impersonations", Summary: "Act in a customer's tenant for a while, as one of its people or with a role",
		Tags: []string{"msp"}, Permission: access.TenantsImpersonate, StepUp: true, Audit: "grants.start", Status: http.StatusCreated,
	}, func(ctx context.Context, scope access.Scope, in *startInput) (*startOutput, error) {
		start := Start{Role: in.Body.Role, Reason: in.Body.Reason, Minutes: in.Body.Minutes}
		if in.Body.UserID != "" {
			id, err := uuid.Parse(in.Body.UserID)
			if err != nil {
				return nil, fault.Field(fault.Invalid, "body.user_id", "is not an id")
			}
			start.User = id
		}
		made, token, life, err := s.Start(ctx, scope, start)
		if err != nil {
			return nil, err
		}
		out := &startOutput{}
		out.Body.Grant, out.Body.MSPScopeToken, out.Body.AccessToken, out.Body.ExpiresIn = made, made.ID, token, int(life/time.Second)
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-impersonations", Method: http.MethodGet, Path: "/impersonations", Summary: "List who acted in the tenant from above, the newest first", Tags: []string{"msp"},
		Permission: access.AuditRead, Recursive: true,
	}, func(ctx context.Context, scope access.Scope, in *listInput) (*listOutput, error) {
		var before uuid.UUID
		if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
			return nil, err
		}
		list, err := s.List(ctx, scope, before, in.Live, in.Limit+1)
		if err != nil {
			return nil, err
		}
		page, err := httpapi.NewPage(list, in.Limit, func(last Grant) any { return last.ID })
		return &listOutput{Body: page}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "end-impersonation", Method: http.MethodPost, Path: "/impersonations/{id}/end", Summary: "End somebody's acting in the tenant from above", Tags: []string{"msp"},
		Permission: access.SelfManage, Audit: "grants.end",
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*grantOutput, error) {
		id, err := uuid.Parse(in.ID)
		if err != nil {
			return nil, fault.Field(fault.Invalid, "path.id", "is not an id")
		}
		ended, err := s.End(ctx, scope, id)
		return &grantOutput{Body: ended}, err
	})
	s.clientRoutes(api)
}
