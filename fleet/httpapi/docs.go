package httpapi

import (
	"embed"
	"net/http"
)

//go:embed docs
var docsFiles embed.FS

// docsPolicy lets the page load its own script and style, and nothing from elsewhere.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// docsRoutes serves the description of the API to people who are signed in, and a page that shows it. The page itself
// holds nothing: it takes the session of the console and asks for the description.
func (api *API) docsRoutes() {
	api.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		if _, err := api.authenticate(r, Operation{}, Address(r.Context())); err != nil {
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeProblem(w, r, http.StatusUnauthorized, "sign in first: the description of the API is for people with an account")
			return
		}
		text, err := api.OpenAPI()
		if err != nil {
			api.log.ErrorContext(r.Context(), "describe API", "err", err)
			writeProblem(w, r, http.StatusInternalServerError, "an internal error occurred")
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Write(text)
	})
	for path, file := range map[string]struct{ name, media string }{
		"GET /docs":          {"docs/docs.html", "text/html; charset=utf-8"},
		"GET /docs/docs.js":  {"docs/docs.js", "text/javascript; charset=utf-8"},
		"GET /docs/docs.css": {"docs/docs.css", "text/css; charset=utf-8"},
	} {
		content, err := docsFiles.ReadFile(file.name)
		if err != nil {
			panic(err) // embedded above
		}
		api.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", file.media)
			w.Header().Set("Content-Security-Policy", docsPolicy)
			w.Write(content)
		})
	}
}
