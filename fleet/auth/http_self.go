package auth

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type stepUpInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Password string `json:"password" maxLength:"1024"`
		Code     string `json:"code,omitempty" maxLength:"64" doc:"Of the second factor, or a recovery code."`
	}
}

type sessionsOutput struct {
	Body struct {
		Items []Session `json:"items"`
	}
}

type sessionInput struct {
	ID string `path:"id" format:"uuid"`
}

type endedOutput struct {
	Body struct {
		Ended int `json:"ended" doc:"How many sessions there were."`
	}
}

type factorStateOutput struct {
	Body struct {
		Enabled       bool       `json:"enabled"`
		ConfirmedAt   *time.Time `json:"confirmed_at"`
		Required      bool       `json:"required" doc:"Your role may do nothing dangerous without one."`
		RecoveryCodes int        `json:"recovery_codes_left"`
	}
}

type factorOutput struct {
	Body struct {
		Secret string `json:"secret" doc:"Shown once, to be typed into an authenticator."`
		URL    string `json:"url" doc:"The same as otpauth://, to be shown as a QR code."`
	}
}

type codeInput struct {
	Body struct {
		Code string `json:"code" maxLength:"64"`
	}
}

type recoveryOutput struct {
	Body struct {
		Codes []string `json:"recovery_codes" doc:"Shown once; each serves once in place of a code."`
	}
}

// selfRoutes registers what people do with their own sign-in.
func (s *Service) selfRoutes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "step-up", Method: http.MethodPost, Path: "/auth/step-up", Summary: "Show again who you are, before something dangerous", Tags: []string{"auth"},
		Permission: access.SelfManage, Person: true, Audit: "auth.step_up", MaxBody: 8 << 10,
	}, func(ctx context.Context, scope access.Scope, in *stepUpInput) (*struct{}, error) {
		return &struct{}{}, s.StepUp(ctx, scope, in.Body.Password, in.Body.Code, Origin{scope.Actor.Address, in.UserAgent})
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-own-sessions", Method: http.MethodGet, Path: "/me/sessions", Summary: "List one's own sessions", Tags: []string{"auth"},
		Permission: access.SelfManage, Person: true,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*sessionsOutput, error) {
		list, err := s.Sessions(ctx, scope)
		if err != nil {
			return nil, err
		}
		out := &sessionsOutput{}
		out.Body.Items = append([]Session{}, list...)
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "end-own-session", Method: http.MethodDelete, Path: "/me/sessions/{id}", Summary: "End a session of one's own", Tags: []string{"auth"},
		Permission: access.SelfManage, Person: true, Audit: "auth.session_end",
	}, func(ctx context.Context, scope access.Scope, in *sessionInput) (*struct{}, error) {
		id, err := uuid.Parse(in.ID)
		if err != nil {
			return nil, fault.Field(fault.Invalid, "path.id", "is not an id")
		}
		return &struct{}{}, s.EndSession(ctx, scope, id)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "end-other-sessions", Method: http.MethodPost, Path: "/me/sessions/end-others", Summary: "End all sessions of one's own but this one", Tags: []string{"auth"},
		Permission: access.SelfManage, Person: true, Audit: "auth.session_end",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*endedOutput, error) {
		ended, err := s.EndOtherSessions(ctx, scope)
		out := &endedOutput{}
		out.Body.Ended = ended
		return out, err
	})
	s.factorRoutes(api)
}

// factorRoutes registers what people do with their second factor.
func (s *Service) factorRoutes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "get-own-factor", Method: http.MethodGet, Path: "/me/totp", Summary: "Tell whether one has a second factor", Tags: []string{"auth"},
		Permission: access.SelfManage, Person: true,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*factorStateOutput, error) {
		found, err := s.FactorOf(ctx, scope)
		out := &factorStateOutput{}
		b := &out.Body
		b.Enabled, b.ConfirmedAt, b.Required, b.RecoveryCodes = found.Enabled, found.ConfirmedAt, found.Required, found.RecoveryLeft
		return out, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "create-own-factor", Method: http.MethodPost, Path: "/me/totp", Summary: "Make a second factor; it counts once it is confirmed", Tags: []string{"auth"},
		Permission: access.SelfManage, StepUp: true, Factorless: true, Audit: "auth.factor_new", Status: http.StatusCreated,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*factorOutput, error) {
		made, err := s.NewFactor(ctx, scope)
		out := &factorOutput{}
		out.Body.Secret, out.Body.URL = made.Secret, made.URL
		return out, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "confirm-own-factor", Method: http.MethodPost, Path: "/me/totp/confirm", Summary: "Switch the second factor on with a first code", Tags: []string{"auth"},
		Permission: access.SelfManage, StepUp: true, Factorless: true, Audit: "auth.factor_on",
	}, func(ctx context.Context, scope access.Scope, in *codeInput) (*recoveryOutput, error) {
		codes, err := s.ConfirmFactor(ctx, scope, in.Body.Code)
		out := &recoveryOutput{}
		out.Body.Codes = codes
		return out, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "renew-own-recovery-codes", Method: http.MethodPost, Path: "/me/totp/recovery-codes", Summary: "Replace one's recovery codes", Tags: []string{"auth"},
		Permission: access.SelfManage, StepUp: true, Audit: "auth.recovery_codes",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*recoveryOutput, error) {
		codes, err := s.RenewRecoveryCodes(ctx, scope)
		out := &recoveryOutput{}
		out.Body.Codes = codes
		return out, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-own-factor", Method: http.MethodDelete, Path: "/me/totp", Summary: "Remove one's second factor", Tags: []string{"auth"},
		Permission: access.SelfManage, StepUp: true, Audit: "auth.factor_off",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*struct{}, error) {
		return &struct{}{}, s.RemoveFactor(ctx, scope)
	})
}
