// Command lint holds the rules of this code base that no public linter knows: which package may import which, that SQL
// text is constant, that no command goes through a shell, that nothing dials with a default client.
//
//	go run ./scripts/lint ./...
//
// A line is excused by a comment on it or above it: //lint:allow RULE reason.
package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/multichecker"
)

func main() {
	multichecker.Main(imports, constantSQL, noShell, noDefaultClient, verifiesTLS)
}

const module = "github.com/tenantra/tenantra/"

var allowComment = regexp.MustCompile(`//lint:allow ([a-zA-Z]+) \S+`)

// reporter reports findings of one rule in one package, except on excused lines and in test files.
type reporter struct {
	pass    *analysis.Pass
	allowed map[string]map[int]bool
}

func newReporter(pass *analysis.Pass) *reporter {
	r := &reporter{pass: pass, allowed: map[string]map[int]bool{}}
	for _, file := range pass.Files {
		for _, group := range file.Comments {
			for _, comment := range group.List {
				m := allowComment.FindStringSubmatch(comment.Text)
				if m == nil || m[1] != pass.Analyzer.Name {
					continue
				}
				at := pass.Fset.Position(comment.Pos())
				if r.allowed[at.Filename] == nil {
					r.allowed[at.Filename] = map[int]bool{}
				}
				r.allowed[at.Filename][at.Line] = true
				r.allowed[at.Filename][at.Line+1] = true
			}
		}
	}
	return r
}

func (r *reporter) report(pos token.Pos, format string, args ...any) {
	at := r.pass.Fset.Position(pos)
	if strings.HasSuffix(at.Filename, "_test.go") || r.allowed[at.Filename][at.Line] {
		return
	}
	r.pass.Reportf(pos, format, args...)
}

// area is the package's path below the module, or "" for another module's.
func area(pass *analysis.Pass) string {
	path, ours := strings.CutPrefix(pass.Pkg.Path(), module)
	if !ours || strings.HasSuffix(path, ".test") { // the main program that go test makes
		return ""
	}
	return strings.TrimSuffix(path, "_test")
}

// calls visits every call in the package.
func calls(pass *analysis.Pass, visit func(*ast.CallExpr)) {
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				visit(call)
			}
			return true
		})
	}
}
