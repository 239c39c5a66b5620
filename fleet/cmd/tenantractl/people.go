package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// onUser is the action of a command about a person, named by e-mail address or id as its first of n arguments.
func onUser(usage string, n int, do func(c *cli.Context, fleet *client.Client, id string) error) cli.ActionFunc {
	return withFleet(func(c *cli.Context, fleet *client.Client) error {
		if c.NArg() != n {
			return usageError(fmt.Sprintf("%s takes %s", c.Command.FullName(), usage))
		}
		id, err := userID(c, fleet, c.Args().First())
		if err != nil {
			return err
		}
		return do(c, fleet, id)
	})
}

// userCommands manage people that there are; usersCommand has the others.
func userCommands() []*cli.Command {
	send := func(method, path string) func(c *cli.Context, fleet *client.Client, id string) error {
		return func(c *cli.Context, fleet *client.Client, id string) error {
			return fleet.Do(c.Context, method, "/users/"+id+path, scope(c), nil, nil)
		}
	}
	link := func(c *cli.Context, invitation any) error {
		made, _ := invitation.(map[string]any)
		if made["mailed"] == true {
			fmt.Fprintln(c.App.ErrWriter, "The link was sent by e-mail.")
			return nil
		}
		fmt.Fprintf(c.App.ErrWriter, "No mail was sent. Hand this link over; it holds until %s:\n", text(made["expires_at"]))
		return secretLine(c, made["url"])
	}
	return []*cli.Command{
		{
			Name: "invite", Usage: "add a person who sets their password by a link: mailed, or printed to be handed over",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "email", Required: true}, &cli.StringFlag{Name: "name", Required: true},
				&cli.StringFlag{Name: "role", Value: "USER", Usage: "MSP_ADMIN, ADMIN, MANAGER, USER, READONLY or BILLING_VIEWER"},
			},
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				made, err := post(c, fleet, "/users/invitations", record{"email": c.String("email"), "name": c.String("name"), "role": c.String("role")})
				if err != nil {
					return err
				}
				return link(c, made["invitation"])
			}),
		},
		{
			Name: "link", Usage: "make a new link by which a person sets a password", ArgsUsage: "USER",
			Action: onUser("a person", 1, func(c *cli.Context, fleet *client.Client, id string) error {
				made, err := post(c, fleet, "/users/"+id+"/link", nil)
				if err != nil {
					return err
				}
				return link(c, map[string]any(made))
			}),
		},
		{
			Name: "change", Usage: "change a person's name or role", ArgsUsage: "USER", Flags: []cli.Flag{&cli.StringFlag{Name: "name"}, &cli.StringFlag{Name: "role"}},
			Action: onUser("a person", 1, func(c *cli.Context, fleet *client.Client, id string) error {
				return fleet.Do(c.Context, http.MethodPatch, "/users/"+id, scope(c), record{"name": c.String("name"), "role": c.String("role")}, nil)
			}),
		},
		{Name: "activate", Usage: "let a deactivated person sign in again", ArgsUsage: "USER", Action: onUser("a person", 1, send(http.MethodPost, "/activate"))},
		{Name: "remove-second-factor", Usage: "of a person who lost it", ArgsUsage: "USER", Action: onUser("a person", 1, send(http.MethodDelete, "/totp"))},
		{Name: "end-sessions", Usage: "end all sessions of a person", ArgsUsage: "USER", Action: onUser("a person", 1, send(http.MethodDelete, "/sessions"))},
		{
			Name: "sessions", Usage: "a person's sessions", ArgsUsage: "USER",
			Action: onUser("a person", 1, func(c *cli.Context, fleet *client.Client, id string) error {
				return printList(c, items(c, fleet, "/users/"+id+"/sessions", scope(c)), fields("id", "created_at", "last_used_at", "address", "user_agent"))
			}),
		},
	}
}

func membersCommand() *cli.Command {
	return &cli.Command{
		Name: "members", Usage: "everybody who has a role at the tenant, also from above",
		Action: listCommand("/members", nil, "email", "name", "role", "tenant_name", "inherited", "denied", "user_id"),
		Subcommands: []*cli.Command{
			{
				Name: "put", Usage: "give a person a role at the tenant and below", ArgsUsage: "USER ROLE",
				Action: onUser("a person and a role", 2, func(c *cli.Context, fleet *client.Client, id string) error {
					return fleet.Do(c.Context, http.MethodPut, "/members/"+id, scope(c), record{"role": c.Args().Get(1)}, nil)
				}),
			},
			{
				Name: "remove", Usage: "take a person's role at the tenant back", ArgsUsage: "USER",
				Action: onUser("a person", 1, func(c *cli.Context, fleet *client.Client, id string) error {
					return fleet.Do(c.Context, http.MethodDelete, "/members/"+id, scope(c), nil, nil)
				}),
			},
			{
				Name: "deny", Usage: "take a permission from a person at the tenant and below; * is everything", ArgsUsage: "USER PERMISSION", Flags: []cli.Flag{&cli.StringFlag{Name: "reason"}},
				Action: onUser("a person and a permission", 2, func(c *cli.Context, fleet *client.Client, id string) error {
					return fleet.Do(c.Context, http.MethodPut, "/members/"+id+"/denied/"+url.PathEscape(c.Args().Get(1)), scope(c), record{"reason": c.String("reason")}, nil)
				}),
			},
			{
				Name: "allow", Usage: "take a denial back", ArgsUsage: "USER PERMISSION",
				Action: onUser("a person and a permission", 2, func(c *cli.Context, fleet *client.Client, id string) error {
					return fleet.Do(c.Context, http.MethodDelete, "/members/"+id+"/denied/"+url.PathEscape(c.Args().Get(1)), scope(c), nil, nil)
				}),
			},
		},
	}
}

func rolesCommand() *cli.Command {
	return &cli.Command{
		Name: "roles", Usage: "the permission table",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			table, err := client.Get[record](c.Context, fleet, "/access/table", nil)
			if err != nil {
				return err
			}
			if format := c.String("output"); format == "json" || format == "yaml" {
				return printObject(c, *table, nil)
			}
			rows, _ := (*table)["permissions"].([]any)
			return printList(c, func(yield func(record, error) bool) {
				for _, row := range rows {
					fields, _ := row.(map[string]any)
					if !yield(fields, nil) {
						return
					}
				}
			}, fields("permission", "roles"))
		}),
		Subcommands: []*cli.Command{{
			Name: "explain", Usage: "what a person may do at a tenant, and why", ArgsUsage: "USER TENANT [PERMISSION]",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				if c.NArg() < 2 || c.NArg() > 3 {
					return usageError("roles explain takes a person, a tenant and, if you like, one permission")
				}
				found, err := client.Get[record](c.Context, fleet, "/access/explain", url.Values{"user": {c.Args().First()}, "tenant": {c.Args().Get(1)}})
				if err != nil {
					return err
				}
				if format := c.String("output"); format == "json" || format == "yaml" {
					return printObject(c, *found, nil)
				}
				if c.String("output") == "table" {
					fmt.Fprintln(c.App.Writer, text((*found)["summary"]))
				}
				rights, _ := (*found)["rights"].([]any)
				return printList(c, func(yield func(record, error) bool) {
					for _, right := range rights {
						fields, _ := right.(map[string]any)
						if wanted := c.Args().Get(2); wanted != "" && !strings.HasPrefix(text(fields["permission"]), wanted) {
							continue
						}
						if !yield(fields, nil) {
							return
						}
					}
				}, fields("permission", "may", "why"))
			}),
		}},
	}
}
