package users

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type listInput struct{ httpapi.Paging }

type listOutput struct{ Body httpapi.Page[User] }

type createInput struct {
	Body struct {
		Email    string      `json:"email" maxLength:"254" format:"email"`
		Name     string      `json:"name" minLength:"1" maxLength:"200"`
		Role     access.Role `json:"role" enum:"SUPER_ADMIN,MSP_ADMIN,ADMIN,MANAGER,USER,READONLY,BILLING_VIEWER"`
		TenantID string      `json:"tenant_id,omitempty" format:"uuid" doc:"The tenant acted in when absent."`
	}
}

type createOutput struct {
	Body struct {
		User            User   `json:"user"`
		OneTimePassword string `json:"one_time_password" doc:"Shown once; must be changed within 24 hours."`
	}
}

type idInput struct {
	ID string `path:"id" format:"uuid"`
}

type userOutput struct {
	ETag string `header:"ETag"`
	Body User
}

func (in *createInput) wanted() (New, error) {
	wanted := New{Email: in.Body.Email, Name: in.Body.Name, Role: in.Body.Role}
	if in.Body.TenantID != "" {
		id, err := uuid.Parse(in.Body.TenantID)
		if err != nil {
			return New{}, fault.Field(fault.Invalid, "body.tenant_id", "is not an id")
		}
		wanted.Tenant = id
	}
	return wanted, nil
}

func parseID(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, fault.Field(fault.Invalid, "path.id", "is not an id")
	}
	return id, nil
}

// Routes registers the calls about people.
func (s *Service) Routes(api *httpapi.API) {
	s.meRoute(api)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-users", Method: http.MethodGet, Path: "/users", Summary: "List people", Tags: []string{"users"},
		Permission: access.UsersRead, Recursive: true,
	}, func(ctx context.Context, scope access.Scope, in *listInput) (*listOutput, error) {
		var after string
		if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
			return nil, err
		}
		list, err := s.List(ctx, scope, after, in.Limit+1)
		if err != nil {
			return nil, err
		}
		page, err := httpapi.NewPage(list, in.Limit, func(last User) any { return last.Email })
		if err != nil {
			return nil, err
		}
		return &listOutput{Body: page}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "create-user", Method: http.MethodPost, Path: "/users", Summary: "Add a person with a one-time password",
		Tags: []string{"users"}, Permission: access.UsersManage, Audit: "users.create", Status: http.StatusCreated,
	}, func(ctx context.Context, scope access.Scope, in *createInput) (*createOutput, error) {
		wanted, err := in.wanted()
		if err != nil {
			return nil, err
		}
		made, password, err := s.Create(ctx, scope, wanted)
		if err != nil {
			return nil, err
		}
		out := &createOutput{}
		out.Body.User, out.Body.OneTimePassword = made, password
		return out, nil
	})
	s.manageRoutes(api)
	s.memberRoutes(api)
}
