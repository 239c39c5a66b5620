package catalogue

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

// Table is a table as the API shows it.
type Table struct {
	Name      string   `json:"name"`
	Aliases   []string `json:"aliases"`
	Doc       string   `json:"doc"`
	Category  string   `json:"category"`
	Platforms []string `json:"platforms"`
	Cost      string   `json:"cost"`
	Privilege string   `json:"privilege"`
	Examples  []string `json:"examples"`
	Columns   []Column `json:"columns"`
}

// Column is a column as the API shows it.
type Column struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	Doc       string   `json:"doc"`
	Required  bool     `json:"required"`
	Index     bool     `json:"index"`
	Hidden    bool     `json:"hidden"`
	Platforms []string `json:"platforms" doc:"Where the column has a value, when not wherever the table is."`
	Class     string   `json:"class" enum:"inventory,personal,content,secret"`
}

type lintBody struct {
	SQL      string `json:"sql" maxLength:"65536"`
	Platform string `json:"platform,omitempty" enum:"linux,darwin,windows" doc:"Must compile there; without it, anywhere."`
	Mode     string `json:"mode,omitempty" enum:"live,last_known,as_of" doc:"Whom it asks: agents now, or what they told, where each table has the columns agent, hostname, tenant and seen_from besides. live when absent."`
}

// LintResult says whether a statement compiles, and what it reads.
type LintResult struct {
	OK      bool       `json:"ok"`
	Error   *LintError `json:"error,omitempty"`
	Tables  []string   `json:"tables"`
	Columns []string   `json:"columns" doc:"table.column, sorted."`
}

// LintError is a mistake with its place; Offset counts bytes from 0, Line and Column count from 1. -1 and 0 mean that the
// place is unknown.
type LintError struct {
	Message string `json:"message"`
	Offset  int    `json:"offset"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
}

type listOutput struct{ Body httpapi.Page[Table] }

type lintOutput struct{ Body LintResult }

// Routes registers the catalogue's operations.
func (c *Checker) Routes(api *httpapi.API) {
	list := apiTables()
	httpapi.Register(api, httpapi.Operation{
		ID: "list-tables", Method: http.MethodGet, Path: "/tables", Tags: []string{"queries"}, Permission: access.AgentsRead,
		Summary: "List the tables that SQL can ask, of all platforms",
	}, func(context.Context, access.Scope, *struct{}) (*listOutput, error) {
		return &listOutput{Body: httpapi.Page[Table]{Items: list}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "lint-query", Method: http.MethodPost, Path: "/queries/lint", Tags: []string{"queries"}, Permission: access.QueryRun, ReadOnly: true,
		Summary: "Compile a statement without running it",
	}, func(_ context.Context, scope access.Scope, in *struct{ Body lintBody }) (*lintOutput, error) {
		result, err := c.lint(scope, in.Body)
		if err != nil {
			return nil, err
		}
		return &lintOutput{Body: *result}, nil
	})
}

func (c *Checker) lint(scope access.Scope, body lintBody) (*LintResult, error) {
	platform, err := tables.ParsePlatforms(body.Platform)
	if err != nil {
		return nil, fault.Field(fault.Invalid, "body.platform", "%s", err)
	}
	result := &LintResult{OK: true, Tables: []string{}, Columns: []string{}}
	stored := body.Mode == "last_known" || body.Mode == "as_of"
	analysis, err := c.analyse(body.SQL, platform, stored)
	var sqlError *engine.SQLError
	if errors.As(err, &sqlError) {
		result.OK, result.Error = false, &LintError{Message: sqlError.Message, Offset: sqlError.Offset, Line: sqlError.Line, Column: sqlError.Column}
		return result, nil
	}
	if err != nil {
		return nil, err
	}
	for _, read := range analysis.Reads {
		result.Tables = append(result.Tables, read.Table.Name)
		for _, column := range read.Columns {
			result.Columns = append(result.Columns, read.Table.Name+"."+column)
		}
	}
	slices.Sort(result.Columns)
	// What compiles but may not be run is told here too, before somebody presses Run.
	permit := c.Permit
	if stored {
		permit = c.Stored.MayAsk
	}
	var refused *fault.Error
	if errors.As(permit(scope, body.SQL), &refused) && (refused.Code == fault.Forbidden || stored) {
		result.OK, result.Error = false, &LintError{Message: refused.Message, Offset: -1}
	}
	return result, nil
}

func (c *Checker) analyse(sql string, platform tables.Platforms, stored bool) (*engine.Analysis, error) {
	if stored {
		return c.Stored.Analyse(sql)
	}
	return c.Check(sql, platform)
}

func apiTables() []Table {
	var list []Table
	for _, t := range all.Tables() {
		out := Table{Name: t.Name, Aliases: append([]string{}, t.Aliases...), Doc: t.Doc, Category: string(t.Category), Platforms: t.Platforms.Names(),
			Cost: t.Cost.String(), Privilege: t.Privilege.String(), Examples: append([]string{}, t.Examples...)}
		for i := range t.Columns() {
			col := &t.Columns()[i]
			out.Columns = append(out.Columns, Column{Name: col.Name, Type: string(col.Type), Doc: col.Doc, Required: col.Required,
				Index: col.Index, Hidden: col.Hidden, Platforms: append([]string{}, col.OS.Names()...), Class: col.Class.String()})
		}
		list = append(list, out)
	}
	return list
}
