package main

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// rotateKeyCommand is agents rotate-key. With --all it goes on after an agent that cannot, and says so.
func rotateKeyCommand() *cli.Command {
	return &cli.Command{
		Name: "rotate-key", Usage: "have agents make themselves another key; the old one counts until the first message under the new one", ArgsUsage: "[AGENT_ID…]",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "all agents of --tenant, with --recursive those of all tenants below too"}},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			if c.Bool("all") == c.Args().Present() {
				return usageError("agents rotate-key takes agents' ids, or --all")
			}
			rotate := func(id string, query url.Values) error {
				var ordered record
				if err := fleet.Do(c.Context, http.MethodPost, "/agents/"+escaped(id)+"/rotate-key", query, nil, &ordered); err != nil {
					return fmt.Errorf("agent %s: %w", id, err)
				}
				_, err := fmt.Fprintln(c.App.Writer, id)
				return err
			}
			if !c.Bool("all") {
				query := scope(c)
				query.Del("recursive")
				for _, id := range c.Args().Slice() {
					if err := rotate(id, query); err != nil {
						return err
					}
				}
				return nil
			}
			refused := 0
			for agent, err := range client.List[record](c.Context, fleet, "/agents", scope(c)) {
				if err != nil {
					return err
				}
				if status := text(agent["status"]); status != "online" && status != "offline" {
					continue
				}
				if err := rotate(text(agent["id"]), url.Values{"tenant": {text(agent["tenant_id"])}}); err != nil {
					refused++
					fmt.Fprintln(c.App.ErrWriter, err)
				}
			}
			if refused > 0 {
				return errPartial
			}
			return nil
		}),
	}
}
