package httpapi_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tenantra/tenantra/fleet/httpapi"
)

var consoleFiles = fstest.MapFS{
	"index.html":             {Data: []byte(`<meta name="csp-nonce" content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>`)},
	"theme.js":               {Data: []byte("theme()")},
	"assets/app-1a2b.js":     {Data: []byte("console.log(1)")},
	"assets/app-1a2b.js.br":  {Data: []byte("compressed")},
	"assets/app-1a2b.js.map": {Data: []byte("{}")},
	"assets/logo-9f.svg":     {Data: []byte("<svg/>")},
}

// TestConsole is S53 for what stands beside the console: source maps, profiler, files above.
func TestConsole(t *testing.T) {
	t.Parallel()
	api, server := newAPI(t, httpapi.Config{})
	if err := api.ServeConsole(consoleFiles); err != nil {
		t.Fatal(err)
	}
	plain := map[string]string{"Accept-Encoding": "identity"}
	page := map[string]string{"Accept": "text/html,*/*"}
	for _, test := range []struct {
		name   string
		path   string
		header map[string]string
		status int
		want   string
		media  string
		cache  string
	}{
		{"root", "/", page, 200, "csp-nonce", "text/html; charset=utf-8", "no-store"},
		{"address of a page", "/t/northwind/agents/host-1.example.com", page, 200, "csp-nonce", "text/html; charset=utf-8", "no-store"},
		{"page of the name of a call", "/tenants", page, 200, "csp-nonce", "text/html; charset=utf-8", "no-store"},
		{"index.html itself", "/index.html", page, 200, "csp-nonce", "text/html; charset=utf-8", "no-store"},
		{"asset", "/assets/app-1a2b.js", plain, 200, "console.log(1)", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"asset compressed", "/assets/app-1a2b.js", map[string]string{"Accept-Encoding": "gzip, br"}, 200, "compressed", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"compressed not wanted", "/assets/app-1a2b.js", map[string]string{"Accept-Encoding": "br;q=0"}, 200, "console.log(1)", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		{"file at the root", "/theme.js", plain, 200, "theme()", "text/javascript; charset=utf-8", "no-cache"},
		{"picture", "/assets/logo-9f.svg", plain, 200, "<svg/>", "image/svg+xml", "public, max-age=31536000, immutable"},
		{"asset that is not there", "/assets/app-old.js", plain, 404, "not_found", "application/problem+json", "no-store"},
		{"source map", "/assets/app-1a2b.js.map", plain, 404, "not_found", "application/problem+json", "no-store"},
		{"directory", "/assets/", plain, 200, "csp-nonce", "text/html; charset=utf-8", "no-store"},
		{"probe", "/wp-login.php", plain, 404, "not_found", "application/problem+json", "no-store"},
		{"profiler", "/debug/pprof/heap.txt", plain, 404, "not_found", "application/problem+json", "no-store"},
		{"API keeps its own errors", "/api/v1/nowhere", page, 404, "not_found", "application/problem+json", "no-store"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response, body := do(t, server, call{path: test.path, header: test.header})
			if response.StatusCode != test.status || !strings.Contains(body, test.want) {
				t.Errorf("got %d %s, want %d with %q", response.StatusCode, body, test.status, test.want)
			}
			if got := response.Header.Get("Content-Type"); got != test.media {
				t.Errorf("content type %q, want %q", got, test.media)
			}
			if got := response.Header.Get("Cache-Control"); got != test.cache {
				t.Errorf("cache control %q, want %q", got, test.cache)
			}
		})
	}
}

func TestEachPageHasItsOwnNonce(t *testing.T) {
	t.Parallel()
	api, server := newAPI(t, httpapi.Config{})
	if err := api.ServeConsole(consoleFiles); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 3 {
		response, body := do(t, server, call{path: "/"})
		match := regexp.MustCompile(`style-src 'self' 'nonce-([^']+)'`).FindStringSubmatch(response.Header.Get("Content-Security-Policy"))
		if match == nil {
			t.Fatalf("policy %q", response.Header.Get("Content-Security-Policy"))
		}
		if strings.Count(body, match[1]) != 2 || strings.Contains(body, "__CSP_NONCE__") {
			t.Errorf("the page does not carry the policy's nonce: %s", body)
		}
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(response.Header.Get("Content-Security-Policy"), part) {
				t.Errorf("the policy lacks %s", part)
			}
		}
		seen[match[1]] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d nonces in three answers", len(seen))
	}
}

func TestServerWithoutConsoleSaysSo(t *testing.T) {
	t.Parallel()
	api, server := newAPI(t, httpapi.Config{})
	if err := api.ServeConsole(fstest.MapFS{}); err != nil {
		t.Fatal(err)
	}
	if response, body := do(t, server, call{path: "/"}); response.StatusCode != 200 || !strings.Contains(body, "without the console") {
		t.Errorf("got %d %s", response.StatusCode, body)
	}
}
