package main

import (
	"fmt"
	"net/http"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// agentCommands are what is done to one agent, and what agents reported.
func agentCommands() []*cli.Command {
	on := func(verb string) func(string) string {
		return func(id string) string { return "/agents/" + id + "/" + verb }
	}
	nothing := func(*cli.Context) any { return struct{}{} }
	return []*cli.Command{
		{Name: "approve", Usage: "let a waiting agent in", ArgsUsage: "AGENT_ID", Action: callOn(http.MethodPost, "agent id", on("approve"), nothing)},
		{Name: "decommission", Usage: "revoke an agent whose endpoint is gone, and leave it out of lists", ArgsUsage: "AGENT_ID", Action: callOn(http.MethodPost, "agent id", on("decommission"), nothing)},
		{
			Name: "tags", Usage: "replace an agent's tags", ArgsUsage: "AGENT_ID", Flags: []cli.Flag{&cli.StringSliceFlag{Name: "tag", Usage: "may be repeated; none: no tags"}},
			Action: callOn(http.MethodPut, "agent id", on("tags"), func(c *cli.Context) any { return map[string]any{"tags": append([]string{}, c.StringSlice("tag")...)} }),
		},
		{
			Name: "move", Usage: "have an agent go to another tenant; what it told stays", ArgsUsage: "AGENT_ID TENANT",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				if c.NArg() != 2 {
					return usageError("agents move takes the agent's id and the tenant that it goes to")
				}
				to, err := tenantID(c, fleet, c.Args().Get(1))
				if err != nil {
					return err
				}
				var moved struct {
					ID string `json:"agent_id"`
				}
				if err := fleet.Do(c.Context, http.MethodPost, "/agents/"+escaped(c.Args().First())+"/move", scope(c), map[string]string{"tenant_id": to}, &moved); err != nil {
					return err
				}
				_, err = fmt.Fprintln(c.App.Writer, moved.ID)
				return err
			}),
		},
		rotateKeyCommand(),
		{
			Name: "failures", Usage: "the queries that failed, or were ended by a limit, when agents ran them last",
			Flags:  []cli.Flag{&cli.StringFlag{Name: "severity", Usage: "warn or error"}, &cli.StringFlag{Name: "agent-id"}, &cli.StringFlag{Name: "collection"}},
			Action: listCommand("/agent-failures", []string{"severity", "agent-id", "collection"}, "at", "tenant", "hostname", "collection", "severity", "status_code", "execution_log"),
		},
		{
			Name: "log", Usage: "what agents reported, the youngest first", ArgsUsage: "[AGENT_ID]",
			Flags: []cli.Flag{&cli.StringFlag{Name: "severity", Usage: "info, warn or error"}, &cli.StringFlag{Name: "code"}},
			Action: func(c *cli.Context) error {
				path := "/agent-log"
				if c.Args().Present() {
					path = "/agents/" + escaped(c.Args().First()) + "/log"
				}
				return listCommand(path, []string{"severity", "code"}, "at", "hostname", "severity", "code", "message")(c)
			},
		},
	}
}
