package users

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type changeInput struct {
	httpapi.IfMatch
	ID   string `path:"id" format:"uuid"`
	Body struct {
		Name string      `json:"name,omitempty" maxLength:"200"`
		Role access.Role `json:"role,omitempty" enum:",SUPER_ADMIN,MSP_ADMIN,ADMIN,MANAGER,USER,READONLY,BILLING_VIEWER" doc:"At the person's own tenant; a new one ends their sessions."`
	}
}

type inviteOutput struct {
	Body struct {
		User       User       `json:"user"`
		Invitation Invitation `json:"invitation"`
	}
}

type linkOutput struct{ Body Invitation }

type sessionsOutput struct {
	Body struct {
		Items []auth.Session `json:"items"`
	}
}

// manageRoutes registers what administrators do with people.
func (s *Service) manageRoutes(api *httpapi.API) {
	person := func(id, path, summary, audit string, do func(ctx context.Context, scope access.Scope, id uuid.UUID) (User, error)) {
		httpapi.Register(api, httpapi.Operation{
			ID: id, Method: http.MethodPost, Path: path, Summary: summary, Tags: []string{"users"}, Permission: access.UsersManage, Audit: audit,
		}, func(ctx context.Context, scope access.Scope, in *idInput) (*userOutput, error) {
			id, err := parseID(in.ID)
			if err != nil {
				return nil, err
			}
			return userAnswer(do(ctx, scope, id))
		})
	}
	person("deactivate-user", "/users/{id}/deactivate", "Keep a person from signing in and end their sessions and tokens", "users.deactivate", s.Deactivate)
	person("activate-user", "/users/{id}/activate", "Let a deactivated person sign in again", "users.activate", s.Activate)

	httpapi.Register(api, httpapi.Operation{
		ID: "get-user", Method: http.MethodGet, Path: "/users/{id}", Summary: "Read a person", Tags: []string{"users"}, Permission: access.UsersRead,
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*userOutput, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		return userAnswer(s.Find(ctx, scope, id))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "change-user", Method: http.MethodPatch, Path: "/users/{id}", Summary: "Change a person's name or role", Tags: []string{"users"},
		Permission: access.UsersManage, Audit: "users.change",
	}, func(ctx context.Context, scope access.Scope, in *changeInput) (*userOutput, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		return userAnswer(s.Change(ctx, scope, id, Edit{Name: in.Body.Name, Role: in.Body.Role, Check: in.Check}))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "invite-user", Method: http.MethodPost, Path: "/users/invitations", Summary: "Add a person who sets their password by a link", Tags: []string{"users"},
		Permission: access.UsersManage, Audit: "users.invite", Status: http.StatusCreated,
	}, func(ctx context.Context, scope access.Scope, in *createInput) (*inviteOutput, error) {
		wanted, err := in.wanted()
		if err != nil {
			return nil, err
		}
		made, invitation, err := s.Invite(ctx, scope, wanted)
		if err != nil {
			return nil, err
		}
		out := &inviteOutput{}
		out.Body.User, out.Body.Invitation = made, invitation
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "link-user", Method: http.MethodPost, Path: "/users/{id}/link", Summary: "Make a link by which a person sets a password: mailed, or to be handed over", Tags: []string{"users"},
		Permission: access.UsersManage, StepUp: true, Audit: "users.reset_link",
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*linkOutput, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		made, err := s.Link(ctx, scope, id)
		return &linkOutput{Body: made}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-user-factor", Method: http.MethodDelete, Path: "/users/{id}/totp", Summary: "Remove the second factor of a person who lost it", Tags: []string{"users"},
		Permission: access.UsersManage, StepUp: true, Audit: "users.factor_off",
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*struct{}, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		return &struct{}{}, s.DropFactor(ctx, scope, id)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-user-sessions", Method: http.MethodGet, Path: "/users/{id}/sessions", Summary: "List a person's sessions", Tags: []string{"users"}, Permission: access.UsersManage,
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*sessionsOutput, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		list, err := s.Sessions(ctx, scope, id)
		if err != nil {
			return nil, err
		}
		out := &sessionsOutput{}
		out.Body.Items = append([]auth.Session{}, list...)
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "end-user-sessions", Method: http.MethodDelete, Path: "/users/{id}/sessions", Summary: "End all sessions of a person", Tags: []string{"users"},
		Permission: access.UsersManage, Audit: "users.sessions_end",
	}, func(ctx context.Context, scope access.Scope, in *idInput) (*struct{}, error) {
		id, err := parseID(in.ID)
		if err != nil {
			return nil, err
		}
		return &struct{}{}, s.EndSessions(ctx, scope, id)
	})
}

func userAnswer(found User, err error) (*userOutput, error) {
	if err != nil {
		return nil, err
	}
	return &userOutput{ETag: httpapi.ETag(found.LastModifiedAt), Body: found}, nil
}
