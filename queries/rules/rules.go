package rules

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// memoryBudget bounds the elements of arrays and maps that one evaluation makes.
const memoryBudget = 1e6

// Row is one row: nil, int64, float64 or string by column name.
type Row = map[string]any

// Environment is what an expression or a message may name.
type Environment struct {
	Columns []string // of the rows, as the SQL gives them
	Params  Params   // with their default values, whose types the overriding values must keep
}

// Input is what an evaluation runs on.
type Input struct {
	Rows      []Row
	Params    Params // the defaults with a tenant's values over them; see Params.With
	Agent     Agent
	Threshold int
}

// Agent is the endpoint whose rows are judged.
type Agent struct {
	ID, Hostname, Platform string
	OSName, OSVersion      string
	Tags                   []string
}

func (a Agent) value() map[string]any {
	tags := make([]any, len(a.Tags))
	for i, tag := range a.Tags {
		tags[i] = tag
	}
	return map[string]any{"id": a.ID, "hostname": a.Hostname, "platform": a.Platform, "os_name": a.OSName, "os_version": a.OSVersion, "tags": tags}
}

var agentType = types.Map{
	"id": types.String, "hostname": types.String, "platform": types.String, "os_name": types.String,
	"os_version": types.String, "tags": types.Array(types.String),
}

// Program is a compiled expression that gives true or false. It is safe for concurrent use.
type Program struct {
	source  string
	main    *vm.Program
	columns []string
	terms   []term
}

// Compile reads and type-checks an expression over rows of the given columns. An error is an *Error.
func Compile(source string, env Environment) (*Program, error) {
	if len(source) > maxSource {
		return nil, &Error{1, 1, fmt.Sprintf("the expression has %d bytes; at most %d are allowed", len(source), maxSource)}
	}
	if strings.TrimSpace(source) == "" {
		return nil, &Error{1, 1, "the expression is empty"}
	}
	c := &compilation{env: env, source: source}
	main, err := c.program(func(node ast.Node) ast.Node { return node }, reflect.Bool)
	if err != nil {
		return nil, err
	}
	p := &Program{source: source, main: main}
	tree, err := c.checked(reflect.Bool)
	if err != nil {
		return nil, err
	}
	p.columns = columnsRead(tree.Node)
	if p.terms, err = c.terms(tree.Node); err != nil {
		return nil, err
	}
	return p, nil
}

// String is the expression's source.
func (p *Program) String() string { return p.source }

// Columns are the columns that the expression reads, sorted.
func (p *Program) Columns() []string { return p.columns }

// Eval runs the expression. An error is an *Error: a comparison that makes no sense (a number with NULL), or too much
// work.
func (p *Program) Eval(in Input) (bool, error) {
	result, err := run(p.main, in)
	if err != nil {
		return false, err
	}
	return result.(bool), nil
}

func run(program *vm.Program, in Input) (any, error) {
	rows := make([]any, len(in.Rows))
	for i, row := range in.Rows {
		rows[i] = row
	}
	machine := vm.VM{MemoryBudget: memoryBudget}
	result, err := machine.Run(program, map[string]any{
		"rows": rows, "params": map[string]any(in.Params), "agent": in.Agent.value(), "threshold": in.Threshold,
		meterName: &meter{left: maxWork},
	})
	return result, asError(err)
}

// compilation compiles the source, and then parts of it, in one environment.
type compilation struct {
	env    Environment
	source string
}

// rowMark is a field that only the type of a row has: by it a checked tree shows which member accesses read a column.
const rowMark = "\x00row"

func (c *compilation) config(result reflect.Kind) *conf.Config {
	row := types.Map{rowMark: types.Nil}
	for _, column := range c.env.Columns {
		row[column] = types.Any
	}
	config := conf.CreateNew()
	config.WithEnv(types.Map{
		"rows": types.Array(row), "params": c.env.Params.mapType(), "agent": agentType, "threshold": types.Int,
		meterName: types.Any,
	})
	config.MaxNodes = maxNodes
	config.Optimize = false           // its rewrites are not worth a second reading of what they may do
	config.Builtins = nil             // no function as a value: calls are found by vet
	config.Functions = meterFunctions // named so that no source can call them
	config.Expect, config.ExpectAny = result, true
	return config
}

// checked parses the source and checks it. Errors speak of the source as the person wrote it.
func (c *compilation) checked(result reflect.Kind) (*parser.Tree, error) {
	config := c.config(result)
	tree, err := parser.ParseWithConfig(c.source, config)
	if err != nil {
		return nil, asError(err)
	}
	if err := vet(tree); err != nil {
		return nil, err
	}
	if _, err := checker.Check(tree, config); err != nil {
		if unknown := c.unknownColumn(tree); unknown != nil {
			return nil, unknown
		}
		return nil, asError(err)
	}
	return tree, nil
}

// program compiles the part of the source that choose makes of its tree.
func (c *compilation) program(choose func(ast.Node) ast.Node, result reflect.Kind) (*vm.Program, error) {
	tree, err := c.checked(reflect.Bool)
	if err != nil {
		return nil, err
	}
	config := c.config(result)
	tree.Node = choose(tree.Node)
	ast.Walk(&tree.Node, metered{})
	if _, err := checker.Check(tree, config); err != nil {
		return nil, asError(err)
	}
	program, err := compiler.Compile(tree, config)
	return program, asError(err)
}

// unknownColumn gives the error for the first column that the rows lack, or nil.
func (c *compilation) unknownColumn(tree *parser.Tree) error {
	found := &columnReads{known: c.env.Columns}
	ast.Walk(&tree.Node, found)
	if found.unknown == nil {
		return nil
	}
	columns := slices.Sorted(slices.Values(c.env.Columns))
	return errorAt(tree, found.unknown.Location(), "the rows have no column %q; they have %s", found.unknown.Value, strings.Join(columns, ", "))
}

// columnReads finds the member accesses whose base is a row.
type columnReads struct {
	known   []string
	columns []string
	unknown *ast.StringNode
}

// Visit is part of ast.Visitor.
func (r *columnReads) Visit(node *ast.Node) {
	member, ok := (*node).(*ast.MemberNode)
	if !ok {
		return
	}
	base := member.Node.Nature()
	if base.TypeData == nil {
		return
	}
	if _, row := base.Fields[rowMark]; !row {
		return
	}
	if name, ok := member.Property.(*ast.StringNode); ok {
		r.columns = append(r.columns, name.Value)
		if r.unknown == nil && r.known != nil && !slices.Contains(r.known, name.Value) {
			r.unknown = name
		}
	}
}

func columnsRead(node ast.Node) []string {
	found := &columnReads{}
	ast.Walk(&node, found)
	slices.Sort(found.columns)
	return slices.Compact(found.columns)
}
