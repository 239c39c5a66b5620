package httpapi

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
)

// The calls that answer at the root path as well, as the product's requirements name them.
var rootAliases = map[string]bool{
	"/auth/login": true, "/me": true, "/tenants": true, "/agent/enroll": true, "/agent/heartbeat": true,
	"/scan/queue": true, "/scan/result": true, "/scan/trigger": true,
}

// The calls whose names in the requirements end in an id that the router cannot tell from other paths: what stands before
// the id, and the call that it is. The tenant of an export is chosen as everywhere else.
var namedAliases = []struct {
	prefix string
	call   func(url *url.URL, id string)
}{
	{"/agents/config/", func(u *url.URL, id string) { u.Path = Prefix + "/agent-config/" + id }},
	{"/scan/export/", func(u *url.URL, id string) {
		query := u.Query()
		query.Set("tenant", id)
		u.Path, u.RawQuery = Prefix+"/scan/export", query.Encode()
	}},
}

// Handler is the whole surface: operations, service routes, and what was put on Mux.
func (api *API) Handler() http.Handler {
	return api.trace(securityHeaders(api.recover(sameOrigin(aliases(api.mux)))))
}

// Server gives a server with the timeouts that an open network needs. There is no limit on the whole of reading or
// writing, because streams live long: each operation sets its own deadlines.
func Server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 120 * time.Second, MaxHeaderBytes: 32 << 10,
	}
}

// securityHeaders sets what every answer carries. The console's pages replace the content policy by their own.
func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), display-capture=(), midi=(), serial=()")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Strict-Transport-Security", "max-age=31536000")
		header.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// recover answers a panic in a handler with an error and goes on serving.
func (api *API) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			api.log.ErrorContext(r.Context(), "panic in a handler", "request_id", RequestID(r.Context()), "err", fmt.Sprint(cause), "stack", string(debug.Stack()))
			writeProblem(w, r, http.StatusInternalServerError, "an internal error occurred; the server's log has it under request "+RequestID(r.Context()))
		}()
		next.ServeHTTP(w, r)
	})
}

// sameOrigin protects the calls that read or set the session cookie: a foreign page can neither use the victim's
// session nor sign the victim in to another. They want JSON, which a plain form cannot send.
func sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, http.StatusForbidden, "this call is for the console's own pages")
	}))
	protected := protection.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(media), "application/json") {
			writeProblem(w, r, http.StatusUnsupportedMediaType, "send Content-Type: application/json")
			return
		}
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, Prefix)
		if r.Method == http.MethodPost && (path == "/auth/login" || path == "/auth/refresh" || path == "/auth/logout" || path == "/auth/link/use") {
			protected.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// aliases sends a call at the root path to the operation. A browser that asks for a page is not such a call: the console
// has pages of the same names.
func aliases(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called := *r.URL
		if !alias(&called) || strings.Contains(r.Header.Get("Accept"), "text/html") {
			next.ServeHTTP(w, r)
			return
		}
		clone := *r
		clone.URL = &called
		next.ServeHTTP(w, &clone)
		r.Pattern = clone.Pattern
	})
}

// alias turns the address of a call as the requirements name it into the call's own, and tells whether it was one.
func alias(called *url.URL) bool {
	if rootAliases[called.Path] {
		called.Path, called.RawPath = Prefix+called.Path, ""
		return true
	}
	for _, named := range namedAliases {
		id, ok := strings.CutPrefix(strings.TrimPrefix(called.Path, Prefix), named.prefix)
		if ok && id != "" && !strings.Contains(id, "/") {
			named.call(called, id)
			called.RawPath = ""
			return true
		}
	}
	return false
}

// serviceRoutes are what machines around the server ask.
func (api *API) serviceRoutes() {
	api.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(w, "ok")
	})
	api.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if api.config.Ready != nil {
			if err := api.config.Ready(r.Context()); err != nil {
				api.log.WarnContext(r.Context(), "not ready", "err", err)
				writeProblem(w, r, http.StatusServiceUnavailable, "not ready")
				return
			}
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(w, "ok")
	})
	api.mux.Handle("GET /metrics", api.serveMetrics())
	api.mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, http.StatusNotFound, "there is no such call")
	})
	api.docsRoutes()
}
