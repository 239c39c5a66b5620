package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/internal/plaintext"
)

const (
	tokenMost  = 8 << 10         // bytes of a bearer token
	aliveEvery = 2 * time.Second // streams ask this often whether their session lives
)

// guard stands before an operation: who calls, from where, in which tenant, and may they?
func (api *API) guard(op Operation) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, _ := humago.Unwrap(ctx)
		request := requestOf(r.Context())
		request.operation = op.ID
		err := knownParameters(r, ctx.Operation().Parameters)
		var scope access.Scope
		var fresh func() error
		if err == nil {
			scope, fresh, err = api.admit(r, op)
		}
		if err != nil {
			api.refuse(ctx, err)
			return
		}
		request.tenant, request.actor = scope.TenantID, scope.Actor.ID
		inner := context.WithValue(context.WithValue(r.Context(), scopeKey{}, scope), freshKey{}, fresh)
		if op.Stream && op.Permission != "" {
			var cancel context.CancelCauseFunc
			inner, cancel = context.WithCancelCause(inner)
			defer cancel(nil)
			go api.watch(inner, scope, cancel)
		}
		api.once(huma.WithContext(ctx, inner), op, scope, next)
	}
}

// admit checks everything that stands before the handler.
func (api *API) admit(r *http.Request, op Operation) (scope access.Scope, fresh func() error, err error) {
	address := requestOf(r.Context()).address
	if err := storable(r.URL); err != nil {
		return access.Scope{}, nil, err
	}
	if op.AgentAuth && (r.Header.Get("Origin") != "" || r.Header.Get("Cookie") != "") {
		return access.Scope{}, nil, fault.New(fault.Forbidden, "this call is for agents, not for browsers")
	}
	if op.Public || op.AgentAuth {
		if err := api.limits.address(address); err != nil {
			return access.Scope{}, nil, err
		}
		return access.Scope{Actor: access.Actor{Address: address}}, nil, nil
	}
	caller, err := api.authenticate(r, op, address)
	if err != nil {
		return access.Scope{}, nil, err
	}
	scope = caller.Scope
	if err := api.limits.caller(scope); err != nil {
		return access.Scope{}, nil, err
	}
	if caller.MustChangePassword && op.Permission != access.SelfManage {
		return access.Scope{}, nil, fault.New(fault.Forbidden, "set a new password first: POST %s/auth/password", Prefix)
	}
	if caller.MustEnrolFactor && op.Permission != access.SelfManage {
		return access.Scope{}, nil, fault.New(fault.Forbidden, "set up a second factor first: POST %s/me/totp", Prefix)
	}
	if !scope.Can(op.Permission) {
		if api.config.Denied != nil {
			api.config.Denied(r.Context(), scope, op.ID)
		}
		return access.Scope{}, nil, fault.New(fault.Forbidden, "your role %s lacks the permission %s here", scope.Role, op.Permission)
	}
	if err := api.personal(op, caller); err != nil {
		return access.Scope{}, nil, err
	}
	if caller.Rights != nil {
		scope = narrow(scope, op.Permission, caller.Rights)
	}
	if op.Feature != "" && !scope.Tier.Has(op.Feature) {
		return access.Scope{}, nil, fault.New(fault.TierRequired, "the plan %s does not have %s; %s has it", scope.Tier, op.Feature, op.Feature.Tier())
	}
	return scope, func() error { return api.personal(Operation{StepUp: true, Person: true}, caller) }, nil
}

// storable refuses text in an address that no stored text can be: the database takes neither NUL nor broken UTF-8, and its
// error would be ours.
func storable(address *url.URL) error {
	if !plaintext.IsText(address.Path) {
		return fault.Field(fault.Invalid, "path", "is no text")
	}
	for name, values := range address.Query() {
		for _, value := range values {
			if !plaintext.IsText(name) || !plaintext.IsText(value) {
				return fault.Field(fault.Invalid, "query."+strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), ""), "is no text")
			}
		}
	}
	return nil
}

// stepUpFor is how long a person who gave password and second factor may do what is dangerous.
const stepUpFor = 10 * time.Minute

type freshKey struct{}

// Fresh is for operations of which only some calls are dangerous: an error unless the caller is a person who has given
// password and second factor in the last minutes, as StepUp demands of all calls of an operation.
func Fresh(ctx context.Context) error {
	check, _ := ctx.Value(freshKey{}).(func() error)
	if check == nil {
		return fault.New(fault.Forbidden, "only a signed-in person may do this")
	}
	return check()
}

// personal holds what only a person may do, and only fresh from showing who they are.
func (api *API) personal(op Operation, caller Caller) error {
	actor := caller.Scope.Actor
	switch {
	case op.Person && (actor.Kind != access.KindUser || actor.Grant != uuid.Nil):
		return fault.New(fault.Forbidden, "only a signed-in person themselves may do this: not a token, and nobody on another's behalf")
	case op.StepUp && !op.Factorless && caller.LacksFactor:
		return fault.New(fault.Forbidden, "your role needs a second factor for this: set one up first, POST %s/me/totp", Prefix)
	case op.StepUp && api.config.Now().Sub(caller.Verified) > stepUpFor:
		return fault.New(fault.StepUp, "show again who you are first: POST %s/auth/step-up with your password and, if you have one, a code", Prefix)
	}
	return nil
}

// narrow keeps of a recursive scope the tenants where the caller may do this: a strong role in one tenant is none in
// another. Further rights that a handler asks for must hold in all that is left.
func narrow(scope access.Scope, wanted access.Permission, rights map[int32]access.Rights) access.Scope {
	visible := make([]int32, 0, len(scope.Visible))
	for _, tenant := range scope.Visible {
		if held := rights[tenant]; held.Has(wanted) {
			visible = append(visible, tenant)
			scope.Without |= access.All &^ held
		}
	}
	scope.Visible = visible
	return scope
}

func (api *API) authenticate(r *http.Request, op Operation, address string) (Caller, error) {
	scheme, bearer, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") || len(bearer) > tokenMost {
		return Caller{}, fault.New(fault.Unauthenticated, "sign in first: send Authorization: Bearer with an access token")
	}
	query := r.URL.Query()
	recursive := op.Subtree
	if text := query.Get("recursive"); text != "" && op.Recursive {
		var err error
		if recursive, err = strconv.ParseBool(text); err != nil {
			return Caller{}, fault.Field(fault.Invalid, "query.recursive", "must be true or false")
		}
	}
	return api.config.Auth.Authenticate(r.Context(), strings.TrimSpace(bearer), query.Get("tenant"), recursive, address)
}

// knownParameters refuses query parameters that the operation does not have: a misspelt filter must not return
// everything.
func knownParameters(r *http.Request, declared []*huma.Param) error {
	for name, values := range r.URL.Query() {
		known := slices.ContainsFunc(declared, func(p *huma.Param) bool { return p.In == "query" && p.Name == name })
		if !known {
			return fault.Field(fault.Invalid, "query."+printable(name), "there is no such parameter here")
		}
		if len(values) > 1 {
			return fault.Field(fault.Invalid, "query."+name, "is given more than once")
		}
	}
	return nil
}

// printable keeps what a caller sent from growing or upsetting an answer.
func printable(text string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\ufffd' {
			return -1
		}
		return r
	}, text)
	return clean[:min(len(clean), 64)]
}

// refuse writes the error of a call that does not get to its handler.
func (api *API) refuse(ctx huma.Context, err error) {
	rendered := api.problem(ctx.Context(), err)
	if headers, ok := rendered.(huma.HeadersError); ok {
		for name, values := range headers.GetHeaders() {
			ctx.SetHeader(name, values[0])
		}
	}
	var problem *Problem
	if !errors.As(rendered, &problem) {
		panic("httpapi: an error was not rendered")
	}
	_, w := humago.Unwrap(ctx)
	if problem.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	write(w, problem)
}

// watch ends a stream when its session ends.
func (api *API) watch(ctx context.Context, scope access.Scope, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(aliveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := api.config.Auth.Alive(ctx, scope); fault.CodeOf(err) == fault.Unauthenticated {
				cancel(errStopped)
				return
			}
		}
	}
}
