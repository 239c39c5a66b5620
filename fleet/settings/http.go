package settings

import (
	"context"
	"net/http"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/modules"
)

type listOutput struct {
	Body struct {
		Items []Value `json:"items"`
	}
}

type putInput struct {
	Key  string `path:"key" maxLength:"60"`
	Body struct {
		Value  any  `json:"value"`
		Locked bool `json:"locked,omitempty" doc:"Tenants below cannot say otherwise."`
	}
}

type valueOutput struct{ Body Value }

type keyInput struct {
	Key string `path:"key" maxLength:"60"`
}

type modulesOutput struct {
	Body struct {
		Items        []Module `json:"items"`
		AllowedClass Value    `json:"allowed_class"`
	}
}

type moduleInput struct {
	Name string `path:"name" maxLength:"100"`
	Body struct {
		State   modules.State `json:"state,omitempty" enum:",collected,live,off" doc:"The table's own default when absent."`
		Seconds int           `json:"interval_seconds,omitempty" minimum:"0" maximum:"604800" doc:"Between collections; the table's own when absent."`
		Locked  bool          `json:"locked,omitempty"`
	}
}

type moduleOutput struct{ Body Module }

type nameInput struct {
	Name string `path:"name" maxLength:"100"`
}

type categoryInput struct {
	ID   string `path:"category" maxLength:"60"`
	Body struct {
		State  modules.State `json:"state,omitempty" enum:",live,off" doc:"Absent: the tenant says nothing of it any more."`
		Locked bool          `json:"locked,omitempty"`
	}
}

// Routes registers the calls about settings.
func (s *Service) Routes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "list-settings", Method: http.MethodGet, Path: "/settings", Summary: "Read all settings as they hold for the tenant, and where they come from",
		Tags: []string{"settings"}, Permission: access.SettingsRead,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*listOutput, error) {
		list, err := s.All(ctx, scope)
		out := &listOutput{}
		out.Body.Items = list
		return out, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-setting", Method: http.MethodPut, Path: "/settings/{key}", Summary: "Say what holds for the tenant, and below where nobody says otherwise",
		Tags: []string{"settings"}, Permission: access.SettingsManage, Audit: "settings.put",
	}, func(ctx context.Context, scope access.Scope, in *putInput) (*valueOutput, error) {
		v, err := s.Put(ctx, scope, in.Key, in.Body.Value, in.Body.Locked, func() error { return httpapi.Fresh(ctx) })
		return &valueOutput{Body: v}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "reset-setting", Method: http.MethodDelete, Path: "/settings/{key}", Summary: "Have what is inherited hold again", Tags: []string{"settings"},
		Permission: access.SettingsManage, Audit: "settings.reset",
	}, func(ctx context.Context, scope access.Scope, in *keyInput) (*struct{}, error) {
		return &struct{}{}, s.Reset(ctx, scope, in.Key, func() error { return httpapi.Fresh(ctx) })
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-modules", Method: http.MethodGet, Path: "/modules", Summary: "Read how every table runs for the tenant, and who says so", Tags: []string{"settings"},
		Permission: access.SettingsRead,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*modulesOutput, error) {
		list, err := s.ModulesOf(ctx, scope)
		if err != nil {
			return nil, err
		}
		class, err := s.Get(ctx, scope.Tenant, AllowedClass)
		out := &modulesOutput{}
		out.Body.Items, out.Body.AllowedClass = list, class
		return out, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-module", Method: http.MethodPut, Path: "/modules/{name}", Summary: "Say how a table runs for the tenant", Tags: []string{"settings"},
		Permission: access.SettingsManage, Feature: access.ModuleControl, Audit: "settings.put",
	}, func(ctx context.Context, scope access.Scope, in *moduleInput) (*moduleOutput, error) {
		m, err := s.PutModule(ctx, scope, in.Name, ModuleValue{in.Body.State, in.Body.Seconds}, in.Body.Locked)
		return &moduleOutput{Body: m}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "reset-module", Method: http.MethodDelete, Path: "/modules/{name}", Summary: "Have a table run as it is inherited", Tags: []string{"settings"},
		Permission: access.SettingsManage, Audit: "settings.reset",
	}, func(ctx context.Context, scope access.Scope, in *nameInput) (*struct{}, error) {
		return &struct{}{}, s.ResetModule(ctx, scope, in.Name)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-module-category", Method: http.MethodPut, Path: "/module-categories/{category}", Summary: "Switch a whole category of tables on or off for the tenant",
		Tags: []string{"settings"}, Permission: access.SettingsManage, Feature: access.ModuleControl, Audit: "settings.put",
	}, func(ctx context.Context, scope access.Scope, in *categoryInput) (*struct{}, error) {
		return &struct{}{}, s.PutCategory(ctx, scope, in.ID, in.Body.State, in.Body.Locked)
	})
}
