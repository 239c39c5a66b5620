package auth

import (
	"context"
	"net/http"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// The __Host- prefix has browsers insist on Secure, Path=/ and no Domain.
const cookieName = "__Host-tenantra"

type loginInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"1024"`
		Code     string `json:"code,omitempty" maxLength:"64" doc:"Of the second factor, or a recovery code, where the account has one."`
	}
}

type cookieInput struct {
	UserAgent string `header:"User-Agent"`
	Cookie    string `cookie:"__Host-tenantra"`
}

type passwordInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		CurrentPassword string `json:"current_password" maxLength:"1024"`
		NewPassword     string `json:"new_password" maxLength:"1024" doc:"12 to 128 characters."`
	}
}

type tokenOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      tokenBody
}

type tokenBody struct {
	AccessToken        string `json:"access_token"`
	ExpiresIn          int    `json:"expires_in" doc:"Seconds."`
	MustChangePassword bool   `json:"must_change_password"`
}

type logoutOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

// Routes registers the sign-in calls. The cookie is read here and nowhere else.
func (s *Service) Routes(api *httpapi.API) {
	s.selfRoutes(api)
	s.linkRoutes(api)
	httpapi.Register(api, httpapi.Operation{
		ID: "login", Method: http.MethodPost, Path: "/auth/login", Summary: "Sign in with e-mail, password and, where the account has one, second factor", Tags: []string{"auth"},
		Public: true, Audit: "auth.login", MaxBody: 8 << 10,
	}, func(ctx context.Context, scope access.Scope, in *loginInput) (*tokenOutput, error) {
		return answer(s.Login(ctx, Credentials{in.Body.Email, in.Body.Password, in.Body.Code}, Origin{scope.Actor.Address, in.UserAgent}))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "refresh", Method: http.MethodPost, Path: "/auth/refresh", Summary: "Get a new access token for the session of the cookie",
		Tags: []string{"auth"}, Public: true, Audit: "auth.refresh", MaxBody: 1 << 10,
	}, func(ctx context.Context, scope access.Scope, in *cookieInput) (*tokenOutput, error) {
		if in.Cookie == "" {
			return nil, fault.New(fault.Unauthenticated, "there is no session: sign in")
		}
		return answer(s.Refresh(ctx, in.Cookie, Origin{scope.Actor.Address, in.UserAgent}))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "logout", Method: http.MethodPost, Path: "/auth/logout", Summary: "End the session of the cookie", Tags: []string{"auth"},
		Public: true, Audit: "auth.logout", MaxBody: 1 << 10,
	}, func(ctx context.Context, scope access.Scope, in *cookieInput) (*logoutOutput, error) {
		if err := s.Logout(ctx, in.Cookie, Origin{scope.Actor.Address, in.UserAgent}); err != nil {
			return nil, err
		}
		return &logoutOutput{SetCookie: []http.Cookie{cookie("", -1)}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "change-password", Method: http.MethodPost, Path: "/auth/password", Summary: "Set one's own password; all sessions end and a new one starts",
		Tags: []string{"auth"}, Permission: access.SelfManage, Person: true, Audit: "auth.password", MaxBody: 8 << 10,
	}, func(ctx context.Context, scope access.Scope, in *passwordInput) (*tokenOutput, error) {
		return answer(s.ChangePassword(ctx, scope, in.Body.CurrentPassword, in.Body.NewPassword, Origin{scope.Actor.Address, in.UserAgent}))
	})
}

func answer(tokens Tokens, err error) (*tokenOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &tokenOutput{Body: tokenBody{AccessToken: tokens.Access, ExpiresIn: int(tokens.Life / time.Second), MustChangePassword: tokens.MustChange}}
	if tokens.Refresh != "" {
		out.SetCookie = []http.Cookie{cookie(tokens.Refresh, int(tokens.RefreshFor/time.Second))}
	}
	return out, nil
}

func cookie(value string, maxAge int) http.Cookie {
	return http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
}
