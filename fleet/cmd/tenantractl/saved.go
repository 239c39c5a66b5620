package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/internal/terminal"
)

// savedPath is where saved queries are.
const savedPath = "/saved-queries"

func queriesCommand() *cli.Command {
	columns := []string{"name", "sharing", "owner", "version", "modified_at", "id"}
	one := fields(append(columns, "description", "sql", "inherited_from")...)
	bodyFlags := []cli.Flag{
		&cli.StringFlag{Name: "name"}, &cli.StringFlag{Name: "description"},
		&cli.BoolFlag{Name: "shared", Usage: "for everybody of the tenant and of those below it who may run queries"},
	}
	packFlags := []cli.Flag{
		&cli.StringFlag{Name: "pack", Usage: "one of the tenant's own; made where there is none", Required: true},
		&cli.StringFlag{Name: "query", Usage: "its `NAME` in the pack", Required: true},
		&cli.DurationFlag{Name: "interval", Usage: "how often agents run it (default: 1h)"},
		&cli.StringFlag{Name: "at", Usage: "run it at this `TIME` instead: 03:00, mon-fri 09:00,17:30, or the five fields of a crontab"},
		&cli.StringFlag{Name: "zone", Usage: "of --at: a time `ZONE` such as Europe/Berlin, or tenant; the endpoint's own when absent"},
		&cli.StringSliceFlag{Name: "platform", Usage: "only this `PLATFORM`; may be repeated"},
		&cli.StringFlag{Name: "mode", Usage: "differential, snapshot or append"},
	}
	packBody := func(c *cli.Context) map[string]any {
		body := map[string]any{"pack": c.String("pack"), "query": c.String("query"), "interval_seconds": int(c.Duration("interval").Seconds()), "at": c.String("at"), "zone": c.String("zone")}
		if platforms := c.StringSlice("platform"); len(platforms) > 0 {
			body["platforms"] = platforms
		}
		if mode := c.String("mode"); mode != "" {
			body["mode"] = mode
		}
		return body
	}
	return &cli.Command{
		Name: "queries", Usage: "saved queries; run one with query --saved",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "sharing", Usage: "shared or mine"},
			&cli.StringFlag{Name: "q", Usage: "only those with this `TEXT` in name, description or statement"},
		},
		Action: listCommand(savedPath, []string{"sharing", "q"}, columns...),
		Subcommands: []*cli.Command{
			{
				Name: "save", Usage: "save a query", ArgsUsage: "SQL (or - for standard input)", Flags: bodyFlags,
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					sql, err := statement(c)
					if err != nil {
						return err
					}
					if c.String("name") == "" {
						return usageError("give the query a --name")
					}
					body := map[string]any{"name": c.String("name"), "description": c.String("description"), "sql": sql, "sharing": sharing(c.Bool("shared"))}
					var made record
					if err := fleet.Do(c.Context, http.MethodPost, savedPath, scope(c), body, &made); err != nil {
						return err
					}
					return printObject(c, made, one)
				}),
			},
			{
				Name: "show", Usage: "show a saved query", ArgsUsage: "ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "query's id")
					if err != nil {
						return err
					}
					found, err := client.Get[record](c.Context, fleet, savedPath+"/"+id, scope(c))
					if err != nil {
						return err
					}
					return printObject(c, *found, one)
				}),
			},
			{
				Name: "change", Usage: "change a saved query; what no flag names stays", ArgsUsage: "ID",
				Flags: append(bodyFlags, &cli.StringFlag{Name: "sql", Usage: "the new `STATEMENT`"}),
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "query's id")
					if err != nil {
						return err
					}
					found, err := client.Get[record](c.Context, fleet, savedPath+"/"+id, scope(c))
					if err != nil {
						return err
					}
					body := map[string]any{}
					for _, name := range []string{"name", "description", "sql"} {
						if body[name] = (*found)[name]; c.IsSet(name) {
							body[name] = c.String(name)
						}
					}
					if body["sharing"] = (*found)["sharing"]; c.IsSet("shared") {
						body["sharing"] = sharing(c.Bool("shared"))
					}
					var changed record
					if err := fleet.Do(c.Context, http.MethodPut, savedPath+"/"+id, scope(c), body, &changed); err != nil {
						return err
					}
					return printObject(c, changed, one)
				}),
			},
			{Name: "delete", Usage: "delete a saved query", ArgsUsage: "ID", Action: callOn(http.MethodDelete, "query's id", func(id string) string { return savedPath + "/" + id }, nil)},
			{
				Name: "versions", Usage: "the statements that a saved query has had", ArgsUsage: "ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "query's id")
					if err != nil {
						return err
					}
					return printList(c, client.List[record](c.Context, fleet, savedPath+"/"+id+"/versions", scope(c)), fields("number", "saved_by", "saved_at", "sql"))
				}),
			},
			{
				Name: "diff", Usage: "how one version became another", ArgsUsage: "ID FROM [TO]",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() < 2 || c.NArg() > 3 {
						return usageError("queries diff takes the query's id and one or two versions")
					}
					query := scope(c)
					for i, name := range []string{"from", "to"} {
						if text := c.Args().Get(i + 1); text != "" {
							if _, err := strconv.Atoi(text); err != nil {
								return usageError(fmt.Sprintf("version %q is no number", text))
							}
							query.Set(name, text)
						}
					}
					return printDiff(c, fleet, savedPath+"/"+escaped(c.Args().First())+"/diff", query)
				}),
			},
			{
				Name: "schedule", Usage: "make a saved query part of a pack", ArgsUsage: "ID", Flags: packFlags,
				Action: callOn(http.MethodPost, "query's id", func(id string) string { return savedPath + "/" + id + "/pack" }, func(c *cli.Context) any { return packBody(c) }),
			},
			{
				Name: "alert", Usage: "make a saved query part of a pack, and a rule over its rows", ArgsUsage: "ID",
				Flags: append([]cli.Flag{
					&cli.StringFlag{Name: "rule", Usage: "the rule's `NAME`", Required: true}, &cli.StringFlag{Name: "title", Required: true},
					&cli.StringFlag{Name: "severity", Usage: "low, medium, high or critical", Value: "medium"},
					&cli.IntFlag{Name: "threshold", Usage: "rows of one agent from which on it fires", Value: 1},
				}, packFlags...),
				Action: callOn(http.MethodPost, "query's id", func(id string) string { return savedPath + "/" + id + "/rule" }, func(c *cli.Context) any {
					body := packBody(c)
					body["rule"], body["title"], body["severity"], body["threshold"] = c.String("rule"), c.String("title"), c.String("severity"), c.Int("threshold")
					return body
				}),
			},
		},
	}
}

func sharing(shared bool) string {
	if shared {
		return "shared"
	}
	return "mine"
}

// diffLine is a line of a difference as the API has it.
type diffLine struct {
	Op   string `json:"op"`
	Text string `json:"text"`
}

// printDiff shows a difference as programmers read it, or as data.
func printDiff(c *cli.Context, fleet *client.Client, path string, query url.Values) error {
	lines := client.List[diffLine](c.Context, fleet, path, query)
	if c.String("output") != "table" {
		return printList(c, lines, []column[diffLine]{{"op", func(l diffLine) string { return l.Op }}, {"text", func(l diffLine) string { return l.Text }}})
	}
	for l, err := range lines {
		if err != nil {
			return err
		}
		fmt.Fprintln(c.App.Writer, l.Op+terminal.Escape(l.Text))
	}
	return nil
}
