package main

import (
	"fmt"
	"net/http"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// selfCommands are about one's own sign-in.
func selfCommands() []*cli.Command {
	return []*cli.Command{sessionsCommand(), factorCommand(), stepUpCommand(), profileCommand(), profilesCommand(), tokensCommand()}
}

func sessionsCommand() *cli.Command {
	return &cli.Command{
		Name: "sessions", Usage: "your own sessions",
		Action: listCommand("/me/sessions", nil, "id", "current", "created_at", "last_used_at", "expires_at", "address", "user_agent"),
		Subcommands: []*cli.Command{
			{
				Name: "end", Usage: "end one of them", ArgsUsage: "SESSION_ID",
				Action: callOn(http.MethodDelete, "session's id", func(id string) string { return "/me/sessions/" + id }, nil),
			},
			{
				Name: "end-others", Usage: "end all but this one",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					made, err := post(c, fleet, "/me/sessions/end-others", struct{}{})
					if err == nil {
						fmt.Fprintf(c.App.ErrWriter, "%s sessions ended.\n", text(made["ended"]))
					}
					return err
				}),
			},
		},
	}
}

func factorCommand() *cli.Command {
	return &cli.Command{
		Name: "second-factor", Usage: "codes of an authenticator, beside your password",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			found, err := client.Get[record](c.Context, fleet, "/me/totp", nil)
			if err != nil {
				return err
			}
			return printObject(c, *found, fields("enabled", "confirmed_at", "required", "recovery_codes_left"))
		}),
		Subcommands: []*cli.Command{
			{
				Name: "on", Usage: "set it up: shows a secret for your authenticator, asks for a code, prints recovery codes",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					made, err := post(c, fleet, "/me/totp", nil)
					if err != nil {
						return err
					}
					fmt.Fprintf(c.App.ErrWriter, "Add this to your authenticator:\n\n  %s\n  %s\n\n", text(made["secret"]), text(made["url"]))
					code, err := newPrompter(c).secret("Code that it shows: ")
					if err != nil {
						return err
					}
					confirmed, err := post(c, fleet, "/me/totp/confirm", map[string]string{"code": code})
					if err != nil {
						return err
					}
					return printRecovery(c, confirmed)
				}),
			},
			{
				Name: "recovery-codes", Usage: "replace the recovery codes and print them; they are not shown again",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					made, err := post(c, fleet, "/me/totp/recovery-codes", nil)
					if err != nil {
						return err
					}
					return printRecovery(c, made)
				}),
			},
			{
				Name: "off", Usage: "remove it",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					return fleet.Do(c.Context, http.MethodDelete, "/me/totp", nil, nil, nil)
				}),
			},
		},
	}
}

func printRecovery(c *cli.Context, made record) error {
	fmt.Fprintln(c.App.ErrWriter, "Keep these codes; each serves once in place of your authenticator:")
	codes, _ := made["recovery_codes"].([]any)
	for _, code := range codes {
		if err := secretLine(c, code); err != nil {
			return err
		}
	}
	return nil
}

func stepUpCommand() *cli.Command {
	return &cli.Command{
		Name: "step-up", Usage: "show again who you are, before something dangerous: password, and code where you have a second factor, are asked for",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			ask := newPrompter(c)
			password, err := ask.secret("Password: ")
			if err != nil {
				return err
			}
			with := map[string]string{"password": password}
			state, err := client.Get[record](c.Context, fleet, "/me/totp", nil)
			if err != nil {
				return err
			}
			if (*state)["enabled"] == true {
				if with["code"], err = ask.secret("Code: "); err != nil {
					return err
				}
			}
			return fleet.Do(c.Context, http.MethodPost, "/auth/step-up", nil, with, nil)
		}),
	}
}

func profileCommand() *cli.Command {
	return &cli.Command{
		Name: "profile", Usage: "change your name and how the console looks to you",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name"}, &cli.StringFlag{Name: "time-zone", Usage: "`ZONE` such as Europe/Berlin"}, &cli.StringFlag{Name: "theme", Usage: "system, light or dark"},
			&cli.StringFlag{Name: "email", Usage: "`ADDRESS` to sign in with from now on; ends your sessions"},
		},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			body := record{}
			for flag, field := range map[string]string{"name": "name", "time-zone": "time_zone", "theme": "theme"} {
				if c.IsSet(flag) {
					body[field] = c.String(flag)
				}
			}
			if len(body) > 0 {
				if err := fleet.Do(c.Context, http.MethodPatch, "/me", nil, body, nil); err != nil {
					return err
				}
			}
			if c.IsSet("email") {
				return fleet.Do(c.Context, http.MethodPost, "/me/email", nil, map[string]string{"email": c.String("email")}, nil)
			}
			if len(body) == 0 {
				return usageError("profile: say what to change; see tenantractl profile --help")
			}
			return nil
		}),
	}
}

func tokensCommand() *cli.Command {
	columns := []string{"name", "kind", "owner", "role", "hint", "expires_at", "last_used_at", "revoked_at", "id"}
	flags := []cli.Flag{
		&cli.StringFlag{Name: "name", Required: true, Usage: "what it is for"},
		&cli.StringSliceFlag{Name: "permission", Usage: "`PERMISSION` that it has; may be repeated; all that are possible when absent"},
		&cli.StringSliceFlag{Name: "address", Usage: "`NETWORK` that it may be used from; may be repeated"},
		&cli.IntFlag{Name: "days", Usage: "until it expires", Value: 90},
		&cli.StringFlag{Name: "role", Usage: "`ROLE` of a service's token: ADMIN, MANAGER, USER, READONLY or BILLING_VIEWER; absent: the token is your own"},
	}
	return &cli.Command{
		Name: "tokens", Usage: "API tokens for the tenant, people's and services'",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "mine", Usage: "your own, for whichever tenants"}},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			path := "/tokens"
			query := scope(c)
			if c.Bool("mine") {
				path, query = "/me/tokens", nil
			}
			return printList(c, items(c, fleet, path, query), fields(columns...))
		}),
		Subcommands: []*cli.Command{
			{
				Name: "create", Usage: "make one and print it; it is not shown again", Flags: flags,
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					body := record{"name": c.String("name"), "permissions": append([]string{}, c.StringSlice("permission")...), "addresses": append([]string{}, c.StringSlice("address")...), "expires_in_days": c.Int("days")}
					path := "/me/tokens"
					if role := c.String("role"); role != "" {
						path, body["role"] = "/tokens", role
					}
					made, err := post(c, fleet, path, body)
					if err != nil {
						return err
					}
					return secretLine(c, made["secret"])
				}),
			},
			{
				Name: "revoke", Usage: "end one", ArgsUsage: "TOKEN_ID", Flags: []cli.Flag{&cli.BoolFlag{Name: "mine", Usage: "one of your own"}},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "token's id")
					if err != nil {
						return err
					}
					path := "/tokens/"
					if c.Bool("mine") {
						path = "/me/tokens/"
					}
					return fleet.Do(c.Context, http.MethodDelete, path+id, scope(c), nil, nil)
				}),
			},
		},
	}
}
