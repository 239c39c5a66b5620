package httpapi

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

const (
	noncePlace = "__CSP_NONCE__" // in index.html, replaced in each answer
	// The part of the policy that does not change. Scripts come from files alone; styles also from elements that carry
	// the nonce, which the console's components make.
	consolePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-%s'; img-src 'self' data: blob:; font-src 'self'; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"
)

// console is the console's files, held by the binary.
type console struct {
	files fs.FS
	index [][]byte // index.html, cut at the places of the nonce
}

// ServeConsole serves the console's files on every address that nothing else answers: a file where there is one, else
// the page itself, whose script reads the address. Without index.html (the console was not built, or left out) it says
// so on the root page.
func (api *API) ServeConsole(files fs.FS) error {
	index, err := fs.ReadFile(files, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		api.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			fmt.Fprintln(w, "This server was built without the console. The API is at "+Prefix+", its description at /docs.")
		})
		return nil
	}
	if err != nil {
		return fmt.Errorf("read console: %w", err)
	}
	c := &console{files: files, index: bytes.Split(index, []byte(noncePlace))}
	api.mux.Handle("/", c)
	return nil
}

func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, r, http.StatusMethodNotAllowed, "there is nothing here to change")
	case strings.HasSuffix(name, ".map") || strings.HasSuffix(name, ".br"):
		writeProblem(w, r, http.StatusNotFound, "there is no such file")
	case name == "" || name == "index.html":
		c.servePage(w)
	case c.serveFile(w, r, name):
	case strings.HasPrefix(name, "assets/") || path.Ext(name) != "" && !strings.HasPrefix(name, "t/"):
		writeProblem(w, r, http.StatusNotFound, "there is no such file")
	default:
		c.servePage(w)
	}
}

// servePage sends the page with a nonce of its own.
func (c *console) servePage(w http.ResponseWriter) {
	random := make([]byte, 18)
	rand.Read(random)
	nonce := base64.StdEncoding.EncodeToString(random)
	w.Header().Set("Content-Security-Policy", fmt.Sprintf(consolePolicy, nonce))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(bytes.Join(c.index, []byte(nonce))) // an error here means that the client is gone
}

// serveFile sends a file, compressed where the build made a compressed copy and the browser takes it. Files below
// assets carry a hash in their name and never change.
func (c *console) serveFile(w http.ResponseWriter, r *http.Request, name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(c.files, name)
	if err != nil || info.IsDir() {
		return false
	}
	media := mime.TypeByExtension(path.Ext(name))
	if known, ok := mediaTypes[path.Ext(name)]; ok {
		media = known // the system's own table differs from machine to machine
	}
	if media == "" {
		media = "application/octet-stream"
	}
	header := w.Header()
	header.Set("Content-Type", media)
	header.Set("Vary", "Accept-Encoding")
	if strings.HasPrefix(name, "assets/") {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	content, err := fs.ReadFile(c.files, name+".br")
	if err == nil && acceptsBrotli(r) {
		header.Set("Content-Encoding", "br")
	} else if content, err = fs.ReadFile(c.files, name); err != nil {
		return false
	}
	header.Set("Content-Length", fmt.Sprint(len(content)))
	w.Write(content) // #nosec G705 -- a file of the console, with the nonce we made
	return true
}

var mediaTypes = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".png": "image/png", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8",
}

func acceptsBrotli(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(coding, "br") {
			return strings.ReplaceAll(quality, " ", "") != "q=0"
		}
	}
	return false
}
