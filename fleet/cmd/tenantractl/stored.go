package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/internal/terminal"
)

// stored answers a question from what agents have told.
func stored(c *cli.Context, fleet *client.Client, body map[string]any, printer answerPrinter) error {
	body["mode"] = "last_known"
	if per := c.String("per"); per != "" {
		body["per"] = per
	}
	if text := c.String("as-of"); text != "" {
		if c.Bool("last-known") {
			return usageError("--last-known and --as-of are two different questions")
		}
		at, err := moment(text, time.Now())
		if err != nil {
			return err
		}
		body["mode"], body["at"] = "as_of", at.UTC().Format(time.RFC3339Nano)
	}
	summary, err := storedRows(c, fleet, "/queries/run", body, printer)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.App.ErrWriter, "%d of %d agents", summary.Answered, summary.Agents)
	if summary.NotTold > 0 {
		names := make([]string, len(summary.Tables))
		for i, t := range summary.Tables {
			names[i] = t.Table
		}
		fmt.Fprintf(c.App.ErrWriter, ", %d have not told %s", summary.NotTold, strings.Join(names, " and "))
	}
	for _, t := range summary.Tables {
		fmt.Fprintf(c.App.ErrWriter, "; %s told %s to %s", t.Table, ago(t.OldestAt), ago(t.NewestAt))
	}
	fmt.Fprintln(c.App.ErrWriter)
	if summary.Answered < summary.Agents {
		return errPartial
	}
	return nil
}

// storedRows prints the rows of an answer that the server makes itself.
func storedRows(c *cli.Context, fleet *client.Client, path string, body map[string]any, printer answerPrinter) (*client.StoredSummary, error) {
	var summary *client.StoredSummary
	err := client.StreamPost(c.Context, fleet, path, scope(c), body, func(e client.StoredEvent) error {
		switch e.Type {
		case "rows":
			return printer.rows(e.LiveEvent)
		case "agent":
			fmt.Fprintf(c.App.ErrWriter, "%s: %s\n", terminal.Escape(e.Hostname), terminal.Escape(e.Error))
		case "error":
			return errors.New(e.Error)
		case "done":
			summary = e.Summary
		}
		return nil
	})
	if err := errors.Join(err, printer.end()); err != nil {
		return nil, err
	}
	if summary == nil {
		return nil, errors.New("the answer ended before its summary: it is not whole")
	}
	return summary, nil
}

// moment reads a time as people write it: RFC 3339, a local date or date and time, or how long ago.
func moment(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= 36_500 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, usageError(fmt.Sprintf("time %q: write 2026-01-31T12:00:00Z, 2026-01-31, 3h or 7d", text))
}
