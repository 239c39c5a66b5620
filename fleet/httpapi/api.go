// Package httpapi is the server's HTTP surface: it registers operations with their permission, tier and audit action,
// and does for all of them what no handler does itself. It resolves who calls and in which tenant, checks rights, bounds
// sizes and rates, decodes strictly, renders errors, sets headers and writes the access log.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tenantra/tenantra/fleet/access"
)

// Prefix is where operations live.
const Prefix = "/api/v1"

const (
	bodyMost     = 1 << 20
	bodyReadTime = 30 * time.Second
)

// Authenticator finds out who calls. fleet/auth implements it.
type Authenticator interface {
	// Authenticate gives the scope of a bearer token at a tenant: its UUID, its slug, or "" for the token's own. With
	// recursive the scope sees the tenant's subtree. It returns fault.Unauthenticated for a token that does not hold
	// and fault.NotFound for a tenant that is missing or not the caller's.
	Authenticate(ctx context.Context, bearer, tenant string, recursive bool, address string) (Caller, error)
	// Alive returns an error when the caller's session has ended. It may answer from state that is a few seconds old.
	Alive(ctx context.Context, scope access.Scope) error
}

// Caller is who calls.
type Caller struct {
	Scope access.Scope
	// Rights is what the caller may do in each visible tenant; nil: what the scope says, in all of them.
	Rights map[int32]access.Rights
	// MustChangePassword: a new password must be set before anything else.
	MustChangePassword bool
	// LacksFactor: a role over other tenants, and no second factor: nothing dangerous then. MustEnrolFactor: nothing at all.
	LacksFactor, MustEnrolFactor bool
	// Verified is when the caller last gave password and second factor; zero for tokens, which never do.
	Verified time.Time
}

// Config is what the API needs from outside. Only Auth is required.
type Config struct {
	Auth           Authenticator
	Version        string
	Log            *slog.Logger
	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts; none: the TCP peer is the client
	MetricsToken   string         // of GET /metrics; "" switches it off
	Metrics        *prometheus.Registry
	Ready          func(ctx context.Context) error // what /readyz asks; nil: always ready
	// Denied is told of a call that was refused for lack of permission, to be audited.
	Denied func(ctx context.Context, scope access.Scope, operation string)
	// Replays remembers the answers of calls with an Idempotency-Key; nil: the header counts for nothing.
	Replays Replays
	// Now is the clock of the rate limits; nil: time.Now.
	Now func() time.Time
}

// Operation declares one call of the API.
type Operation struct {
	ID         string // "list-agents"
	Method     string
	Path       string // below Prefix: "/agents/{id}"
	Summary    string
	Tags       []string
	Permission access.Permission
	Public     bool           // needs no sign-in
	AgentAuth  bool           // an agent's signed request: its handler checks the signature
	Person     bool           // for a signed-in person alone: neither a token nor somebody acting for another may
	StepUp     bool           // Person, who must have given password and second factor in the last ten minutes
	Factorless bool           // with StepUp: also for those who should have a second factor and lack it
	Feature    access.Feature // of the tier; "" when every tier has it
	Audit      string         // action that the handler records, "" only for reads
	ReadOnly   bool           // a POST that changes nothing, such as a check of some text
	Recursive  bool           // may be asked for a tenant's whole subtree
	Subtree    bool           // always acts on the tenant's whole subtree
	MaxBody    int64          // bytes; 0: 1 MiB
	Stream     bool           // the response goes on until somebody ends it
	Status     int            // of success; 0: 200, or 204 without a body
}

// API collects operations and serves them. Register before serving.
type API struct {
	config     Config
	mux        *http.ServeMux
	huma       huma.API
	operations []Operation
	limits     limits
	metrics    metrics
	proxies    []netip.Prefix
	log        *slog.Logger

	registering string // id of the operation whose types are being named
}

// New makes an API without operations.
func New(config Config) *API {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Metrics == nil {
		config.Metrics = prometheus.NewRegistry()
	}
	useOwnErrors()
	mux := http.NewServeMux()
	api := &API{
		config: config, mux: mux, log: config.Log, proxies: config.TrustedProxies, limits: newLimits(config.Now), metrics: newMetrics(config.Metrics),
	}
	settings := huma.Config{
		OpenAPI: &huma.OpenAPI{
			Info:       &huma.Info{Title: "Tenantra", Version: config.Version},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", api.schemaName)},
			Security:   []map[string][]string{{"bearer": {}}},
		},
		Formats:          map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat:    "application/json",
		NoFormatFallback: false,
	}
	settings.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT"},
	}
	api.huma = humago.New(mux, settings)
	api.serviceRoutes()
	return api
}

// Mux is for handlers that are no operations: the agents' socket, the console's files. They get neither a scope nor
// limits of rate and size; headers, request id and access log they do get.
func (api *API) Mux() *http.ServeMux { return api.mux }

// Operations lists what is registered, in order of registration: the generated isolation test calls each as a stranger.
func (api *API) Operations() []Operation { return slices.Clone(api.operations) }

// OpenAPI is the description of all operations as JSON.
func (api *API) OpenAPI() ([]byte, error) {
	text, err := api.huma.OpenAPI().MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("describe API: %w", err)
	}
	return text, nil
}

// scopeKey carries the scope from the guard to the handler's adapter, no further: handlers get it as an argument.
type scopeKey struct{}

// Register adds an operation. Input and output are huma structs: parameters by tag, Body for JSON; an operation with
// Stream has Stream as its output. It panics when the declaration lacks what every operation must say.
func Register[I, O any](api *API, op Operation, handle func(ctx context.Context, scope access.Scope, in *I) (*O, error)) {
	op = api.declare(op)
	api.registering = op.ID
	mustBeFillable(op, reflect.TypeFor[I]())
	huma.Register(api.huma, api.describe(op), func(ctx context.Context, in *I) (*O, error) {
		scope, _ := ctx.Value(scopeKey{}).(access.Scope)
		out, err := handle(ctx, scope, in)
		if err != nil {
			return nil, api.problem(ctx, err)
		}
		return out, nil
	})
}

// mustBeFillable refuses inputs that embed an unexported struct: huma cannot set its fields and would leave them empty.
func mustBeFillable(op Operation, input reflect.Type) {
	for i := range input.NumField() {
		if field := input.Field(i); field.Anonymous && !field.IsExported() {
			panic(fmt.Sprintf("operation %q: its input embeds %s, whose fields cannot be filled: name them in the input", op.ID, field.Type))
		}
	}
}

// declare checks the declaration: an operation without rights or audit does not get into the router.
func (api *API) declare(op Operation) Operation {
	complain := func(what string) { panic(fmt.Sprintf("operation %q (%s %s): %s", op.ID, op.Method, op.Path, what)) }
	open := op.Public || op.AgentAuth
	switch {
	case op.ID == "" || op.Summary == "" || op.Method == "" || !strings.HasPrefix(op.Path, "/"):
		complain("needs id, method, path and summary")
	case open == (op.Permission != ""):
		complain("needs a permission, or to be public, or to be for agents, and only one of them")
	case op.Permission != "" && !slices.Contains(access.Permissions(), op.Permission):
		complain("names a permission that is not in the table")
	case op.Feature != "" && op.Feature.Tier() == "":
		complain("names a feature that no tier has")
	case op.Audit == "" && op.Method != http.MethodGet && !op.ReadOnly && !op.AgentAuth:
		complain("changes something and names no audit action")
	}
	op.Person = op.Person || op.StepUp
	if op.MaxBody == 0 {
		op.MaxBody = bodyMost
	}
	api.operations = append(api.operations, op)
	return op
}

// describe turns the declaration into huma's.
func (api *API) describe(op Operation) huma.Operation {
	described := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: Prefix + op.Path, Summary: op.Summary, Tags: op.Tags,
		MaxBodyBytes: op.MaxBody, BodyReadTimeout: bodyReadTime, DefaultStatus: op.Status,
		Middlewares: huma.Middlewares{api.guard(op)},
		Errors:      []int{http.StatusBadRequest, http.StatusTooManyRequests},
		Extensions:  map[string]any{},
	}
	if op.Permission == "" {
		described.Security = []map[string][]string{}
		return described
	}
	described.Errors = append(described.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound)
	described.Extensions["x-permission"] = string(op.Permission)
	if op.StepUp {
		described.Extensions["x-step-up"] = true
	}
	if op.Feature != "" {
		described.Extensions["x-feature"] = string(op.Feature)
	}
	described.Parameters = append(described.Parameters, &huma.Param{
		Name: "tenant", In: "query", Description: "Tenant to act in, by id or slug; the session's own when absent.",
		Schema: &huma.Schema{Type: huma.TypeString},
	})
	if replayable(op) {
		described.Parameters = append(described.Parameters, &huma.Param{
			Name: replayHeader, In: "header", Description: "A random text: the call sent again with it within a day gets the same answer and does nothing.",
			Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	if op.Recursive || op.Subtree {
		described.Parameters = append(described.Parameters, &huma.Param{
			Name: "recursive", In: "query", Description: "Include the tenant's whole subtree.",
			Schema: &huma.Schema{Type: huma.TypeBoolean},
		})
	}
	return described
}

var ownErrors sync.Once

// useOwnErrors has huma render its own complaints (validation, unreadable bodies) as ours. huma keeps this in package
// variables, so it is done once for the process.
func useOwnErrors() {
	ownErrors.Do(func() {
		huma.NewError = newProblem
		huma.NewErrorWithContext = func(_ huma.Context, status int, message string, errs ...error) huma.StatusError {
			return newProblem(status, message, errs...)
		}
	})
}

// errStopped ends a stream whose session has ended.
var errStopped = errors.New("the session has ended")
