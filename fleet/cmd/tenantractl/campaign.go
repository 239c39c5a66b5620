package main

import (
	"fmt"
	"net/http"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/internal/terminal"
)

// liveQueryCommands are about live queries that were asked already.
func liveQueryCommands() []*cli.Command {
	return []*cli.Command{
		{
			Name: "list", Usage: "live queries, youngest first",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				return printList(c, client.List[client.LiveQuery](c.Context, fleet, "/live-queries", scope(c)), []column[client.LiveQuery]{
					{"asked", func(q client.LiveQuery) string { return ago(q.CreatedAt) }},
					{"by", func(q client.LiveQuery) string { return q.CreatedBy }},
					{"state", func(q client.LiveQuery) string { return q.State }},
					{"agents", func(q client.LiveQuery) string { return number(q.Counts["targets"]) }},
					{"answered", func(q client.LiveQuery) string { return number(q.Counts["with_rows"] + q.Counts["no_rows"]) }},
					{"waiting", func(q client.LiveQuery) string { return number(q.Counts["waiting"]) }},
					{"rows", func(q client.LiveQuery) string { return number(q.Rows) }},
					{"id", func(q client.LiveQuery) string { return q.ID }},
					{"sql", func(q client.LiveQuery) string { return q.SQL }},
				})
			}),
		},
		{
			Name: "follow", Usage: "print the answers that are there, and those that come", ArgsUsage: "LIVE_QUERY_ID",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				id, err := oneArgument(c, "live query's id")
				if err != nil {
					return err
				}
				printer, err := newAnswerPrinter(c)
				if err != nil {
					return err
				}
				return follow(c, fleet, id, printer)
			}),
		},
		{
			Name: "cancel", Usage: "stop asking", ArgsUsage: "LIVE_QUERY_ID",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				id, err := oneArgument(c, "live query's id")
				if err != nil {
					return err
				}
				return fleet.Do(c.Context, http.MethodPost, "/live-queries/"+id+"/cancel", scope(c), struct{}{}, nil)
			}),
		},
		{
			Name: "answers", Usage: "SQL over a live query's answers: the table answers has its columns, and agent, hostname, tenant", ArgsUsage: "LIVE_QUERY_ID SQL",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				if c.NArg() != 2 {
					return usageError("query answers takes the live query's id and one SQL statement")
				}
				printer, err := newAnswerPrinter(c)
				if err != nil {
					return err
				}
				_, err = storedRows(c, fleet, "/live-queries/"+escaped(c.Args().First())+"/sql", map[string]any{"sql": c.Args().Get(1)}, printer)
				return err
			}),
		},
	}
}

// estimate prints what a live query would cost.
func estimate(c *cli.Context, fleet *client.Client, body map[string]any) error {
	var e client.Estimate
	if err := fleet.Do(c.Context, http.MethodPost, "/queries/estimate", scope(c), body, &e); err != nil {
		return err
	}
	for _, warning := range e.Warnings {
		fmt.Fprintf(c.App.ErrWriter, "warning: %s\n", terminal.Escape(warning))
	}
	return printObject(c, e, []column[client.Estimate]{
		{"agents", func(e client.Estimate) string { return fmt.Sprintf("%d, %d of them online", e.Targets, e.Online) }},
		{"CPU an agent", func(e client.Estimate) string {
			return fmt.Sprintf("%d ms, one in twenty %d ms", e.PerAgent.CPUMillisP50, e.PerAgent.CPUMillisP95)
		}},
		{"time an agent", func(e client.Estimate) string {
			return fmt.Sprintf("%d ms, one in twenty %d ms", e.PerAgent.DurationP50, e.PerAgent.DurationP95)
		}},
		{"rows", func(e client.Estimate) string {
			return fmt.Sprintf("%d an agent, %d in all", e.PerAgent.Rows, e.Fleet.Rows)
		}},
		{"known from", func(e client.Estimate) string { return fmt.Sprintf("%s, %d executions", e.Basis, e.Samples) }},
	})
}
