package all

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/tenantra/tenantra/tables"
)

// generating gives the tables that the build for an operating system generates rows for on that system, by their name. It reads
// the source that such a build is made of, since only one build can run here: a generator that a build lacks is a variable
// without value there.
func generating(t *testing.T, goos string) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	context := build.Default
	context.GOOS, context.GOARCH, context.CgoEnabled = goos, "amd64", false
	found := map[string]bool{}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		dir := filepath.Join("..", entry.Name())
		pkg, err := context.ImportDir(dir, 0)
		var none *build.NoGoError
		if errors.As(err, &none) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var files []*ast.File
		for _, name := range pkg.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		empty := emptyVariables(files)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if name := definedName(call); name != "" && len(call.Args) > 1 && hasGenerator(call.Args[1], goos, empty) {
					found[name] = true
				}
				return true
			})
		}
	}
	return found
}

// emptyVariables are the variables of a package that no value is given to.
func emptyVariables(files []*ast.File) map[string]bool {
	empty := map[string]bool{}
	for _, file := range files {
		for _, decl := range file.Decls {
			general, ok := decl.(*ast.GenDecl)
			if !ok || general.Tok != token.VAR {
				continue
			}
			for _, spec := range general.Specs {
				if value, ok := spec.(*ast.ValueSpec); ok && len(value.Values) == 0 {
					for _, name := range value.Names {
						empty[name.Name] = true
					}
				}
			}
		}
	}
	return empty
}

// definedName is the name of the table that a call of Define or its like defines.
func definedName(call *ast.CallExpr) string {
	if len(call.Args) == 0 {
		return ""
	}
	spec, ok := call.Args[0].(*ast.CompositeLit)
	if !ok {
		return ""
	}
	if kind, ok := spec.Type.(*ast.SelectorExpr); !ok || kind.Sel.Name != "Spec" {
		return ""
	}
	for _, element := range spec.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Name" {
			if text, ok := pair.Value.(*ast.BasicLit); ok {
				name, _ := strconv.Unquote(text.Value)
				return name
			}
		}
	}
	return ""
}

// hasGenerator tells whether an expression gives a generator for a system.
func hasGenerator(e ast.Expr, goos string, empty map[string]bool) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name != "nil" && !empty[e.Name]
	case *ast.CallExpr: // Generators{…}.OnBuild(generator), or a function that makes one
		if method, ok := e.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "OnBuild" {
			return hasGenerator(method.X, goos, empty) || hasGenerator(e.Args[0], goos, empty)
		}
		return true
	case *ast.CompositeLit:
		field := map[string]string{"linux": "Linux", "darwin": "Darwin", "windows": "Windows"}[goos]
		for _, element := range e.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.Ident); ok && key.Name == field {
					return hasGenerator(pair.Value, goos, empty)
				}
			}
		}
		return false
	default: // a function literal
		return true
	}
}

// TestBreadth counts which of osquery's tables each build generates, and holds the counts. What is only declared on Linux is
// told by decision 0022.
func TestBreadth(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../shared/schema/osquery-schema.json")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("osquery's schema is not beside this checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	var schema struct{ Tables []osqueryTable }
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	lacking := map[string][]string{"linux": {"device_file", "device_hash", "yara_file", "yara_process"}}
	for goos, least := range map[string]int{"linux": 152, "darwin": 165, "windows": 112} {
		platform, err := tables.ParsePlatforms(goos)
		if err != nil {
			t.Fatal(err)
		}
		generated := generating(t, goos)
		all, declared, count := 0, 0, 0
		var without []string
		for _, want := range schema.Tables {
			if !slices.Contains(want.Platforms, goos) {
				continue
			}
			all++
			table := Find(want.Name)
			if table == nil || !table.Platforms.Has(platform) {
				continue
			}
			declared++
			if generated[table.Name] {
				count++
			} else {
				without = append(without, want.Name)
			}
		}
		t.Logf("%s: %d of osquery's tables, %d declared, %d with rows; without: %v", goos, all, declared, count, without)
		if declared != all || count < least {
			t.Errorf("%s: %d of %d tables are declared, %d generate rows, wanted %d", goos, declared, all, count, least)
		}
		if only := lacking[goos]; only != nil && !slices.Equal(without, only) {
			t.Errorf("%s: without generator are %v, decision 0022 names %v", goos, without, only)
		}
		if platform == tables.BuildPlatform() { // the source was understood
			for _, table := range Tables() {
				if table.Available() != (generated[table.Name] && table.Platforms.Has(platform)) {
					t.Errorf("table %s generates rows here: %t, its source says otherwise", table.Name, table.Available())
				}
			}
		}
	}
}
