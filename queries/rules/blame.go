package rules

import (
	"reflect"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// Blame names a row that made an expression false, and which of its cells.
type Blame struct {
	Row     int
	Columns []string // sorted
}

// Blame tells which rows made the expression false, in row order. The rule: the expression is read as terms joined by
// "and".
//
//	all(rows, P)                                              a row fails where P is false
//	none(rows, P), not any(rows, P), count(rows, P) == 0,
//	len(filter(rows, P)) == 0                                 a row fails where P is true
//	len(rows) == 0                                            every row fails
//	len(rows) > 0, len(rows) >= 1, len(rows) != 0             no row fails: one is missing
//
// A term of another form says nothing of single rows. Where such a term is left and no other blames a row, every row
// fails, in all columns that the expression reads.
func (p *Program) Blame(in Input) ([]Blame, error) {
	columns := make([][]string, len(in.Rows))
	failing := make([]bool, len(in.Rows))
	vague := false
	for _, t := range p.terms {
		if t.bad == nil {
			vague = vague || t.form == formOther
			for i := range failing {
				if t.form == formEmpty {
					failing[i], columns[i] = true, append(columns[i], t.columns...)
				}
			}
			continue
		}
		result, err := run(t.bad, in)
		if err != nil {
			return nil, err
		}
		for i, bad := range result.([]any) {
			if bad.(bool) {
				failing[i], columns[i] = true, append(columns[i], t.columns...)
			}
		}
	}
	if vague && !slices.Contains(failing, true) {
		for i := range failing {
			failing[i], columns[i] = true, slices.Clone(p.columns)
		}
	}
	var blames []Blame
	for i, bad := range failing {
		if bad {
			slices.Sort(columns[i])
			blames = append(blames, Blame{i, slices.Compact(columns[i])})
		}
	}
	return blames, nil
}

// term is one part of the expression's top-level conjunction.
type term struct {
	form    form
	bad     *vm.Program // formWhere and formUnless: gives one truth value a row, true where the row fails
	columns []string    // that decide about a row
}

// form is the shape of a term.
type form uint8

const (
	formOther  form = iota // says nothing of single rows
	formEmpty              // wants no rows
	formSome               // wants at least one row
	formWhere              // wants the predicate false on every row
	formUnless             // wants the predicate true on every row
)

func (c *compilation) terms(root ast.Node) ([]term, error) {
	var terms []term
	for i, node := range conjuncts(root) {
		form, predicate := formOf(node)
		t := term{form: form}
		switch form {
		case formEmpty:
			t.columns = c.env.Columns
		case formWhere, formUnless:
			t.columns = columnsRead(predicate)
			var err error
			t.bad, err = c.program(func(fresh ast.Node) ast.Node {
				form, predicate := formOf(conjuncts(fresh)[i]) // compiling patches the tree, so each program has its own
				return verdicts(predicate, form == formUnless)
			}, reflect.Slice)
			if err != nil {
				return nil, err
			}
		}
		terms = append(terms, t)
	}
	return terms, nil
}

func conjuncts(node ast.Node) []ast.Node {
	if and, ok := node.(*ast.BinaryNode); ok && (and.Operator == "and" || and.Operator == "&&") {
		return append(conjuncts(and.Left), conjuncts(and.Right)...)
	}
	return []ast.Node{node}
}

// formOf gives the shape of a term and, for formWhere and formUnless, its predicate.
func formOf(node ast.Node) (form, *ast.PredicateNode) {
	switch n := node.(type) {
	case *ast.UnaryNode:
		if predicate := overRows(n.Node, "any"); predicate != nil && (n.Operator == "not" || n.Operator == "!") {
			return formWhere, predicate
		}
	case *ast.BuiltinNode:
		if predicate := overRows(n, "all"); predicate != nil {
			return formUnless, predicate
		}
		if predicate := overRows(n, "none"); predicate != nil {
			return formWhere, predicate
		}
	case *ast.BinaryNode:
		number, ok := n.Right.(*ast.IntegerNode)
		counted, ok2 := n.Left.(*ast.BuiltinNode)
		if !ok || !ok2 {
			break
		}
		zero := number.Value == 0 && n.Operator == "=="
		if predicate := overRows(counted, "count"); predicate != nil && zero {
			return formWhere, predicate
		}
		if counted.Name != "len" || len(counted.Arguments) != 1 {
			break
		}
		if predicate := overRows(counted.Arguments[0], "filter"); predicate != nil && zero {
			return formWhere, predicate
		}
		switch some := number.Value == 0 && (n.Operator == ">" || n.Operator == "!=") || number.Value == 1 && n.Operator == ">="; {
		case !isRows(counted.Arguments[0]):
		case zero:
			return formEmpty, nil
		case some:
			return formSome, nil
		}
	}
	return formOther, nil
}

// overRows gives the predicate of a call name(rows, predicate), or nil.
func overRows(node ast.Node, name string) *ast.PredicateNode {
	call, ok := node.(*ast.BuiltinNode)
	if !ok || call.Name != name || len(call.Arguments) != 2 || !isRows(call.Arguments[0]) {
		return nil
	}
	predicate, _ := call.Arguments[1].(*ast.PredicateNode)
	return predicate
}

func isRows(node ast.Node) bool {
	name, ok := node.(*ast.IdentifierNode)
	return ok && name.Value == "rows"
}

// verdicts makes map(rows, predicate), or map(rows, not predicate).
func verdicts(predicate *ast.PredicateNode, negated bool) ast.Node {
	if negated {
		negation := &ast.UnaryNode{Operator: "not", Node: predicate.Node}
		negation.SetLocation(predicate.Location())
		predicate.Node = negation
	}
	rows := &ast.IdentifierNode{Value: "rows"}
	rows.SetLocation(predicate.Location())
	all := &ast.BuiltinNode{Name: "map", Arguments: []ast.Node{rows, predicate}}
	all.SetLocation(predicate.Location())
	return all
}
