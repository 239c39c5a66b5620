package main

import (
	"errors"
	"iter"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

func usageCommand() *cli.Command {
	counts := []string{"period", "tenant", "agents", "agents_seen", "batches", "rows", "bytes", "live_queries", "scans", "exports", "stored_rows", "stored_bytes"}
	return &cli.Command{
		Name: "usage", Usage: "how much of its plan a tenant uses",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			standings := items(c, fleet, "/usage", scope(c))
			if format := c.String("output"); format == "json" || format == "yaml" {
				return printList(c, standings, nil)
			}
			return printList(c, readings(standings), []column[record]{
				{"tenant", func(r record) string { return text(r["tenant"]) }},
				{"plan", func(r record) string { return text(r["plan"]) }},
				{"meter", func(r record) string { return strings.ReplaceAll(text(r["meter"]), "_", " ") }},
				{"used", func(r record) string { return whole(r["used"]) }},
				{"of", func(r record) string {
					if r["limit"] == nil {
						return "" // no limit
					}
					return whole(r["limit"])
				}},
				{"period", func(r record) string { return text(r["period"]) }},
				{"state", func(r record) string { return text(r["state"]) }},
				{"at the limit", func(r record) string { return text(r["at_limit"]) }},
			})
		}),
		Subcommands: []*cli.Command{{
			Name: "history", Usage: "what was used, by day or month",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "by", Usage: "day or month", Value: "day"},
				&cli.StringFlag{Name: "from", Usage: "first `DAY`, such as 2026-01-01"}, &cli.StringFlag{Name: "to", Usage: "last `DAY`; today when absent"},
			},
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				query := filters(c, "from", "to")
				query.Set("by", c.String("by"))
				columns := fields(counts...)
				for i, name := range counts[2:] { // numbers, without exponents
					columns[2+i].cell = func(r record) string { return whole(r[name]) }
				}
				return printList(c, items(c, fleet, "/usage/history", query), columns)
			}),
		}},
	}
}

// readings are the meters of all tenants, a line each.
func readings(standings iter.Seq2[record, error]) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		for standing, err := range standings {
			if err != nil {
				yield(nil, err)
				return
			}
			meters, ok := standing["meters"].([]any)
			if !ok {
				yield(nil, errors.New("the server's answer has no meters"))
				return
			}
			for _, meter := range meters {
				m, ok := meter.(map[string]any)
				if !ok {
					continue
				}
				m["tenant"], m["plan"] = standing["tenant"], standing["plan"]
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}
