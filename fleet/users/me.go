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
		ID    uuid.UUID `json:"id"`
		Email string    `json:"email"`
		Name  string    `json:"name"`
	} `json:"user"`
	Tenant struct {
		ID   uuid.UUID   `json:"id"`
		Name string      `json:"name"`
		Slug string      `json:"slug"`
		Plan access.Tier `json:"plan" enum:"free,basic,pro,enterprise"`
	} `json:"tenant"`
	Role        access.Role         `json:"role"`
	Permissions []access.Permission `json:"permissions"`
	Features    []access.Feature    `json:"features"`
}

type meOutput struct{ Body Me }

func (s *Service) meRoute(api *httpapi.API) {
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
		me.User.ID, me.User.Email, me.User.Name = found.ID, found.Email, found.Name
		return err
	})
	return me, err
}
