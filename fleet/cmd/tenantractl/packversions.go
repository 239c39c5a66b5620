package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// layerPath is the layer of the whole tenant, in which a canary of a pack's text is one of the things that are said.
const layerPath = "/config-layers/tenant"

// packVersionCommands are what is done with the texts that a pack has had, and with one that it is to have.
func packVersionCommands() []*cli.Command {
	return []*cli.Command{
		{
			Name: "versions", Usage: "the texts that a pack of the tenant has had", ArgsUsage: "PACK",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				name, err := oneArgument(c, "pack's name")
				if err != nil {
					return err
				}
				return printList(c, client.List[record](c.Context, fleet, "/packs/"+name+"/versions", scope(c)), fields("number", "saved_by", "saved_at"))
			}),
		},
		{
			Name: "diff", Usage: "how one text of a pack became another", ArgsUsage: "PACK [FROM [TO]]",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				if c.NArg() < 1 || c.NArg() > 3 {
					return usageError("packs diff takes the pack's name and up to two versions")
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
				return printDiff(c, fleet, "/packs/"+escaped(c.Args().First())+"/diff", query)
			}),
		},
		{
			Name: "restore", Usage: "make an earlier text of a pack, or one that was tried, the present one", ArgsUsage: "PACK VERSION",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				if c.NArg() != 2 {
					return usageError("packs restore takes the pack's name and a version")
				}
				number, err := strconv.Atoi(c.Args().Get(1))
				if err != nil {
					return usageError(fmt.Sprintf("version %q is no number", c.Args().Get(1)))
				}
				name := c.Args().First()
				if err := fleet.Do(c.Context, http.MethodPost, fmt.Sprintf("/packs/%s/versions/%d/restore", escaped(name), number), scope(c), nil, nil); err != nil {
					return err
				}
				return tryVersion(c, fleet, name, 0, 0, nil) // all have it now: no layer says otherwise any more
			}),
		},
		{
			Name: "canary", Usage: "try a new text of a pack on a part of the agents; it is taken back by itself where they break the budget", ArgsUsage: "PACK FILE",
			Description: "Prints the number of the version. packs restore PACK VERSION gives it to all; config clear or another canary takes it back.",
			Flags: []cli.Flag{
				&cli.IntFlag{Name: "percent", Usage: "of the agents", Value: 10},
				&cli.IntFlag{Name: "failing-percent", Usage: "how many of them may have a failing query (default: 10)"},
				&cli.Int64Flag{Name: "cpu-ms-per-hour", Usage: "what they may use on average (default: 36000)"},
			},
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				if c.NArg() != 2 {
					return usageError("packs canary takes the pack's name and a file")
				}
				text, err := os.ReadFile(c.Args().Get(1)) // #nosec G304 -- the person's own choice
				if err != nil {
					return fmt.Errorf("read pack: %w", err)
				}
				name := c.Args().First()
				var made struct {
					Number int `json:"number"`
				}
				if err := fleet.Do(c.Context, http.MethodPost, "/packs/"+escaped(name)+"/versions", scope(c), map[string]string{"yaml": string(text)}, &made); err != nil {
					return err
				}
				budget := map[string]any{"failing_percent": c.Int("failing-percent"), "cpu_ms_per_hour": c.Int64("cpu-ms-per-hour")}
				if err := tryVersion(c, fleet, name, made.Number, c.Int("percent"), budget); err != nil {
					return err
				}
				_, err = fmt.Fprintln(c.App.Writer, made.Number)
				return err
			}),
		},
	}
}

// tryVersion has the tenant's layer name a version of a pack, or with 0 none, and leaves what else it says. A layer that is
// being tried itself is left alone: two tries at once could not be told apart.
func tryVersion(c *cli.Context, fleet *client.Client, pack string, number, percent int, budget map[string]any) error {
	content := map[string]json.RawMessage{}
	versions := map[string]int{}
	for layer, err := range client.List[struct {
		Kind    string                     `json:"kind"`
		State   string                     `json:"state"`
		Content map[string]json.RawMessage `json:"content"`
		Before  map[string]json.RawMessage `json:"before"`
	}](c.Context, fleet, "/config-layers", scope(c)) {
		if err != nil {
			return err
		}
		if layer.Kind != "tenant" {
			continue
		}
		content = layer.Content
		if layer.State == "stopped" {
			content = layer.Before
		}
		if err := unmarshal(content["pack_versions"], &versions); err != nil {
			return err
		}
		if layer.State == "rolling" && (number != 0 || versions[pack] == 0) {
			if number == 0 {
				return nil // of something else
			}
			return errors.New("the tenant's configuration is being tried already: finish that first (config set, or config clear)")
		}
	}
	if number == 0 && versions[pack] == 0 {
		return nil
	}
	if content == nil {
		content = map[string]json.RawMessage{}
	}
	delete(versions, pack)
	if number != 0 {
		versions[pack] = number
	}
	text, err := json.Marshal(versions)
	if err != nil {
		return fmt.Errorf("write layer: %w", err)
	}
	content["pack_versions"] = text
	body := map[string]any{"content": content, "canary_percent": percent}
	if budget != nil {
		body["budget"] = budget
	}
	return fleet.Do(c.Context, http.MethodPut, layerPath, scope(c), body, nil)
}

func unmarshal(text json.RawMessage, into any) error {
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read layer: %w", err)
	}
	return nil
}
