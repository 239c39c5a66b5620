package main

import (
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

var imports = &analysis.Analyzer{
	Name: "imports",
	Doc:  "which package may import which",
	Run:  runImports,
}

// layers names, for the packages below a path, the paths of this module that they may import. The first match counts.
var layers = []struct {
	area    string
	allowed []string
}{
	{"tables/all", []string{"tables"}},
	{"tables/tabletest", []string{"tables", "agent/host"}},
	{"tables", []string{"tables"}},
	{"queries/engine", []string{"tables"}},
	{"queries/diff", []string{"tables"}},
	{"queries", []string{"queries", "tables"}},
	{"packs", []string{"queries", "tables", "packs"}},
	{"frameworks", []string{"queries", "tables", "frameworks"}},
	{"agent/protocol", []string{"tables", "agent/protocol"}},
	{"agent/host", []string{"tables"}},
	{"internal", []string{"internal"}},
	{"agent", []string{"internal", "agent", "tables", "queries", "frameworks", "packs"}},
	{"fleet/fleettest", []string{"internal", "fleet", "agent", "tables", "queries", "frameworks", "packs", "ui"}},
	{"fleet", []string{"internal", "fleet", "agent/protocol", "tables", "queries", "frameworks", "packs", "ui"}},
	{"ui", nil},
}

// banned packages with the places that may use them nevertheless.
var banned = []struct {
	path    string
	why     string
	allowed []string
}{
	{"modernc.org/sqlite/lib", "only the engine binds to SQLite's internals", []string{"queries/engine"}},
	{"modernc.org/libc", "only the engine binds to SQLite's internals", []string{"queries/engine"}},
	{"text/template", "text/template escapes nothing: render placeholders with queries/rules or use html/template", nil},
	{"math/rand", "use crypto/rand, or math/rand/v2 for jitter with an excuse", nil},
	{"math/rand/v2", "use crypto/rand; jitter needs an excuse", nil},
	{"unsafe", "only the engine and files of system calls", []string{"queries/engine"}},
}

func runImports(pass *analysis.Pass) (any, error) {
	here := area(pass)
	if here == "" {
		return nil, nil
	}
	r := newReporter(pass)
	for _, file := range pass.Files {
		name := filepath.Base(pass.Fset.Position(file.Pos()).Filename)
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return nil, err
			}
			if theirs, ok := strings.CutPrefix(path, module); ok && !mayImport(here, theirs) {
				r.report(spec.Pos(), "%s must not import %s: see docs/architecture.md, who imports whom", here, theirs)
			}
			for _, b := range banned {
				system := b.path == "unsafe" && systemFile(name)
				if path == b.path && !within(here, b.allowed) && !system {
					r.report(spec.Pos(), "import of %s: %s", path, b.why)
				}
			}
		}
	}
	return nil, nil
}

func mayImport(here, theirs string) bool {
	for _, l := range layers {
		if here == l.area || strings.HasPrefix(here, l.area+"/") {
			return within(theirs, l.allowed)
		}
	}
	return true // scripts
}

func within(path string, areas []string) bool {
	for _, a := range areas {
		if path == a || strings.HasPrefix(path, a+"/") {
			return true
		}
	}
	return false
}

// systemFile tells whether a file is bound to an operating system by its name.
func systemFile(name string) bool {
	stem := strings.TrimSuffix(name, ".go")
	for _, os := range []string{"linux", "windows", "darwin", "unix"} {
		if strings.HasSuffix(stem, "_"+os) {
			return true
		}
	}
	return false
}
