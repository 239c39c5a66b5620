package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// withFleet runs an action with a signed-in client.
func withFleet(action func(*cli.Context, *client.Client) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		fleet, err := signedIn(c)
		if err != nil {
			return err
		}
		defer fleet.Close()
		return action(c, fleet)
	}
}

// oneArgument gives the only argument of a command.
func oneArgument(c *cli.Context, what string) (string, error) {
	if c.NArg() != 1 {
		return "", usageError(fmt.Sprintf("%s takes one %s", c.Command.FullName(), what))
	}
	return escaped(c.Args().First()), nil
}

// escaped makes an argument fit for an address.
func escaped(argument string) string { return url.PathEscape(argument) }

func number(n int64) string { return strconv.FormatInt(n, 10) }

func tenantsCommand() *cli.Command {
	columns := []column[client.Tenant]{
		{"slug", func(t client.Tenant) string { return strings.Repeat("  ", t.Depth) + t.Slug }},
		{"name", func(t client.Tenant) string { return t.Name }},
		{"plan", func(t client.Tenant) string { return t.Plan }},
		{"status", func(t client.Tenant) string { return t.Status }},
		{"agents", func(t client.Tenant) string { return number(t.Agents) }},
		{"id", func(t client.Tenant) string { return t.ID }},
	}
	return &cli.Command{
		Name: "tenants", Usage: "the tree of tenants below yours",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Tenant](c.Context, fleet, "/tenants", scope(c)), columns)
		}),
		Subcommands: append(tenantCommands(), &cli.Command{
			Name: "create", Usage: "add a tenant below --tenant",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "name", Required: true},
				&cli.StringFlag{Name: "slug", Required: true, Usage: "short name for addresses: a-z, 0-9, -"},
				&cli.StringFlag{Name: "plan", Value: "pro", Usage: "free, basic, pro or enterprise"},
			},
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				var made client.Tenant
				body := map[string]any{"name": c.String("name"), "slug": c.String("slug"), "plan": c.String("plan")}
				if err := fleet.Do(c.Context, http.MethodPost, "/tenants", scope(c), body, &made); err != nil {
					return err
				}
				return printObject(c, made, columns)
			}),
		}),
	}
}

func usersCommand() *cli.Command {
	columns := []column[client.User]{
		{"email", func(u client.User) string { return u.Email }},
		{"name", func(u client.User) string { return u.Name }},
		{"role", func(u client.User) string { return u.Role }},
		{"status", func(u client.User) string { return u.Status }},
		{"id", func(u client.User) string { return u.ID }},
	}
	return &cli.Command{
		Name: "users", Usage: "people with a role at the tenant",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.User](c.Context, fleet, "/users", scope(c)), columns)
		}),
		Subcommands: append(userCommands(), []*cli.Command{
			{
				Name: "create", Usage: "add a person; prints a password for the first sign-in",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "email", Required: true}, &cli.StringFlag{Name: "name", Required: true},
					&cli.StringFlag{Name: "role", Value: "USER", Usage: "MSP_ADMIN, ADMIN, MANAGER, USER, READONLY or BILLING_VIEWER"},
				},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					var made struct {
						User     client.User `json:"user"`
						Password string      `json:"one_time_password"`
					}
					body := map[string]any{"email": c.String("email"), "name": c.String("name"), "role": c.String("role")}
					if err := fleet.Do(c.Context, http.MethodPost, "/users", scope(c), body, &made); err != nil {
						return err
					}
					fmt.Fprintln(c.App.Writer, made.Password)
					return nil
				}),
			},
			{
				Name: "deactivate", Usage: "end a person's sessions and refuse new ones", ArgsUsage: "USER_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "user id")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodPost, "/users/"+id+"/deactivate", scope(c), struct{}{}, nil)
				}),
			},
		}...),
	}
}

func enrollSecretCommand() *cli.Command {
	return &cli.Command{
		Name: "enroll-secret", Usage: "secrets with which endpoints enrol",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.EnrollSecret](c.Context, fleet, "/enroll-secrets", scope(c)), []column[client.EnrollSecret]{
				{"id", func(s client.EnrollSecret) string { return s.ID }},
				{"uses", func(s client.EnrollSecret) string { return fmt.Sprintf("%d of %d", s.Uses, s.MaxUses) }},
				{"expires", func(s client.EnrollSecret) string { return s.ExpiresAt.Local().Format("2006-01-02 15:04") }},
				{"tags", func(s client.EnrollSecret) string { return strings.Join(s.Tags, " ") }},
			})
		}),
		Subcommands: []*cli.Command{
			{
				Name: "create", Usage: "make a secret and print it; it is not shown again",
				Flags: []cli.Flag{
					&cli.IntFlag{Name: "hours", Usage: "until it expires", Value: 24},
					&cli.IntFlag{Name: "uses", Usage: "how many endpoints may enrol", Value: 100},
					&cli.StringSliceFlag{Name: "tag", Usage: "`TAG` that the agents get; may be repeated"},
				},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					var made client.EnrollSecret
					body := map[string]any{"expires_in_hours": c.Int("hours"), "max_uses": c.Int("uses"), "tags": append([]string{}, c.StringSlice("tag")...)}
					if err := fleet.Do(c.Context, http.MethodPost, "/enroll-secrets", scope(c), body, &made); err != nil {
						return err
					}
					fmt.Fprintln(c.App.Writer, made.Secret)
					return nil
				}),
			},
			{
				Name: "revoke", Usage: "refuse a secret from now on", ArgsUsage: "SECRET_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "secret's id")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodDelete, "/enroll-secrets/"+id, scope(c), nil, nil)
				}),
			},
		},
	}
}

func agentsCommand() *cli.Command {
	columns := []column[client.Agent]{
		{"hostname", func(a client.Agent) string { return a.Hostname }},
		{"tenant", func(a client.Agent) string { return a.TenantName }},
		{"status", func(a client.Agent) string { return a.Status }},
		{"os", func(a client.Agent) string { return strings.TrimSpace(a.OSName + " " + a.OSVersion) }},
		{"version", func(a client.Agent) string { return a.Version }},
		{"seen", func(a client.Agent) string { return ago(a.LastSeenAt) }},
		{"findings", func(a client.Agent) string { return number(a.OpenFindings) }},
		{"id", func(a client.Agent) string { return a.ID }},
	}
	return &cli.Command{
		Name: "agents", Usage: "enrolled endpoints",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "status", Usage: "online, offline or revoked"}, &cli.StringFlag{Name: "platform", Usage: "linux, darwin or windows"},
		},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			q := scope(c)
			for _, name := range []string{"status", "platform"} {
				if v := c.String(name); v != "" {
					q.Set(name, v)
				}
			}
			return printList(c, client.List[client.Agent](c.Context, fleet, "/agents", q), columns)
		}),
		Subcommands: append(agentCommands(), []*cli.Command{
			{
				Name: "show", Usage: "one agent and its collections", ArgsUsage: "AGENT_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "agent id")
					if err != nil {
						return err
					}
					agent, err := client.Get[client.Agent](c.Context, fleet, "/agents/"+id, scope(c))
					if err != nil {
						return err
					}
					if err := printObject(c, *agent, columns); err != nil {
						return err
					}
					return printList(c, client.List[client.Collection](c.Context, fleet, "/agents/"+id+"/collections", scope(c)), []column[client.Collection]{
						{"collection", func(x client.Collection) string { return x.Collection }},
						{"rows", func(x client.Collection) string { return number(x.Rows) }},
						{"last batch", func(x client.Collection) string { return ago(x.LastBatchAt) }},
						{"error", func(x client.Collection) string { return x.Error }},
					})
				}),
			},
			{
				Name: "revoke", Usage: "refuse an agent's key and close its connections", ArgsUsage: "AGENT_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "agent id")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodPost, "/agents/"+id+"/revoke", scope(c), struct{}{}, nil)
				}),
			},
		}...),
	}
}

func packsCommand() *cli.Command {
	return &cli.Command{
		Name: "packs", Usage: "sets of scheduled queries, their texts, and tries of new ones",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Pack](c.Context, fleet, "/packs", scope(c)), []column[client.Pack]{
				{"name", func(p client.Pack) string { return p.Name }},
				{"queries", func(p client.Pack) string { return strconv.Itoa(p.Queries) }},
				{"source", func(p client.Pack) string { return p.Source }},
				{"description", func(p client.Pack) string { return p.Description }},
			})
		}),
		Subcommands: append(packVersionCommands(), []*cli.Command{
			{
				Name: "show", Usage: "a pack's YAML", ArgsUsage: "PACK",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					name, err := oneArgument(c, "pack's name")
					if err != nil {
						return err
					}
					pack, err := client.Get[client.Pack](c.Context, fleet, "/packs/"+name, scope(c))
					if err != nil {
						return err
					}
					_, err = io.WriteString(c.App.Writer, pack.YAML)
					return err
				}),
			},
			{
				Name: "put", Usage: "store a pack from a file (our YAML, osquery's JSON or Fleet's YAML)", ArgsUsage: "PACK FILE",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() != 2 {
						return usageError("packs put takes the pack's name and a file")
					}
					text, err := os.ReadFile(c.Args().Get(1))
					if err != nil {
						return fmt.Errorf("read pack: %w", err)
					}
					return fleet.Do(c.Context, http.MethodPut, "/packs/"+url.PathEscape(c.Args().First()), scope(c), map[string]string{"yaml": string(text)}, nil)
				}),
			},
			{
				Name: "delete", Usage: "remove a tenant's own pack", ArgsUsage: "PACK",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					name, err := oneArgument(c, "pack's name")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodDelete, "/packs/"+name, scope(c), nil, nil)
				}),
			},
		}...),
	}
}

func schedulesCommand() *cli.Command {
	set := func(enabled bool) cli.ActionFunc {
		return withFleet(func(c *cli.Context, fleet *client.Client) error {
			name, err := oneArgument(c, "pack's name")
			if err != nil {
				return err
			}
			return fleet.Do(c.Context, http.MethodPut, "/schedules/"+name, scope(c), map[string]bool{"enabled": enabled}, nil)
		})
	}
	return &cli.Command{
		Name: "schedules", Usage: "which packs run in the tenant",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Schedule](c.Context, fleet, "/schedules", scope(c)), []column[client.Schedule]{
				{"pack", func(s client.Schedule) string { return s.Pack }},
				{"enabled", func(s client.Schedule) string { return strconv.FormatBool(s.Enabled) }},
				{"inherited from", func(s client.Schedule) string { return s.InheritedFrom }},
			})
		}),
		Subcommands: []*cli.Command{
			{Name: "enable", Usage: "run a pack", ArgsUsage: "PACK", Action: set(true)},
			{Name: "disable", Usage: "stop running a pack", ArgsUsage: "PACK", Action: set(false)},
		},
	}
}

func findingsCommand() *cli.Command {
	return &cli.Command{
		Name: "findings", Usage: "what the judges opened",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "state", Usage: "open, acknowledged, resolved or waived", Value: "open"}, &cli.StringFlag{Name: "severity"},
		},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			q := scope(c)
			for _, name := range []string{"state", "severity"} {
				if v := c.String(name); v != "" {
					q.Set(name, v)
				}
			}
			return printList(c, client.List[client.Finding](c.Context, fleet, "/findings", q), []column[client.Finding]{
				{"severity", func(f client.Finding) string { return f.Severity }},
				{"finding", func(f client.Finding) string { return f.Title }},
				{"agent", func(f client.Finding) string { return f.Hostname }},
				{"tenant", func(f client.Finding) string { return f.TenantName }},
				{"state", func(f client.Finding) string { return f.State }},
				{"message", func(f client.Finding) string { return f.Message }},
				{"since", func(f client.Finding) string { return ago(f.FirstSeenAt) }},
				{"id", func(f client.Finding) string { return f.ID }},
			})
		}),
		Subcommands: []*cli.Command{{
			Name: "acknowledge", Usage: "say that somebody is on it", ArgsUsage: "FINDING_ID",
			Flags: []cli.Flag{&cli.StringFlag{Name: "reason"}},
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				id, err := oneArgument(c, "finding's id")
				if err != nil {
					return err
				}
				return fleet.Do(c.Context, http.MethodPost, "/findings/"+id+"/acknowledge", scope(c), map[string]string{"reason": c.String("reason")}, nil)
			}),
		}},
	}
}

func auditCommand() *cli.Command {
	return &cli.Command{
		Name: "audit", Usage: "who did what", Flags: auditFlags(),
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.AuditEntry](c.Context, fleet, "/audit", filters(c, auditFilters...)), []column[client.AuditEntry]{
				{"seq", func(e client.AuditEntry) string { return number(e.Seq) }},
				{"at", func(e client.AuditEntry) string { return e.At.Local().Format("2006-01-02 15:04:05") }},
				{"actor", func(e client.AuditEntry) string { return e.Actor }},
				{"action", func(e client.AuditEntry) string { return e.Action }},
				{"object", func(e client.AuditEntry) string { return e.Object }},
				{"from", func(e client.AuditEntry) string { return e.Address }},
			})
		}),
		Subcommands: []*cli.Command{auditExportCommand(), {
			Name: "verify", Usage: "prove that the chain is whole; exit code 1 where it is not",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				proof, err := client.Get[client.AuditProof](c.Context, fleet, "/audit/verify", scope(c))
				if err != nil {
					return err
				}
				if !proof.OK {
					return fmt.Errorf("the audit chain is broken at entry %d: %s", proof.FirstBadSeq, proof.Reason)
				}
				fmt.Fprintf(c.App.Writer, "%d entries from %d on, chain is whole\n", proof.Entries, proof.FirstSeq)
				if proof.FirstSeq > 1 {
					fmt.Fprintf(c.App.Writer, "Earlier entries were dropped after their time; a signed checkpoint stands for them.\n")
				}
				if proof.Anchors == 0 {
					fmt.Fprintf(c.App.Writer, "No anchor yet: only the chain itself proves them.\n")
					return nil
				}
				fmt.Fprintf(c.App.Writer, "%d anchors agree, the last of entry %d at %s\n", proof.Anchors, proof.AnchoredSeq, proof.AnchoredAt.UTC().Format(time.RFC3339))
				return nil
			}),
		}},
	}
}

var auditFilters = []string{"action", "actor", "object", "since", "until", "grant=msp_scope_token"}

func auditFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "action", Usage: "such as users.deactivate; users.* is all of users"}, &cli.StringFlag{Name: "actor", Usage: "e-mail address, name or id"},
		&cli.StringFlag{Name: "object", Usage: "such as user:ID; user:* is all of that kind"}, &cli.StringFlag{Name: "grant", Usage: "what was done with an msp_scope_token"},
		&cli.StringFlag{Name: "since", Usage: "`TIME`, as 2026-11-24T09:00:00Z"}, &cli.StringFlag{Name: "until", Usage: "`TIME`"},
	}
}

func auditExportCommand() *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "write the log as CSV to standard output; the export is in the log", Flags: auditFlags(),
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return fleet.Download(c.Context, "/audit/export", filters(c, auditFilters...), c.App.Writer)
		}),
	}
}
