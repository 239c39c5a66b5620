package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

func tablesCommand() *cli.Command {
	return &cli.Command{
		Name:  "tables",
		Usage: "list the tables and their columns",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print one JSON array, with columns"},
			&cli.StringFlag{Name: "platform", Usage: "linux, darwin, windows or all", Value: runtime.GOOS},
		},
		Action: runTables,
	}
}

// tableJSON is how a table is shown to programs.
type tableJSON struct {
	Name      string       `json:"name"`
	Aliases   []string     `json:"aliases,omitempty"`
	Doc       string       `json:"doc"`
	Category  string       `json:"category"`
	Platforms []string     `json:"platforms"`
	Cost      string       `json:"cost"`
	Privilege string       `json:"privilege"`
	Network   bool         `json:"network"`
	Event     bool         `json:"event"`
	Columns   []columnJSON `json:"columns"`
}

type columnJSON struct {
	Name      string   `json:"name"`
	Aliases   []string `json:"aliases,omitempty"`
	Type      string   `json:"type"`
	Doc       string   `json:"doc"`
	Required  bool     `json:"required"`
	Index     bool     `json:"index"`
	Hidden    bool     `json:"hidden"`
	Platforms []string `json:"platforms"` // of an extended column; the table's for others
	Class     string   `json:"class"`
}

func runTables(c *cli.Context) error {
	if c.Args().Present() {
		return usagef(c, "tables takes no argument")
	}
	platform, err := tables.ParsePlatforms(c.String("platform"))
	if err != nil {
		return usagef(c, "%v", err)
	}
	list := all.On(platform)
	if !c.Bool("json") {
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, t := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\n", t.Name, t.Category, t.Doc)
		}
		return w.Flush()
	}
	out := make([]tableJSON, len(list))
	for i, t := range list {
		out[i] = describe(t)
	}
	e := json.NewEncoder(os.Stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func describe(t *tables.Table) tableJSON {
	out := tableJSON{
		Name: t.Name, Aliases: t.Aliases, Doc: t.Doc, Category: string(t.Category), Platforms: t.Platforms.Names(),
		Cost: t.Cost.String(), Privilege: t.Privilege.String(), Network: t.Network, Event: t.Event,
	}
	for i := range t.Columns() {
		column := &t.Columns()[i]
		platforms := column.OS
		if platforms == 0 {
			platforms = t.Platforms
		}
		out.Columns = append(out.Columns, columnJSON{
			Name: column.Name, Aliases: column.Aliases, Type: string(column.Type), Doc: column.Doc, Required: column.Required,
			Index: column.Index, Hidden: column.Hidden, Platforms: platforms.Names(), Class: column.Class.String(),
		})
	}
	return out
}
