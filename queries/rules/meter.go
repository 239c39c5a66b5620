package rules

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"regexp/syntax"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
)

// The work that one evaluation may do, in units of about 20 ns: 200,000 steps of predicates, or as much in other work.
const (
	maxWork     = 200_000 * stepWork
	stepWork    = 16 // one evaluation of a predicate's body
	elementWork = 2  // one element of an array or map that is compared, searched or copied
	bytesAUnit  = 8  // of a text that is compared, searched or copied
	maxPattern  = 1000
	maxProgram  = 5000 // instructions of a compiled pattern
)

// The names under which patched nodes call the meter. The lexer reads no NUL, so no expression can name them.
const (
	meterName  = "\x00meter"
	stepName   = "\x00step"
	chargeName = "\x00charge"
	matchName  = "\x00match"
)

var errWork = errors.New("the rule does too much work on these rows: narrow them in the SQL, or compare fewer of them with each other")

// meter counts the work of one evaluation.
type meter struct {
	left     int
	patterns map[string]*pattern
}

type pattern struct {
	*regexp.Regexp
	instructions int
}

func (m *meter) spend(work int) error {
	if m.left -= work; m.left < 0 {
		return errWork
	}
	return nil
}

// meterFunctions are what patched nodes call; the first argument is the meter.
var meterFunctions = map[string]*builtin.Function{
	stepName: {Name: "step", Func: func(args ...any) (any, error) {
		return nil, args[0].(*meter).spend(stepWork)
	}},
	chargeName: {Name: "charge", Func: func(args ...any) (any, error) {
		return args[1], args[0].(*meter).charge(args[1])
	}},
	matchName: {Name: "matches", Func: func(args ...any) (any, error) {
		return args[0].(*meter).match(args[1], args[2])
	}},
}

// charge spends what it costs to look at all of a value. The walk itself ends as soon as nothing is left, so a value
// that holds itself, or one part many times over, is no danger.
func (m *meter) charge(v any) error {
	switch v := v.(type) {
	case nil, bool, int, int64, float64:
		return nil
	case string:
		return m.spend(len(v) / bytesAUnit)
	case []any:
		if err := m.spend(elementWork * len(v)); err != nil {
			return err
		}
		for _, element := range v {
			if err := m.charge(element); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		if err := m.spend(elementWork * (1 + len(v))); err != nil {
			return err
		}
		for _, element := range v {
			if err := m.charge(element); err != nil {
				return err
			}
		}
		return nil
	}
	// What the functions make: ranges, groups, sorted numbers.
	switch value := reflect.ValueOf(v); value.Kind() {
	case reflect.Slice:
		if err := m.spend(elementWork * value.Len()); err != nil || value.Type().Elem().Kind() != reflect.Slice {
			return err
		}
		for i := range value.Len() {
			if err := m.charge(value.Index(i).Interface()); err != nil {
				return err
			}
		}
	case reflect.Map:
		if err := m.spend(elementWork * value.Len()); err != nil {
			return err
		}
		for each := value.MapRange(); each.Next(); {
			if err := m.charge(each.Value().Interface()); err != nil {
				return err
			}
		}
	}
	return nil
}

// match is the operator matches: its cost grows with the text and with the compiled pattern.
func (m *meter) match(value, with any) (any, error) {
	if value == nil || with == nil {
		return false, nil
	}
	text, ok := value.(string)
	source, ok2 := with.(string)
	if !ok || !ok2 {
		return nil, fmt.Errorf("matches compares texts, not %T with %T", value, with)
	}
	p := m.patterns[source]
	if p == nil {
		if err := m.spend(100 * (10 + len(source))); err != nil {
			return nil, err
		}
		var err error
		if p, err = compilePattern(source); err != nil {
			return nil, err
		}
		if m.patterns == nil {
			m.patterns = map[string]*pattern{}
		}
		m.patterns[source] = p
	}
	if err := m.spend(len(text) * p.instructions / 4); err != nil {
		return nil, err
	}
	return p.MatchString(text), nil
}

func compilePattern(source string) (*pattern, error) {
	if len(source) > maxPattern {
		return nil, fmt.Errorf("the pattern has %d bytes; at most %d are allowed", len(source), maxPattern)
	}
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the pattern is wrong: %w", err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, fmt.Errorf("the pattern is wrong: %w", err)
	}
	if len(program.Inst) > maxProgram {
		return nil, errors.New("the pattern repeats too much; use smaller counts")
	}
	compiled, err := regexp.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("the pattern is wrong: %w", err)
	}
	return &pattern{compiled, len(program.Inst)}, nil
}

// metered rewrites a checked tree so that it counts its work: each predicate takes a step, and the operands of what
// compares, searches or copies are charged by their size.
type metered struct{}

// Visit is part of ast.Visitor; it sees children before their parent.
func (metered) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode:
		n.Node = &ast.SequenceNode{Nodes: []ast.Node{call(stepName, n.Node), n.Node}}
	case *ast.BinaryNode:
		switch n.Operator {
		case "matches":
			matched := call(matchName, n, n.Left, n.Right)
			matched.SetNature(*n.Nature())
			*node = matched
		case "in":
			n.Left, n.Right = charged(n.Left), charged(n.Right)
		case "==", "!=", "<", "<=", ">", ">=", "+", "contains", "startsWith", "endsWith":
			if scalar(n.Left) || scalar(n.Right) {
				return // a comparison with a number is as small as the number
			}
			n.Left, n.Right = charged(n.Left), charged(n.Right)
		}
	case *ast.BuiltinNode:
		for i, argument := range n.Arguments {
			if _, predicate := argument.(*ast.PredicateNode); !predicate && n.Name != "len" {
				if i == 0 && hasPredicate(n) {
					continue // each of its elements takes a step
				}
				n.Arguments[i] = charged(argument)
			}
		}
		switch n.Name {
		case "groupBy", "sortBy": // hash or compare what the predicate gives
			predicate := n.Arguments[1].(*ast.PredicateNode).Node.(*ast.SequenceNode)
			predicate.Nodes[1] = charged(predicate.Nodes[1])
		case "split", "concat", "keys", "values":
			*node = charged(n)
		}
	}
}

func hasPredicate(n *ast.BuiltinNode) bool {
	for _, argument := range n.Arguments {
		if _, ok := argument.(*ast.PredicateNode); ok {
			return true
		}
	}
	return false
}

// scalar tells whether a checked node surely gives a number, a truth value or nil.
func scalar(n ast.Node) bool {
	nature := n.Nature()
	return nature.Nil || nature.IsInteger || nature.IsFloat || nature.Kind == reflect.Bool
}

func charged(n ast.Node) ast.Node {
	if text, constant := n.(*ast.StringNode); scalar(n) || constant && len(text.Value) < bytesAUnit {
		return n
	}
	c := call(chargeName, n, n)
	c.SetNature(*n.Nature())
	return c
}

// call calls a function of the meter at the place of a node.
func call(name string, at ast.Node, arguments ...ast.Node) *ast.CallNode {
	callee := &ast.IdentifierNode{Value: name}
	callee.SetLocation(at.Location())
	used := &ast.IdentifierNode{Value: meterName}
	used.SetLocation(at.Location())
	c := &ast.CallNode{Callee: callee, Arguments: append([]ast.Node{used}, arguments...)}
	c.SetLocation(at.Location())
	return c
}
