package main

import (
	"go/ast"
	"go/constant"
	"go/types"
	"path"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

var constantSQL = &analysis.Analyzer{
	Name: "constantSQL",
	Doc:  "SQL text given to a database is constant",
	Run: func(pass *analysis.Pass) (any, error) {
		r := newReporter(pass)
		calls(pass, func(call *ast.CallExpr) {
			f := typeutil.StaticCallee(pass.TypesInfo, call)
			if f == nil {
				if m, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func); ok {
					f = m // a method of an interface
				}
			}
			if f == nil || f.Pkg() == nil || !isDatabase(f.Pkg().Path()) {
				return
			}
			switch f.Name() {
			case "Exec", "Query", "QueryRow", "Queue", "ExecContext", "QueryContext", "QueryRowContext", "Prepare", "PrepareContext":
			default:
				return
			}
			signature := f.Type().(*types.Signature)
			for i := range min(signature.Params().Len(), len(call.Args)) {
				if basic, ok := signature.Params().At(i).Type().(*types.Basic); ok && basic.Kind() == types.String {
					if pass.TypesInfo.Types[call.Args[i]].Value == nil {
						r.report(call.Args[i].Pos(), "SQL text is not constant: bind values as parameters, choose between whole statements")
					}
					return
				}
			}
		})
		return nil, nil
	},
}

func isDatabase(pkg string) bool {
	return pkg == "database/sql" || strings.HasPrefix(pkg, "github.com/jackc/pgx/") || pkg == module+"fleet/postgres"
}

var shells = map[string]bool{"sh": true, "bash": true, "dash": true, "zsh": true, "cmd": true, "cmd.exe": true, "powershell": true, "powershell.exe": true, "pwsh": true}

var noShell = &analysis.Analyzer{
	Name: "noShell",
	Doc:  "no command goes through a shell",
	Run: func(pass *analysis.Pass) (any, error) {
		r := newReporter(pass)
		calls(pass, func(call *ast.CallExpr) {
			f := typeutil.StaticCallee(pass.TypesInfo, call)
			if f == nil || f.Pkg() == nil {
				return
			}
			if name := f.Pkg().Path() + "." + f.Name(); name != "os/exec.Command" && name != "os/exec.CommandContext" && f.Name() != "Run" {
				return
			}
			for _, arg := range call.Args {
				value := pass.TypesInfo.Types[arg].Value
				if value != nil && value.Kind() == constant.String && shells[strings.ToLower(path.Base(constant.StringVal(value)))] {
					r.report(arg.Pos(), "a shell would read hostile text as commands: run the program itself with an argument list")
				}
			}
		})
		return nil, nil
	},
}

var noDefaultClient = &analysis.Analyzer{
	Name: "noDefaultClient",
	Doc:  "no request goes out by net/http's default client",
	Run: func(pass *analysis.Pass) (any, error) {
		r := newReporter(pass)
		for id, object := range pass.TypesInfo.Uses {
			if object.Pkg() == nil || object.Pkg().Path() != "net/http" {
				continue
			}
			switch object.Name() {
			case "DefaultClient", "DefaultTransport":
			case "Get", "Head", "Post", "PostForm":
				if f, ok := object.(*types.Func); !ok || f.Signature().Recv() != nil {
					continue
				}
			default:
				continue
			}
			r.report(id.Pos(), "http.%s has no limits and no guard: use a client made for its purpose", object.Name())
		}
		return nil, nil
	},
}

var verifiesTLS = &analysis.Analyzer{
	Name: "verifiesTLS",
	Doc:  "no TLS connection goes unverified",
	Run: func(pass *analysis.Pass) (any, error) {
		r := newReporter(pass)
		for _, file := range pass.Files {
			ast.Inspect(file, func(n ast.Node) bool {
				kv, ok := n.(*ast.KeyValueExpr)
				if !ok {
					return true
				}
				if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "InsecureSkipVerify" {
					r.report(kv.Pos(), "InsecureSkipVerify needs an excuse that names the check which replaces it")
				}
				return true
			})
		}
		return nil, nil
	},
}
