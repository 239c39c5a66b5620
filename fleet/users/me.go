package users

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Me is who calls, where, and what they may do there.
type Me struct {
	User struct {
		ID       uuid.UUID `json:"id"`
		Email    string    `json:"email"`
		Name     string    `json:"name"`
		TimeZone string    `json:"time_zone" doc:"IANA name; empty: the browser's."`
		Theme    string    `json:"theme" enum:",system,light,dark"`
	} `json:"user"`
	Tenant struct {
		ID   uuid.UUID   `json:"id"`
		Name string      `json:"name"`
		Slug string      `json:"slug"`
		Plan access.Tier `json:"plan" enum:"free,basic,pro,enterprise"`

		Status string `json:"status" enum:"active,suspended,archived"`
	} `json:"tenant"`
	Role        access.Role         `json:"role"`
	Permissions []access.Permission `json:"permissions"`
	Features    []access.Feature    `json:"features"`
	OnBehalf    *uuid.UUID          `json:"on_behalf" doc:"The person acted for while impersonating."`
	Grant       *uuid.UUID          `json:"msp_scope_token" doc:"The grant of access that is used; null: none."`
}

type meOutput struct{ Body Me }

type profileInput struct {
	Body struct {
		Name     string  `json:"name,omitempty" maxLength:"200"`
		TimeZone *string `json:"time_zone,omitempty" maxLength:"64" doc:"IANA name such as Europe/Berlin; empty: the browser's."`
		Theme    string  `json:"theme,omitempty" enum:",system,light,dark"`
	}
}

type emailInput struct {
	Body struct {
		Email string `json:"email" format:"email" maxLength:"254"`
	}
}

func (s *Service) meRoute(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "change-profile", Method: http.MethodPatch, Path: "/me", Summary: "Change one's own name and how the console looks", Tags: []string{"auth"},
		Permission: access.SelfManage, Person: true, Audit: "profile.change",
	}, func(ctx context.Context, scope access.Scope, in *profileInput) (*meOutput, error) {
		if err := s.ChangeProfile(ctx, scope, Profile{in.Body.Name, in.Body.TimeZone, in.Body.Theme}); err != nil {
			return nil, err
		}
		me, err := s.Me(ctx, scope)
		return &meOutput{Body: me}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "change-own-email", Method: http.MethodPost, Path: "/me/email", Summary: "Change the address that one signs in with", Tags: []string{"auth"},
		Permission: access.SelfManage, StepUp: true, Audit: "profile.email",
	}, func(ctx context.Context, scope access.Scope, in *emailInput) (*struct{}, error) {
		return &struct{}{}, s.ChangeEmail(ctx, scope, in.Body.Email)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "me", Method: http.MethodGet, Path: "/me", Summary: "Who calls, where, and what they may do there",
		Tags: []string{"auth"}, Permission: access.SelfManage,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*meOutput, error) {
		me, err := s.Me(ctx, scope)
		if err != nil {
			return nil, err
		}
		return &meOutput{Body: me}, nil
	})
}

// Me describes the caller: a person, by their own token too, or a service. A person's name is read in their own tenant,
// which the scope need not see.
func (s *Service) Me(ctx context.Context, scope access.Scope) (Me, error) {
	me := Me{Role: scope.Role, Permissions: scope.Rights().List(), Features: scope.Tier.Features()}
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		return readTenant(ctx, tx, &me)
	})
	if err != nil {
		return Me{}, err
	}
	if grant := scope.Actor.Grant; grant != uuid.Nil {
		me.Grant = &grant
		if behalf := scope.Actor.OnBehalf; behalf != uuid.Nil {
			me.OnBehalf = &behalf
		}
	}
	person := scope.Actor.ID
	if scope.Actor.Kind == access.KindToken {
		if person = scope.Actor.OnBehalf; person == uuid.Nil {
			me.User.ID, me.User.Name = scope.Actor.ID, scope.Actor.Name
			return me, nil
		}
	}
	home, err := s.accounts.Home(ctx, scope)
	if err != nil {
		return Me{}, err
	}
	err = s.db.InScope(ctx, access.System(home, "me"), func(ctx context.Context, tx *postgres.Tx) error {
		found, err := findUser(ctx, tx, person)
		if err != nil {
			return err
		}
		me.User.ID, me.User.Email, me.User.Name = found.ID, found.Email, found.Name
		me.User.TimeZone, me.User.Theme, err = readLook(ctx, tx, found)
		return err
	})
	return me, err
}
