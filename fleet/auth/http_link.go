package auth

import (
	"context"
	"net/http"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type resetRequestInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Email string `json:"email" maxLength:"254"`
	}
}

type linkInput struct {
	Body struct {
		Token string `json:"token" maxLength:"200" doc:"What stands behind the # of the link."`
	}
}

type linkOutput struct {
	Body struct {
		Kind   LinkKind `json:"kind" enum:"invite,reset"`
		Email  string   `json:"email"`
		Name   string   `json:"name"`
		Tenant string   `json:"tenant" doc:"Name of the person's tenant."`
	}
}

type useLinkInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Token    string `json:"token" maxLength:"200"`
		Password string `json:"password" maxLength:"1024" doc:"12 to 128 characters."`
	}
}

type useLinkOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Kind        LinkKind `json:"kind" enum:"invite,reset"`
		AccessToken string   `json:"access_token" doc:"Of an invitation; empty after a reset: sign in with the new password."`
		ExpiresIn   int      `json:"expires_in"`
	}
}

// linkRoutes registers what people do who have no password, or forgot it.
func (s *Service) linkRoutes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "request-reset", Method: http.MethodPost, Path: "/auth/reset-request", Summary: "Have a link mailed by which a new password is set", Tags: []string{"auth"},
		Public: true, Audit: "auth.reset_request", MaxBody: 4 << 10, Status: http.StatusAccepted,
	}, func(ctx context.Context, scope access.Scope, in *resetRequestInput) (*struct{}, error) {
		s.RequestReset(ctx, in.Body.Email, Origin{scope.Actor.Address, in.UserAgent})
		return &struct{}{}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "read-link", Method: http.MethodPost, Path: "/auth/link", Summary: "Tell whom an invitation or reset is for", Tags: []string{"auth"},
		Public: true, ReadOnly: true, MaxBody: 4 << 10,
	}, func(ctx context.Context, _ access.Scope, in *linkInput) (*linkOutput, error) {
		found, err := s.findLink(ctx, in.Body.Token)
		if err != nil {
			return nil, err
		}
		out := &linkOutput{}
		out.Body.Kind, out.Body.Email, out.Body.Name, out.Body.Tenant = found.kind, found.email, found.name, found.at
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "use-link", Method: http.MethodPost, Path: "/auth/link/use", Summary: "Set a password by an invitation or reset", Tags: []string{"auth"},
		Public: true, Audit: "auth.link_used", MaxBody: 8 << 10,
	}, func(ctx context.Context, scope access.Scope, in *useLinkInput) (*useLinkOutput, error) {
		kind, tokens, err := s.UseLink(ctx, in.Body.Token, in.Body.Password, Origin{scope.Actor.Address, in.UserAgent})
		if err != nil {
			return nil, err
		}
		out := &useLinkOutput{}
		out.Body.Kind = kind
		if kind == Invite {
			answered, err := answer(tokens, nil)
			if err != nil {
				return nil, err
			}
			out.SetCookie, out.Body.AccessToken, out.Body.ExpiresIn = answered.SetCookie, answered.Body.AccessToken, answered.Body.ExpiresIn
		}
		return out, nil
	})
}
