package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/internal/terminal"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

func lintCommand() *cli.Command {
	return &cli.Command{
		Name:      "lint",
		Usage:     "compile SQL without running it and tell what it reads",
		ArgsUsage: "[SQL]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "platform", Usage: "compile against the tables of linux, darwin or windows", Value: runtime.GOOS},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
		},
		Action: runLint,
	}
}

// lintJSON is the outcome as programs read it; the fleet's API answers with the same names.
type lintJSON struct {
	OK        bool       `json:"ok"`
	Error     *lintError `json:"error,omitempty"`
	Result    []string   `json:"result,omitempty"` // names of the result's columns
	Tables    []string   `json:"tables"`
	Columns   []string   `json:"columns"` // table.column
	Functions []string   `json:"functions,omitempty"`
}

type lintError struct {
	Message string `json:"message"`
	Code    string `json:"code"`
	Offset  int    `json:"offset"` // -1 where unknown
	Line    int    `json:"line"`   // 0 where unknown
	Column  int    `json:"column"`
}

func runLint(c *cli.Context) error {
	platform, err := tables.ParsePlatforms(c.String("platform"))
	if err != nil {
		return usagef(c, "%v", err)
	}
	if len(platform.Names()) != 1 {
		return usagef(c, "--platform is one of linux, darwin and windows")
	}
	sql, err := sqlOf(c)
	if err != nil {
		return err
	}
	e, err := engine.New(engine.Options{Tables: all.Tables(), Platform: platform, Pool: 1})
	if err != nil {
		return err
	}
	defer e.Close()
	analysis, err := e.Check(sql)
	var sqlErr *engine.SQLError
	if err != nil && !errors.As(err, &sqlErr) {
		return err
	}
	out := lintJSON{OK: err == nil, Tables: []string{}, Columns: []string{}}
	if sqlErr != nil {
		out.Error = &lintError{Message: sqlErr.Message, Code: string(sqlErr.Code), Offset: sqlErr.Offset, Line: sqlErr.Line, Column: sqlErr.Column}
	} else {
		out.Result, out.Functions = analysis.Columns, analysis.Functions
		for _, ref := range analysis.Reads {
			out.Tables = append(out.Tables, ref.Table.Name)
			for _, column := range ref.Columns {
				out.Columns = append(out.Columns, ref.Table.Name+"."+column)
			}
		}
	}
	return printLint(c, sql, out)
}

func printLint(c *cli.Context, sql string, out lintJSON) error {
	if c.Bool("json") {
		e := json.NewEncoder(os.Stdout)
		e.SetEscapeHTML(false)
		if err := e.Encode(out); err != nil {
			return err
		}
		if !out.OK {
			return errPrinted
		}
		return nil
	}
	if out.Error != nil {
		fmt.Fprintf(os.Stderr, "Error: %s\n", terminal.Escape(out.Error.Message))
		if line, ok := sourceLine(sql, out.Error.Line); ok {
			fmt.Fprintf(os.Stderr, "line %d, column %d:\n  %s\n  %s^\n", out.Error.Line, out.Error.Column, terminal.Escape(line),
				strings.Repeat(" ", len(terminal.Escape(line[:min(max(out.Error.Column-1, 0), len(line))]))))
		}
		return errPrinted
	}
	fmt.Printf("ok\nresult: %s\n", terminal.Escape(strings.Join(out.Result, ", ")))
	for _, column := range out.Columns {
		fmt.Printf("reads:  %s\n", column)
	}
	for _, table := range out.Tables { // count(*) and EXISTS read no column
		if !slices.ContainsFunc(out.Columns, func(c string) bool { return strings.HasPrefix(c, table+".") }) {
			fmt.Printf("reads:  %s\n", table)
		}
	}
	return nil
}

func sourceLine(sql string, line int) (string, bool) {
	lines := strings.Split(sql, "\n")
	if line < 1 || line > len(lines) {
		return "", false
	}
	return lines[line-1], true
}
