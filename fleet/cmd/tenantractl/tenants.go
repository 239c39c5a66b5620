package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// onTenant is the action of a command about a tenant, named by slug or id as its first of n arguments.
func onTenant(usage string, n int, do func(c *cli.Context, fleet *client.Client, id string) error) cli.ActionFunc {
	return withFleet(func(c *cli.Context, fleet *client.Client) error {
		if c.NArg() != n {
			return usageError(fmt.Sprintf("%s takes %s", c.Command.FullName(), usage))
		}
		id, err := tenantID(c, fleet, c.Args().First())
		if err != nil {
			return err
		}
		return do(c, fleet, id)
	})
}

// tenantCommands change tenants that there are; tenantsCommand has the others.
func tenantCommands() []*cli.Command {
	status := func(verb string) cli.ActionFunc {
		return onTenant("a tenant", 1, func(c *cli.Context, fleet *client.Client, id string) error {
			return fleet.Do(c.Context, http.MethodPost, "/tenants/"+id+"/"+verb, nil, record{"reason": c.String("reason"), "confirm": c.String("confirm")}, nil)
		})
	}
	reason := &cli.StringFlag{Name: "reason", Usage: "`TEXT` for the audit log"}
	return []*cli.Command{
		{
			Name: "show", Usage: "one tenant", ArgsUsage: "TENANT",
			Action: onTenant("a tenant", 1, func(c *cli.Context, fleet *client.Client, id string) error {
				found, err := client.Get[record](c.Context, fleet, "/tenants/"+id, nil)
				if err != nil {
					return err
				}
				return printObject(c, *found, fields("name", "slug", "plan", "status", "parent_id", "created_at", "last_modified_at", "id"))
			}),
		},
		{
			Name: "change", Usage: "rename a tenant, or change its slug", ArgsUsage: "TENANT", Flags: []cli.Flag{&cli.StringFlag{Name: "name"}, &cli.StringFlag{Name: "slug"}},
			Action: onTenant("a tenant", 1, func(c *cli.Context, fleet *client.Client, id string) error {
				return fleet.Do(c.Context, http.MethodPatch, "/tenants/"+id, nil, record{"name": c.String("name"), "slug": c.String("slug")}, nil)
			}),
		},
		{Name: "suspend", Usage: "serve nobody of it and give its agents no new work", ArgsUsage: "TENANT", Flags: []cli.Flag{reason}, Action: status("suspend")},
		{Name: "resume", Usage: "serve a suspended or archived tenant again", ArgsUsage: "TENANT", Flags: []cli.Flag{reason}, Action: status("resume")},
		{
			Name: "archive", Usage: "keep it to be read only, by those above", ArgsUsage: "TENANT",
			Flags:  []cli.Flag{reason, &cli.StringFlag{Name: "confirm", Usage: "the tenant's `SLUG` once more", Required: true}},
			Action: status("archive"),
		},
		{
			Name: "move", Usage: "hang it, with all below it, below another", ArgsUsage: "TENANT NEW_PARENT",
			Action: onTenant("a tenant and its new parent", 2, func(c *cli.Context, fleet *client.Client, id string) error {
				parent, err := tenantID(c, fleet, c.Args().Get(1))
				if err != nil {
					return err
				}
				return fleet.Do(c.Context, http.MethodPost, "/tenants/"+id+"/move", nil, record{"parent_id": parent}, nil)
			}),
		},
		{
			Name: "plan", Usage: "give several tenants a plan, all of them or none", ArgsUsage: "PLAN TENANT...",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				if c.NArg() < 2 {
					return usageError("tenants plan takes a plan and one tenant or several")
				}
				var ids []string
				for _, name := range c.Args().Tail() {
					id, err := tenantID(c, fleet, name)
					if err != nil {
						return err
					}
					ids = append(ids, id)
				}
				made, err := post(c, fleet, "/tenants/plans", record{"plan": c.Args().First(), "tenant_ids": ids})
				if err == nil {
					fmt.Fprintf(c.App.ErrWriter, "%s of %d tenants changed.\n", text(made["changed"]), len(ids))
				}
				return err
			}),
		},
	}
}

func settingsCommand() *cli.Command {
	return &cli.Command{
		Name: "settings", Usage: "what holds for the tenant, and who says so",
		Action: listCommand("/settings", nil, "key", "value", "from", "own", "locked", "doc"),
		Subcommands: []*cli.Command{
			{
				Name: "set", Usage: "say what holds for the tenant, and below where nobody says otherwise", ArgsUsage: "KEY VALUE",
				Flags: []cli.Flag{&cli.BoolFlag{Name: "lock", Usage: "tenants below cannot say otherwise"}},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() != 2 {
						return usageError("settings set takes a key and a value")
					}
					var value any = c.Args().Get(1)
					var parsed any
					if json.Unmarshal([]byte(c.Args().Get(1)), &parsed) == nil {
						value = parsed // a number, true, false or a quoted text
					}
					return fleet.Do(c.Context, http.MethodPut, "/settings/"+url.PathEscape(c.Args().First()), scope(c), record{"value": value, "locked": c.Bool("lock")}, nil)
				}),
			},
			{
				Name: "reset", Usage: "have what is inherited hold again", ArgsUsage: "KEY",
				Action: callOn(http.MethodDelete, "key", func(key string) string { return "/settings/" + key }, nil),
			},
			mailCommand(),
		},
	}
}

func mailCommand() *cli.Command {
	return &cli.Command{
		Name: "mail", Usage: "how the installation sends mail",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			found, err := client.Get[record](c.Context, fleet, "/settings/mail", scope(c))
			if err != nil {
				return err
			}
			return printObject(c, *found, fields("configured", "host", "port", "security", "username", "from_address", "from_name"))
		}),
		Subcommands: []*cli.Command{
			{
				Name: "set", Usage: "name the SMTP server; where --username is given its password is asked for, or read from standard input",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "host", Required: true}, &cli.IntFlag{Name: "port", Value: 587}, &cli.StringFlag{Name: "security", Value: "starttls", Usage: "starttls, tls or none"},
					&cli.StringFlag{Name: "username"}, &cli.StringFlag{Name: "from", Required: true, Usage: "`ADDRESS` of the sender"}, &cli.StringFlag{Name: "from-name", Value: "Tenantra"},
				},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					body := record{"host": c.String("host"), "port": c.Int("port"), "security": c.String("security"), "username": c.String("username"),
						"from_address": c.String("from"), "from_name": c.String("from-name")}
					if c.String("username") != "" {
						password, err := newPrompter(c).secret("Password of the mail server: ")
						if err != nil {
							return err
						}
						body["password"] = password
					}
					return fleet.Do(c.Context, http.MethodPut, "/settings/mail", scope(c), body, nil)
				}),
			},
			{
				Name: "test", Usage: "send a test mail", ArgsUsage: "ADDRESS",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() != 1 {
						return usageError("settings mail test takes an address")
					}
					return fleet.Do(c.Context, http.MethodPost, "/settings/mail/test", scope(c), record{"to": c.Args().First()}, nil)
				}),
			},
			{
				Name: "off", Usage: "send no mail any more",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					return fleet.Do(c.Context, http.MethodDelete, "/settings/mail", scope(c), nil, nil)
				}),
			},
		},
	}
}

func modulesCommand() *cli.Command {
	return &cli.Command{
		Name: "modules", Usage: "how every table runs for the tenant, and who says so",
		Action: listCommand("/modules", nil, "name", "category", "state", "interval_seconds", "class", "cost", "from", "locked"),
		Subcommands: []*cli.Command{
			{
				Name: "set", Usage: "say how a table runs", ArgsUsage: "TABLE STATE",
				Description: "STATE is collected (rows are told and kept), live (answers queries only) or off (agents refuse it).",
				Flags:       []cli.Flag{&cli.DurationFlag{Name: "interval", Usage: "between collections"}, &cli.BoolFlag{Name: "lock", Usage: "tenants below cannot say otherwise"}},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() != 2 {
						return usageError("modules set takes a table and collected, live or off")
					}
					body := record{"state": c.Args().Get(1), "interval_seconds": int(c.Duration("interval").Seconds()), "locked": c.Bool("lock")}
					return fleet.Do(c.Context, http.MethodPut, "/modules/"+url.PathEscape(c.Args().First()), scope(c), body, nil)
				}),
			},
			{Name: "reset", Usage: "have it run as inherited", ArgsUsage: "TABLE", Action: callOn(http.MethodDelete, "table", func(name string) string { return "/modules/" + name }, nil)},
			{
				Name: "category", Usage: "switch a whole category, such as network-exposure", ArgsUsage: "CATEGORY live|off|inherit", Flags: []cli.Flag{&cli.BoolFlag{Name: "lock"}},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() != 2 {
						return usageError("modules category takes a category and live, off or inherit")
					}
					state := strings.TrimPrefix(c.Args().Get(1), "inherit")
					return fleet.Do(c.Context, http.MethodPut, "/module-categories/"+url.PathEscape(c.Args().First()), scope(c), record{"state": state, "locked": c.Bool("lock")}, nil)
				}),
			},
		},
	}
}

func mspCommand() *cli.Command {
	return &cli.Command{
		Name: "msp", Usage: "your customers as a whole",
		Subcommands: []*cli.Command{{
			Name: "clients", Usage: "the health of each customer, and why somebody should look now",
			Action: listCommand("/msp/clients", nil, "name", "plan", "status", "agents", "agents_online", "findings_critical", "findings_high", "compliance_score", "needs_me"),
		}},
	}
}

func impersonateCommand() *cli.Command {
	return &cli.Command{
		Name: "impersonate", Usage: "act in a customer's tenant for a while; prints an access token for TENANTRA_TOKEN. The customer sees it and may end it", ArgsUsage: "TENANT",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "reason", Required: true, Usage: "`TEXT` that the customer reads"}, &cli.StringFlag{Name: "user", Usage: "`PERSON` of the tenant to act for, by e-mail address or id"},
			&cli.StringFlag{Name: "role", Usage: "`ROLE` to act with where no person is named; READONLY when absent"}, &cli.IntFlag{Name: "minutes", Value: 60, Usage: "at most 60"},
		},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			if c.NArg() != 1 {
				return usageError("impersonate takes one tenant")
			}
			if err := c.Set("tenant", c.Args().First()); err != nil {
				return err
			}
			body := record{"reason": c.String("reason"), "role": c.String("role"), "minutes": c.Int("minutes")}
			if user := c.String("user"); user != "" {
				id, err := userID(c, fleet, user)
				if err != nil {
					return err
				}
				body["user_id"] = id
				delete(body, "role")
			}
			made, err := post(c, fleet, "/impersonations", body)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.App.ErrWriter, "Grant %s holds for %s seconds. End it: tenantractl impersonations end -t %s %s\n", text(made["msp_scope_token"]), text(made["expires_in"]), c.Args().First(), text(made["msp_scope_token"]))
			return secretLine(c, made["access_token"])
		}),
	}
}

func impersonationsCommand() *cli.Command {
	return &cli.Command{
		Name: "impersonations", Usage: "who acted in the tenant from above", Flags: []cli.Flag{&cli.BoolFlag{Name: "live", Usage: "only those that hold now"}},
		Action: listCommand("/impersonations", []string{"live"}, "actor", "user", "role", "tenant_name", "reason", "started_at", "expires_at", "ended_at", "id"),
		Subcommands: []*cli.Command{{
			Name: "end", Usage: "end one", ArgsUsage: "GRANT_ID",
			Action: callOn(http.MethodPost, "grant's id", func(id string) string { return "/impersonations/" + id + "/end" }, nil),
		}},
	}
}
