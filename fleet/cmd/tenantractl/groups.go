package main

import (
	"net/http"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

func groupsCommand() *cli.Command {
	columns := []column[client.Group]{
		{"name", func(g client.Group) string { return g.Name }},
		{"kind", func(g client.Group) string { return g.Kind }},
		{"agents", func(g client.Group) string { return number(g.Agents) }},
		{"rule", func(g client.Group) string { return g.Rule }},
		{"error", func(g client.Group) string { return g.Error }},
		{"id", func(g client.Group) string { return g.ID }},
	}
	return &cli.Command{
		Name: "groups", Usage: "sets of agents, kept by people or by a rule",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Group](c.Context, fleet, "/groups", scope(c)), columns)
		}),
		Subcommands: []*cli.Command{
			{
				Name: "create", Usage: "make a group",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "name", Required: true}, &cli.StringFlag{Name: "description"},
					&cli.StringFlag{Name: "sql", Usage: "a `STATEMENT` over the last known state that gives the column agent"},
					&cli.StringFlag{Name: "expr", Usage: "an `EXPRESSION` over agent: agent.platform == \"linux\" and \"prod\" in agent.tags"},
				},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					body := map[string]string{"name": c.String("name"), "description": c.String("description"), "kind": "fixed"}
					for _, kind := range []string{"sql", "expr"} {
						if rule := c.String(kind); rule != "" {
							if body["rule"] != "" {
								return usageError("a group has one rule: --sql or --expr")
							}
							body["kind"], body["rule"] = kind, rule
						}
					}
					var made client.Group
					if err := fleet.Do(c.Context, http.MethodPost, "/groups", scope(c), body, &made); err != nil {
						return err
					}
					return printObject(c, made, columns)
				}),
			},
			{
				Name: "set", Usage: "say which agents are in a fixed group", ArgsUsage: "GROUP_ID AGENT_ID…",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() < 1 {
						return usageError("groups set takes the group's id and the agents' ids")
					}
					return fleet.Do(c.Context, http.MethodPut, "/groups/"+escaped(c.Args().First())+"/agents", scope(c),
						map[string]any{"agent_ids": append([]string{}, c.Args().Tail()...)}, nil)
				}),
			},
			{
				Name: "delete", Usage: "delete a group; its agents stay", ArgsUsage: "GROUP_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "group's id")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodDelete, "/groups/"+id, scope(c), nil, nil)
				}),
			},
		},
	}
}

func scansCommand() *cli.Command {
	columns := []column[client.Scan]{
		{"started", func(s client.Scan) string { return ago(s.CreatedAt) }},
		{"by", func(s client.Scan) string { return s.CreatedBy }},
		{"state", func(s client.Scan) string { return s.State }},
		{"agents", func(s client.Scan) string { return number(s.Counts["targets"]) }},
		{"running", func(s client.Scan) string { return number(s.Counts["running"]) }},
		{"failed", func(s client.Scan) string {
			return number(s.Counts["failed"] + s.Counts["timed_out"] + s.Counts["offline"])
		}},
		{"told", func(s client.Scan) string {
			return number(s.Counts["collections_told"]) + " of " + number(s.Counts["collections_expected"])
		}},
		{"id", func(s client.Scan) string { return s.ID }},
	}
	list := func(name string) cli.Flag {
		return &cli.StringSliceFlag{Name: name, Usage: "only this `" + strings.ToUpper(name) + "`; may be repeated"}
	}
	return &cli.Command{
		Name: "scans", Usage: "runs of scheduled queries that somebody triggered",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Scan](c.Context, fleet, "/scans", scope(c)), columns)
		}),
		Subcommands: []*cli.Command{
			exportRowsCommand(),
			{
				Name: "trigger", Usage: "have agents run what they have scheduled now",
				Flags: []cli.Flag{list("agent"), list("platform"), list("tag"), list("group"), list("pack"), list("module"), list("check")},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					target, body := map[string]any{}, map[string]any{}
					for flag, key := range map[string]string{"agent": "agent_ids", "platform": "platforms", "tag": "tags", "group": "groups"} {
						if values := c.StringSlice(flag); len(values) > 0 {
							target[key] = values
						}
					}
					for _, what := range []string{"pack", "module", "check"} {
						if values := c.StringSlice(what); len(values) > 0 {
							body[what+"s"] = values
						}
					}
					body["target"] = target
					var made client.Scan
					if err := fleet.Do(c.Context, http.MethodPost, "/scan/trigger", scope(c), body, &made); err != nil {
						return err
					}
					return printObject(c, made, columns)
				}),
			},
			{
				Name: "show", Usage: "how a scan goes", ArgsUsage: "SCAN_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "scan's id")
					if err != nil {
						return err
					}
					scan, err := client.Get[client.Scan](c.Context, fleet, "/scans/"+id, scope(c))
					if err != nil {
						return err
					}
					return printObject(c, *scan, columns)
				}),
			},
			{
				Name: "cancel", Usage: "stop waiting for a scan", ArgsUsage: "SCAN_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "scan's id")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodPost, "/scans/"+id+"/cancel", scope(c), struct{}{}, nil)
				}),
			},
		},
	}
}
