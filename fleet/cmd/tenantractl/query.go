package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/internal/terminal"
	"github.com/tenantra/tenantra/tables"
)

// errPartial ends the program with exitPartial: the reasons were printed.
var errPartial = errors.New("not every agent answered")

func queryCommand() *cli.Command {
	return &cli.Command{
		Name: "query", Usage: "ask agents now, or what they told last or at a past time; rows are printed as they come", ArgsUsage: "SQL (or - for standard input)",
		Description: "Exit code 0: every agent answered. 3: some failed, timed out, refused, are offline, or have not told the table (named on standard error).",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "platform", Usage: "only agents of this `PLATFORM`; may be repeated"},
			&cli.StringSliceFlag{Name: "tag", Usage: "only agents with this `TAG`; may be repeated"},
			&cli.StringSliceFlag{Name: "agent", Usage: "only this agent `ID`; may be repeated"},
			&cli.StringSliceFlag{Name: "group", Usage: "only agents of this group (`ID`); may be repeated"},
			&cli.StringFlag{Name: "saved", Usage: "the saved query with this `ID` instead of SQL"},
			&cli.StringFlag{Name: "where", Usage: "only agents that this `SQL` over the last known state names in its column agent"},
			&cli.DurationFlag{Name: "timeout", Usage: "for each agent", Value: 30 * time.Second},
			&cli.DurationFlag{Name: "wait", Usage: "ask agents that are away when they come within this time"},
			&cli.BoolFlag{Name: "detach", Usage: "print the live query's id and go on; see query follow"},
			&cli.BoolFlag{Name: "estimate", Usage: "tell what it would cost and ask nobody"},
			&cli.BoolFlag{Name: "last-known", Usage: "answer from what agents told last, without asking them"},
			&cli.StringFlag{Name: "as-of", Usage: "answer from what agents had told at this `TIME`: 2026-01-31T12:00:00Z, 2026-01-31, or 3h or 7d ago"},
			&cli.StringFlag{Name: "per", Usage: "with --last-known and --as-of: agent (as live) or fleet (once over all); fleet where the SQL names tenant, agent, hostname or seen_from"},
		},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			body := map[string]any{}
			if id := c.String("saved"); id != "" {
				if c.Args().Present() {
					return usageError("give a statement or --saved, not both")
				}
				body["saved_query"] = id
			} else if sql, err := statement(c); err != nil {
				return err
			} else {
				body["sql"] = sql
			}
			printer, err := newAnswerPrinter(c)
			if err != nil {
				return err
			}
			target := map[string]any{}
			for flag, key := range map[string]string{"platform": "platforms", "tag": "tags", "agent": "agent_ids", "group": "groups"} {
				if values := c.StringSlice(flag); len(values) > 0 {
					target[key] = values
				}
			}
			if where := c.String("where"); where != "" {
				target["sql"] = where
			}
			body["target"] = target
			if c.Bool("last-known") || c.IsSet("as-of") {
				return stored(c, fleet, body, printer)
			}
			if c.IsSet("per") {
				return usageError("--per goes with --last-known or --as-of")
			}
			var asked struct {
				ID string `json:"id"`
			}
			body["timeout_seconds"], body["wait_seconds"] = int(c.Duration("timeout").Seconds()), int(c.Duration("wait").Seconds())
			if c.Bool("estimate") {
				return estimate(c, fleet, body)
			}
			if err := fleet.Do(c.Context, http.MethodPost, "/live-queries", scope(c), body, &asked); err != nil {
				return err
			}
			if c.Bool("detach") {
				_, err := fmt.Fprintln(c.App.Writer, asked.ID)
				return err
			}
			return follow(c, fleet, asked.ID, printer)
		}),
		Subcommands: liveQueryCommands(),
	}
}

// statement gives the SQL of the command line or of standard input.
func statement(c *cli.Context) (string, error) {
	sql := strings.Join(c.Args().Slice(), " ")
	if sql != "" && sql != "-" {
		return sql, nil
	}
	text, err := io.ReadAll(io.LimitReader(c.App.Reader, 1<<20))
	if err != nil {
		return "", fmt.Errorf("read statement: %w", err)
	}
	return string(text), nil
}

// follow prints a campaign's stream. An interrupt cancels the question on the agents too.
func follow(c *cli.Context, fleet *client.Client, id string, printer answerPrinter) error {
	var counts map[string]int64
	err := client.Stream(c.Context, fleet, "/live-queries/"+url.PathEscape(id)+"/stream", scope(c), func(e client.LiveEvent) error {
		switch e.Type {
		case "rows":
			return printer.rows(e)
		case "agent":
			if e.Error != "" {
				fmt.Fprintf(c.App.ErrWriter, "%s: %s: %s\n", terminal.Escape(e.Hostname), e.Outcome, terminal.Escape(e.Error))
			}
		case "done":
			counts = e.Counts
		}
		return nil
	})
	if c.Context.Err() != nil {
		// The command's own context is over; the cancel gets the client's time limit.
		if err := fleet.Do(context.WithoutCancel(c.Context), http.MethodPost, "/live-queries/"+url.PathEscape(id)+"/cancel", scope(c), struct{}{}, nil); err != nil {
			return fmt.Errorf("cancel: %w", err)
		}
		return errors.New("cancelled")
	}
	if err := errors.Join(err, printer.end()); err != nil {
		return err
	}
	answered := counts["with_rows"] + counts["no_rows"]
	fmt.Fprintf(c.App.ErrWriter, "%d of %d agents answered", answered, counts["targets"])
	for _, outcome := range []string{"failed", "timed_out", "refused", "offline", "waiting"} {
		if n := counts[outcome]; n > 0 {
			fmt.Fprintf(c.App.ErrWriter, ", %d %s", n, strings.ReplaceAll(outcome, "_", " "))
		}
	}
	fmt.Fprintln(c.App.ErrWriter)
	if answered < counts["targets"] {
		return errPartial
	}
	return nil
}

// answerPrinter writes rows as they come.
type answerPrinter interface {
	rows(client.LiveEvent) error
	end() error
}

func newAnswerPrinter(c *cli.Context) (answerPrinter, error) {
	switch format := c.String("output"); format {
	case "table", "csv":
		row, flush := rowWriter(c.App.Writer, format)
		return &cellPrinter{row: row, flush: flush}, nil
	case "json", "yaml":
		return &objectPrinter{c: c, format: format, all: []map[string]any{}}, nil
	default:
		return nil, usageError(fmt.Sprintf("output %q: use table, json, yaml or csv", format))
	}
}

// cellPrinter writes a table or CSV with the agent in the first column.
type cellPrinter struct {
	row     func([]string)
	flush   func() error
	columns []string
}

func (p *cellPrinter) rows(e client.LiveEvent) error {
	rows, err := readRows(e)
	if err != nil {
		return err
	}
	whole := e.AgentID == "" // rows over many agents are no agent's
	// Agents of different versions may answer with different columns: a new head says so.
	if strings.Join(p.columns, "\x00") != strings.Join(e.Columns, "\x00") {
		p.columns = e.Columns
		head := e.Columns
		if !whole {
			head = append([]string{"agent"}, head...)
		}
		p.row(head)
	}
	for _, values := range rows {
		var cells []string
		if !whole {
			cells = append(cells, e.Hostname)
		}
		for _, v := range values {
			cells = append(cells, v.String())
		}
		p.row(cells)
	}
	return p.flush()
}

func (p *cellPrinter) end() error { return p.flush() }

// objectPrinter collects rows as objects; a JSON array cannot be printed before it ends.
type objectPrinter struct {
	c      *cli.Context
	format string
	all    []map[string]any
}

func (p *objectPrinter) rows(e client.LiveEvent) error {
	rows, err := readRows(e)
	if err != nil {
		return err
	}
	for _, values := range rows {
		object := map[string]any{}
		if e.AgentID != "" {
			object["agent"], object["agent_id"] = e.Hostname, e.AgentID
		}
		for i, column := range e.Columns {
			object[column] = values[i].Any()
		}
		p.all = append(p.all, object)
	}
	return nil
}

func (p *objectPrinter) end() error { return printValue(p.c.App.Writer, p.format, p.all) }

// readRows gives the rows of an event, each as long as its columns.
func readRows(e client.LiveEvent) ([][]tables.Value, error) {
	var rows [][]tables.Value
	if err := json.Unmarshal(e.Rows, &rows); err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	for _, row := range rows {
		if len(row) != len(e.Columns) {
			return nil, fmt.Errorf("read rows: %d cells for %d columns", len(row), len(e.Columns))
		}
	}
	return rows, nil
}
