package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// The bounds of an expression (SECURITY-MODEL 2.11).
const (
	maxSource    = 4 << 10
	maxNodes     = 500
	maxPredicate = 3 // predicates within predicates
)

// builtins are the functions that an expression may call. Left out are those whose result outgrows their arguments
// (repeat, replace, join, flatten, reduce), quadratic ones (uniq), clocks, and decoders of JSON and base64.
var builtins = []string{
	"abs", "all", "any", "bitand", "bitnand", "bitnot", "bitor", "bitshl", "bitshr", "bitushr", "bitxor", "ceil", "concat",
	"count", "filter", "find", "findIndex", "findLast", "findLastIndex", "first", "float", "floor", "get", "groupBy",
	"hasPrefix", "hasSuffix", "indexOf", "int", "keys", "last", "lastIndexOf", "len", "lower", "map", "max", "mean",
	"median", "min", "none", "one", "reverse", "round", "sort", "sortBy", "split", "string", "sum", "take", "trim",
	"trimPrefix", "trimSuffix", "type", "upper", "values",
}

// Functions lists what an expression may call, for editors.
func Functions() []string { return slices.Clone(builtins) }

// refusal is the first node that an expression must not have.
type refusal struct {
	at      file.Location
	message string
}

// vet refuses what is not on the allow-list. It runs on the parsed tree before anything else looks at it.
func vet(tree *parser.Tree) error {
	if r := refused(tree.Node, 0); r != nil {
		return errorAt(tree, r.at, "%s", r.message)
	}
	return nil
}

func refused(node ast.Node, predicates int) *refusal {
	no := func(format string, args ...any) *refusal {
		return &refusal{node.Location(), fmt.Sprintf(format, args...)}
	}
	var inner []ast.Node
	switch n := node.(type) {
	case nil, *ast.NilNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode, *ast.PointerNode:
		return nil
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			return no("$env is not available in rules: use rows, params, agent or threshold")
		}
		return nil
	case *ast.BuiltinNode:
		if !slices.Contains(builtins, n.Name) {
			return no("%s is not available in rules; these functions are: %s", n.Name, strings.Join(builtins, ", "))
		}
		inner = n.Arguments
	case *ast.CallNode:
		return no("this cannot be called; these functions can: %s", strings.Join(builtins, ", "))
	case *ast.PredicateNode:
		if predicates++; predicates > maxPredicate {
			return no("predicates are nested more than %d deep", maxPredicate)
		}
		inner = []ast.Node{n.Node}
	case *ast.UnaryNode:
		inner = []ast.Node{n.Node}
	case *ast.BinaryNode:
		if text, ok := n.Right.(*ast.StringNode); ok && n.Operator == "matches" {
			if _, err := compilePattern(text.Value); err != nil {
				return &refusal{text.Location(), err.Error()}
			}
		}
		inner = []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		inner = []ast.Node{n.Node}
	case *ast.MemberNode:
		inner = []ast.Node{n.Node, n.Property}
	case *ast.SliceNode:
		inner = []ast.Node{n.Node, n.From, n.To}
	case *ast.VariableDeclaratorNode:
		inner = []ast.Node{n.Value, n.Expr}
	case *ast.SequenceNode:
		inner = n.Nodes
	case *ast.ConditionalNode:
		inner = []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.ArrayNode:
		inner = n.Nodes
	case *ast.MapNode:
		inner = n.Pairs
	case *ast.PairNode:
		inner = []ast.Node{n.Key, n.Value}
	default:
		return no("this syntax is not available in rules")
	}
	for _, child := range inner {
		if r := refused(child, predicates); r != nil {
			return r
		}
	}
	return nil
}
