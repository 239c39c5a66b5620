package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// withQuery copies flags that are set into the query.
func withQuery(c *cli.Context, names ...string) url.Values {
	q := scope(c)
	for _, name := range names {
		if v := c.String(name); v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// change posts to an operation on one object.
func change(what, path, verb string, body func(*cli.Context) any) cli.ActionFunc {
	return withFleet(func(c *cli.Context, fleet *client.Client) error {
		id, err := oneArgument(c, what)
		if err != nil {
			return err
		}
		return fleet.Do(c.Context, http.MethodPost, path+id+"/"+verb, scope(c), body(c), nil)
	})
}

func alertsCommand() *cli.Command {
	reason := func(c *cli.Context) any { return map[string]string{"reason": c.String("reason")} }
	flags := []cli.Flag{&cli.StringFlag{Name: "reason"}}
	return &cli.Command{
		Name: "alerts", Usage: "what people should look at now",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "state", Usage: "open, acknowledged, snoozed or resolved", Value: "open"}, &cli.StringFlag{Name: "severity"}, &cli.StringFlag{Name: "rule"},
		},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Alert](c.Context, fleet, "/alerts", withQuery(c, "state", "severity", "rule")), []column[client.Alert]{
				{"severity", func(a client.Alert) string { return a.Severity }},
				{"alert", func(a client.Alert) string { return a.Title }},
				{"agents", func(a client.Alert) string { return strings.Join(a.Hostnames, " ") }},
				{"findings", func(a client.Alert) string { return strconv.Itoa(a.Members) }},
				{"tenant", func(a client.Alert) string { return a.TenantName }},
				{"state", func(a client.Alert) string { return a.State }},
				{"message", func(a client.Alert) string { return a.Message }},
				{"since", func(a client.Alert) string { return ago(a.OpenedAt) }},
				{"id", func(a client.Alert) string { return a.ID }},
			})
		}),
		Subcommands: []*cli.Command{
			{Name: "acknowledge", Usage: "say that somebody sees to it", ArgsUsage: "ALERT_ID", Flags: flags, Action: change("alert's id", "/alerts/", "acknowledge", reason)},
			{Name: "resolve", Usage: "say that it is over", ArgsUsage: "ALERT_ID", Flags: flags, Action: change("alert's id", "/alerts/", "resolve", reason)},
			{Name: "reopen", Usage: "take back an acknowledgement or a snooze", ArgsUsage: "ALERT_ID", Flags: flags, Action: change("alert's id", "/alerts/", "reopen", reason)},
			{
				Name: "snooze", Usage: "have nobody told for a while", ArgsUsage: "ALERT_ID", Flags: append(flags, &cli.IntFlag{Name: "minutes", Value: 60}),
				Action: change("alert's id", "/alerts/", "snooze", func(c *cli.Context) any {
					return map[string]any{"minutes": c.Int("minutes"), "reason": c.String("reason")}
				}),
			},
		},
	}
}

func rulesCommand() *cli.Command {
	file := func(c *cli.Context) (string, error) {
		if c.NArg() != 1 {
			return "", usageError(c.Command.FullName() + " takes one file")
		}
		text, err := os.ReadFile(c.Args().First())
		if err != nil {
			return "", fmt.Errorf("read rule: %w", err)
		}
		return string(text), nil
	}
	set := func(enabled bool) cli.ActionFunc {
		return withFleet(func(c *cli.Context, fleet *client.Client) error {
			name, err := oneArgument(c, "rule's name")
			if err != nil {
				return err
			}
			return fleet.Do(c.Context, http.MethodPut, "/rules/"+name+"/settings", scope(c), map[string]bool{"enabled": enabled}, nil)
		})
	}
	return &cli.Command{
		Name: "rules", Usage: "when alerts open",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Rule](c.Context, fleet, "/rules", scope(c)), []column[client.Rule]{
				{"rule", func(r client.Rule) string { return r.Rule }},
				{"on", func(r client.Rule) string { return r.On }},
				{"severity", func(r client.Rule) string { return r.Severity }},
				{"enabled", func(r client.Rule) string { return strconv.FormatBool(r.Enabled) }},
				{"notify", func(r client.Rule) string { return strings.Join(r.Notify, " ") }},
				{"source", func(r client.Rule) string { return r.Source }},
				{"title", func(r client.Rule) string { return r.Title }},
				{"error", func(r client.Rule) string { return r.Error }},
			})
		}),
		Subcommands: []*cli.Command{
			{
				Name: "show", Usage: "a rule's YAML", ArgsUsage: "RULE",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					name, err := oneArgument(c, "rule's name")
					if err != nil {
						return err
					}
					rule, err := client.Get[client.Rule](c.Context, fleet, "/rules/"+name, scope(c))
					if err != nil {
						return err
					}
					_, err = io.WriteString(c.App.Writer, rule.YAML)
					return err
				}),
			},
			{
				Name: "check", Usage: "say what is wrong with a rule's file, and run its fixtures", ArgsUsage: "FILE",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					text, err := file(c)
					if err != nil {
						return err
					}
					var answer struct {
						OK    bool   `json:"ok"`
						Error string `json:"error"`
					}
					if err := fleet.Do(c.Context, http.MethodPost, "/rules/check", scope(c), map[string]string{"yaml": text}, &answer); err != nil {
						return err
					}
					if !answer.OK {
						return fmt.Errorf("%s", answer.Error)
					}
					fmt.Fprintln(c.App.Writer, "the rule is right and its fixtures hold")
					return nil
				}),
			},
			{
				Name: "dry-run", Usage: "say how often a rule would have fired over stored history", ArgsUsage: "FILE",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					text, err := file(c)
					if err != nil {
						return err
					}
					var run client.DryRun
					if err := fleet.Do(c.Context, http.MethodPost, "/rules/dry-run", scope(c), map[string]string{"yaml": text}, &run); err != nil {
						return err
					}
					return printDryRun(c, run)
				}),
			},
			{
				Name: "put", Usage: "store a rule from a file", ArgsUsage: "RULE FILE",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() != 2 {
						return usageError("rules put takes the rule's name and a file")
					}
					text, err := os.ReadFile(c.Args().Get(1))
					if err != nil {
						return fmt.Errorf("read rule: %w", err)
					}
					return fleet.Do(c.Context, http.MethodPut, "/rules/"+url.PathEscape(c.Args().First()), scope(c), map[string]string{"yaml": string(text)}, nil)
				}),
			},
			{
				Name: "delete", Usage: "remove a tenant's own rule", ArgsUsage: "RULE",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					name, err := oneArgument(c, "rule's name")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodDelete, "/rules/"+name, scope(c), nil, nil)
				}),
			},
			{Name: "enable", Usage: "judge by a rule", ArgsUsage: "RULE", Action: set(true)},
			{Name: "disable", Usage: "stop judging by a rule", ArgsUsage: "RULE", Action: set(false)},
		},
	}
}

func printDryRun(c *cli.Context, run client.DryRun) error {
	if format := c.String("output"); format == "json" || format == "yaml" {
		return printValue(c.App.Writer, format, run)
	}
	w := c.App.Writer
	if run.Basis == "now" {
		fmt.Fprintf(w, "No history is kept of what this rule looks at; it fires for %d now.\n", run.Firing)
	} else {
		fmt.Fprintf(w, "Would have fired %d times from %s to %s, judged at %d moments; it fires for %d now.\n", run.Fired, run.From.Local().Format("2006-01-02 15:04"), run.To.Local().Format("2006-01-02 15:04"), run.Moments, run.Firing)
	}
	if run.Truncated {
		fmt.Fprintln(w, "It ended at a limit; there is more.")
	}
	if run.Errors > 0 {
		fmt.Fprintf(w, "It could not be judged %d times.\n", run.Errors)
	}
	row, flush := rowWriter(w, c.String("output"))
	for _, a := range run.Agents {
		row([]string{a.Hostname, strconv.Itoa(a.Fired), a.AgentID})
	}
	return flush()
}

func channelsCommand() *cli.Command {
	return &cli.Command{
		Name: "channels", Usage: "whom alerts are told to",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Channel](c.Context, fleet, "/channels", scope(c)), []column[client.Channel]{
				{"name", func(x client.Channel) string { return x.Name }},
				{"kind", func(x client.Channel) string { return x.Kind }},
				{"enabled", func(x client.Channel) string { return strconv.FormatBool(x.Enabled) }},
				{"all alerts", func(x client.Channel) string { return strconv.FormatBool(x.AllAlerts) }},
				{"from", func(x client.Channel) string { return x.MinSeverity }},
				{"secret", func(x client.Channel) string { return x.SecretHint }},
				{"id", func(x client.Channel) string { return x.ID }},
			})
		}),
		Subcommands: []*cli.Command{
			{
				Name: "create", Usage: "add a channel; its secret is read from standard input where --secret is given", ArgsUsage: "NAME",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "kind", Required: true, Usage: "email, webhook, slack, teams, discord, telegram, pagerduty, opsgenie or jira"},
					&cli.StringSliceFlag{Name: "set", Usage: "`KEY=VALUE` of the kind's settings, such as url=https://…; to may be repeated"},
					&cli.BoolFlag{Name: "secret", Usage: "read the secret from standard input"},
					&cli.BoolFlag{Name: "all-alerts", Usage: "tell it of every alert"}, &cli.StringFlag{Name: "min-severity", Value: "low"},
				},
				Action: withFleet(createChannel),
			},
			{Name: "test", Usage: "send a test", ArgsUsage: "CHANNEL_ID", Action: change("channel's id", "/channels/", "test", func(*cli.Context) any { return nil })},
			{
				Name: "rotate", Usage: "make a new signing key for a webhook and print it", ArgsUsage: "CHANNEL_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "channel's id")
					if err != nil {
						return err
					}
					var made client.Channel
					if err := fleet.Do(c.Context, http.MethodPost, "/channels/"+id+"/rotate", scope(c), nil, &made); err != nil {
						return err
					}
					fmt.Fprintln(c.App.Writer, made.SigningKey)
					return nil
				}),
			},
			{
				Name: "delete", Usage: "remove a channel", ArgsUsage: "CHANNEL_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "channel's id")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodDelete, "/channels/"+id, scope(c), nil, nil)
				}),
			},
		},
	}
}

func createChannel(c *cli.Context, fleet *client.Client) error {
	if c.NArg() != 1 {
		return usageError("channels create takes one name")
	}
	config := map[string]any{}
	for _, pair := range c.StringSlice("set") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return usageError(fmt.Sprintf("--set %q: write KEY=VALUE", pair))
		}
		if key == "to" {
			list, _ := config[key].([]string)
			config[key] = append(list, value)
			continue
		}
		config[key] = value
	}
	body := map[string]any{"name": c.Args().First(), "kind": c.String("kind"), "config": config, "all_alerts": c.Bool("all-alerts"), "min_severity": c.String("min-severity")}
	if c.Bool("secret") {
		text, err := io.ReadAll(io.LimitReader(os.Stdin, 4096))
		if err != nil {
			return fmt.Errorf("read secret: %w", err)
		}
		body["secret"] = strings.TrimSpace(string(text))
	}
	var made client.Channel
	if err := fleet.Do(c.Context, http.MethodPost, "/channels", scope(c), body, &made); err != nil {
		return err
	}
	if made.SigningKey != "" {
		fmt.Fprintln(c.App.Writer, made.SigningKey)
	}
	return nil
}

func notificationsCommand() *cli.Command {
	return &cli.Command{
		Name: "notifications", Usage: "what was told to whom, and what became of it",
		Flags: []cli.Flag{&cli.StringFlag{Name: "status", Usage: "queued, retrying, sent, dead or suppressed"}, &cli.StringFlag{Name: "channel"}, &cli.StringFlag{Name: "rule"}},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Notification](c.Context, fleet, "/notifications", withQuery(c, "status", "channel", "rule")), []column[client.Notification]{
				{"at", func(n client.Notification) string { return n.CreatedAt.Local().Format("2006-01-02 15:04:05") }},
				{"status", func(n client.Notification) string { return n.Status }},
				{"channel", func(n client.Notification) string { return n.Channel }},
				{"kind", func(n client.Notification) string { return n.Kind }},
				{"rule", func(n client.Notification) string { return n.Rule }},
				{"notice", func(n client.Notification) string { return n.Notice }},
				{"retries", func(n client.Notification) string { return strconv.Itoa(n.RetryCount) }},
				{"answer", func(n client.Notification) string { return strconv.Itoa(n.WebhookStatus) }},
				{"reason", func(n client.Notification) string { return n.Reason }},
				{"id", func(n client.Notification) string { return n.ID }},
			})
		}),
		Subcommands: []*cli.Command{
			{Name: "replay", Usage: "send a notice again", ArgsUsage: "NOTIFICATION_ID", Action: change("notification's id", "/notifications/", "replay", func(*cli.Context) any { return nil })},
		},
	}
}

func driftCommand() *cli.Command {
	return &cli.Command{
		Name: "drift", Usage: "what changed on machines",
		Flags: []cli.Flag{&cli.StringFlag{Name: "collection", Usage: "such as pack:inventory/users"}, &cli.StringFlag{Name: "agent_id", Aliases: []string{"agent"}}},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.Drift](c.Context, fleet, "/drift", withQuery(c, "collection", "agent_id")), []column[client.Drift]{
				{"at", func(d client.Drift) string { return d.At.Local().Format("2006-01-02 15:04:05") }},
				{"agent", func(d client.Drift) string { return d.Hostname }},
				{"collection", func(d client.Drift) string { return d.Collection }},
				{"change", func(d client.Drift) string { return d.Change }},
				{"value", func(d client.Drift) string { return d.Hidden + cellsText(d.Value) }},
				{"was", func(d client.Drift) string { return cellsText(d.Was) }},
				{"elsewhere", func(d client.Drift) string { return fmt.Sprintf("%d of %d", d.Others, d.Fleet) }},
			})
		}),
	}
}

func cellsText(cells []any) string {
	words := make([]string, len(cells))
	for i, cell := range cells {
		words[i] = fmt.Sprint(cell)
	}
	return strings.Join(words, " ")
}

func riskCommand() *cli.Command {
	return &cli.Command{
		Name: "risk", Usage: "assets by their risk, the highest first",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.RiskAsset](c.Context, fleet, "/risk/assets", scope(c)), []column[client.RiskAsset]{
				{"score", func(a client.RiskAsset) string { return strconv.FormatFloat(a.Score, 'f', 1, 64) }},
				{"agent", func(a client.RiskAsset) string { return a.Hostname }},
				{"tenant", func(a client.RiskAsset) string { return a.TenantName }},
				{"importance", func(a client.RiskAsset) string { return strconv.Itoa(a.Importance) }},
				{"id", func(a client.RiskAsset) string { return a.AgentID }},
			})
		}),
		Subcommands: []*cli.Command{{
			Name: "explain", Usage: "every reason for an asset's score", ArgsUsage: "AGENT_ID",
			Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
				id, err := oneArgument(c, "agent id")
				if err != nil {
					return err
				}
				asset, err := client.Get[client.RiskAsset](c.Context, fleet, "/agents/"+id+"/risk", scope(c))
				if err != nil {
					return err
				}
				if format := c.String("output"); format == "json" || format == "yaml" {
					return printValue(c.App.Writer, format, asset)
				}
				fmt.Fprintf(c.App.Writer, "%s: %.1f of 100\n", asset.Hostname, asset.Score)
				row, flush := rowWriter(c.App.Writer, c.String("output"))
				for _, r := range asset.Reasons {
					row([]string{strconv.FormatFloat(r.Share, 'f', 1, 64), r.Severity, r.Title, r.Text})
				}
				return flush()
			}),
		}},
	}
}
