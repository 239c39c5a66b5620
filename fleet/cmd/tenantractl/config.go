package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// configTextMax bounds a layer's file.
const configTextMax = 1 << 20

func configCommand() *cli.Command {
	layer := fields("kind", "name", "state", "canary_percent", "version", "changed_at", "changed_by", "reason", "content")
	where := []cli.Flag{
		&cli.StringFlag{Name: "group", Usage: "of the group with this `ID` instead of the whole tenant"},
		&cli.StringFlag{Name: "agent", Usage: "of the agent with this `ID` instead of the whole tenant"},
	}
	path := func(c *cli.Context) (string, error) {
		group, agent := c.String("group"), c.String("agent")
		switch {
		case group != "" && agent != "":
			return "", usageError("a layer is of a group or of an agent, not of both")
		case group != "":
			return "/groups/" + escaped(group) + "/config", nil
		case agent != "":
			return "/agent-config/" + escaped(agent), nil
		default:
			return "/config-layers/tenant", nil
		}
	}
	return &cli.Command{
		Name: "config", Usage: "what agents are to do, by layers: tenant, group, agent",
		Action: listCommand("/config-layers", nil, "kind", "name", "state", "canary_percent", "version", "changed_at", "changed_by", "reason"),
		Subcommands: []*cli.Command{
			{
				Name: "agent", Usage: "what one agent is to do, where each part comes from, and whether it arrived", ArgsUsage: "AGENT_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "agent's id")
					if err != nil {
						return err
					}
					found, err := client.Get[record](c.Context, fleet, "/agent-config/"+id, scope(c))
					if err != nil {
						return err
					}
					if format := c.String("output"); format == "json" || format == "yaml" {
						return printValue(c.App.Writer, format, *found)
					}
					fmt.Fprintf(c.App.ErrWriter, "version %s; the agent has %s\n", whole((*found)["version"]), whole((*found)["has_version"]))
					parts, _ := (*found)["parts"].([]any)
					return printList(c, func(yield func(record, error) bool) {
						for _, part := range parts {
							if p, ok := part.(map[string]any); ok && !yield(p, nil) {
								return
							}
						}
					}, fields("name", "value", "from_kind", "from_name"))
				}),
			},
			{
				Name: "set", Usage: "say what is to be done otherwise", ArgsUsage: "FILE (YAML or JSON; - for standard input)",
				Description: "The file has heartbeat_seconds, spool_max_bytes, packs (name: true or false), intervals (collection: seconds),\n" +
					"times (collection: {at: mon-fri 03:00, zone: Europe/Berlin}) and off_tables.\n" +
					"With --canary a part of the agents tries it first, and it is taken back by itself where they break the budget; run it again\n" +
					"without --canary to give it to all.",
				Flags: append([]cli.Flag{
					&cli.IntFlag{Name: "canary", Usage: "try it on this `PERCENT` of the agents"},
					&cli.IntFlag{Name: "failing-percent", Usage: "how many of the canary's agents may have a failing query (default: 10)"},
					&cli.Int64Flag{Name: "cpu-ms-per-hour", Usage: "what the canary's agents may use on average (default: 36000)"},
				}, where...),
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() != 1 {
						return usageError("config set takes one file, or - for standard input")
					}
					at, err := path(c)
					if err != nil {
						return err
					}
					content, err := readContent(c, c.Args().First())
					if err != nil {
						return err
					}
					body := map[string]any{"content": content, "canary_percent": c.Int("canary"),
						"budget": map[string]any{"failing_percent": c.Int("failing-percent"), "cpu_ms_per_hour": c.Int64("cpu-ms-per-hour")}}
					var put record
					if err := fleet.Do(c.Context, http.MethodPut, at, scope(c), body, &put); err != nil {
						return err
					}
					return printObject(c, put, layer)
				}),
			},
			{
				Name: "clear", Usage: "take back what was said: the layers above hold", Flags: where,
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					at, err := path(c)
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodDelete, at, scope(c), nil, nil)
				}),
			},
		},
	}
}

// whole shows a number of JSON that is an integer without an exponent.
func whole(value any) string {
	if n, ok := value.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// readContent reads a layer's file; JSON is YAML too.
func readContent(c *cli.Context, name string) (content map[string]any, err error) {
	in := c.App.Reader
	if name != "-" {
		file, err := os.Open(name) // #nosec G304 -- the person's own choice
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, configTextMax))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if err := json.Unmarshal(asJSON, &content); err != nil {
		return nil, fmt.Errorf("read %s: want a mapping such as heartbeat_seconds: 60", name)
	}
	return content, nil
}

// exportRowsCommand is scans export.
func exportRowsCommand() *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "what the tenant's agents have told, as CSV or JSON lines on standard output",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "csv or ndjson", Value: "csv"},
			&cli.StringFlag{Name: "collection", Usage: "only this `COLLECTION`, with a column for each of its own"},
			&cli.StringFlag{Name: "as-of", Usage: "as it was at this `TIME`: 2026-01-31T12:00:00Z, 2026-01-31, or 3h or 7d ago"},
		},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			query := scope(c)
			query.Set("format", c.String("format"))
			if name := c.String("collection"); name != "" {
				query.Set("collection", name)
			}
			if text := strings.TrimSpace(c.String("as-of")); text != "" {
				at, err := moment(text, time.Now())
				if err != nil {
					return err
				}
				query.Set("at", at.UTC().Format("2006-01-02T15:04:05.999999Z"))
			}
			return fleet.Download(c.Context, "/scan/export", query, c.App.Writer)
		}),
	}
}
