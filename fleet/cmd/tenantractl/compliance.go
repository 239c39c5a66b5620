package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// The objects of the compliance API that commands show.
type (
	score struct {
		Percent       float64 `json:"percent"`
		Strict        float64 `json:"strict"`
		Judged        bool    `json:"judged"`
		Passed        int64   `json:"passed"`
		Failed        int64   `json:"failed"`
		Waived        int64   `json:"waived"`
		NotApplicable int64   `json:"not_applicable"`
		Errors        int64   `json:"errors"`
	}
	frameworkLine struct {
		Framework string  `json:"framework"`
		Title     string  `json:"title"`
		TenantID  string  `json:"tenant_id,omitempty"`
		Percent   float64 `json:"percent"`
		Strict    float64 `json:"strict"`
		Controls  int64   `json:"controls"`
		Covered   int64   `json:"covered"`
		Published int64   `json:"covered_by_published_mapping"`
		Ours      int64   `json:"covered_by_own_mapping"`
		Judged    int64   `json:"judged"`
		Met       int64   `json:"met"`
	}
	scores struct {
		Overall    score           `json:"overall"`
		Frameworks []frameworkLine `json:"frameworks"`
	}
	previewLine struct {
		Mistakes []struct {
			Line    int    `json:"line"`
			Column  int    `json:"column"`
			Message string `json:"message"`
		} `json:"mistakes"`
		Added    []string `json:"added"`
		Removed  []string `json:"removed"`
		Changed  []string `json:"changed"`
		Controls int64    `json:"controls"`
		Covered  int64    `json:"covered"`
		Percent  float64  `json:"percent"`
	}
	controlLine struct {
		Control string `json:"control"`
		Title   string `json:"title"`
		Checks  []struct {
			Check   string `json:"check"`
			Derived bool   `json:"derived"`
		} `json:"checks"`
		Score score `json:"score"`
	}
	assetLine struct {
		AgentID    string `json:"agent_id"`
		Hostname   string `json:"hostname"`
		Platform   string `json:"platform"`
		TenantName string `json:"tenant_name"`
		Score      score  `json:"score"`
	}
	tenantLine struct {
		TenantName string `json:"tenant_name"`
		Agents     int64  `json:"agents"`
		Score      score  `json:"score"`
	}
	dayLine struct {
		Day     string  `json:"day"`
		Percent float64 `json:"percent"`
		Strict  float64 `json:"strict"`
		Failed  int64   `json:"failed"`
		Waived  int64   `json:"waived"`
	}
	gainLine struct {
		Check      string  `json:"check"`
		Title      string  `json:"title"`
		Severity   string  `json:"severity"`
		Agents     int64   `json:"agents"`
		Gain       float64 `json:"gain"`
		Cumulative float64 `json:"cumulative"`
	}
	waiverLine struct {
		ID         string    `json:"id"`
		TenantName string    `json:"tenant_name"`
		Check      string    `json:"check"`
		Hostname   string    `json:"hostname,omitempty"`
		Tag        string    `json:"tag,omitempty"`
		Reason     string    `json:"reason"`
		State      string    `json:"state"`
		Requester  string    `json:"requester"`
		Approver   string    `json:"approver,omitempty"`
		ExpiresAt  time.Time `json:"expires_at"`
	}
)

// points shows a score, and that nothing could be judged.
func points(percent float64, judged bool) string {
	if !judged {
		return "-"
	}
	return strconv.FormatFloat(percent, 'f', 1, 64)
}

func scoreColumns[T any](of func(T) score) []column[T] {
	return []column[T]{
		{"score", func(t T) string { return points(of(t).Percent, of(t).Judged) }},
		{"strict", func(t T) string { return points(of(t).Strict, of(t).Judged) }},
		{"pass", func(t T) string { return number(of(t).Passed) }},
		{"fail", func(t T) string { return number(of(t).Failed) }},
		{"waived", func(t T) string { return number(of(t).Waived) }},
		{"error", func(t T) string { return number(of(t).Errors) }},
	}
}

func complianceCommand() *cli.Command {
	framework := &cli.StringFlag{Name: "framework", Usage: "of one `FRAMEWORK` instead of all checks"}
	return &cli.Command{
		Name: "compliance", Usage: "verdicts by check, scores and what would raise them",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			return printList(c, client.List[client.CheckSummary](c.Context, fleet, "/compliance/checks", scope(c)), []column[client.CheckSummary]{
				{"check", func(s client.CheckSummary) string { return s.Check }},
				{"severity", func(s client.CheckSummary) string { return s.Severity }},
				{"pass", func(s client.CheckSummary) string { return number(s.Pass) }},
				{"fail", func(s client.CheckSummary) string { return number(s.Fail) }},
				{"n/a", func(s client.CheckSummary) string { return number(s.NotApplicable) }},
				{"error", func(s client.CheckSummary) string { return number(s.Error) }},
				{"waived", func(s client.CheckSummary) string { return number(s.Waived) }},
				{"title", func(s client.CheckSummary) string { return s.Title }},
			})
		}),
		Subcommands: []*cli.Command{
			{
				Name: "agents", Usage: "agents with their scores",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					return printList(c, client.List[assetLine](c.Context, fleet, "/compliance/agents", scope(c)), append([]column[assetLine]{
						{"agent", func(a assetLine) string { return a.Hostname }}, {"platform", func(a assetLine) string { return a.Platform }},
						{"tenant", func(a assetLine) string { return a.TenantName }},
					}, scoreColumns(func(a assetLine) score { return a.Score })...))
				}),
			},
			{
				Name: "tenants", Usage: "tenants of the subtree with their scores",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					return printList(c, client.List[tenantLine](c.Context, fleet, "/compliance/tenants", onlyTenant(c)), append([]column[tenantLine]{
						{"tenant", func(t tenantLine) string { return t.TenantName }}, {"agents", func(t tenantLine) string { return number(t.Agents) }},
					}, scoreColumns(func(t tenantLine) score { return t.Score })...))
				}),
			},
			{
				Name: "trend", Usage: "scores of the last days", Flags: []cli.Flag{framework, &cli.IntFlag{Name: "days", Value: 30}},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					q := scope(c)
					q.Set("days", strconv.Itoa(c.Int("days")))
					setIf(q, "framework", c.String("framework"))
					return printList(c, client.List[dayLine](c.Context, fleet, "/compliance/trend", q), []column[dayLine]{
						{"day", func(d dayLine) string { return d.Day }}, {"score", func(d dayLine) string { return points(d.Percent, true) }},
						{"strict", func(d dayLine) string { return points(d.Strict, true) }}, {"fail", func(d dayLine) string { return number(d.Failed) }},
						{"waived", func(d dayLine) string { return number(d.Waived) }},
					})
				}),
			},
			{
				Name: "gains", Usage: "the fixes that are worth most", Flags: []cli.Flag{framework, &cli.IntFlag{Name: "limit", Value: 10}},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					q := scope(c)
					q.Set("limit", strconv.Itoa(c.Int("limit")))
					setIf(q, "framework", c.String("framework"))
					return printList(c, client.List[gainLine](c.Context, fleet, "/compliance/gains", q), []column[gainLine]{
						{"check", func(g gainLine) string { return g.Check }}, {"severity", func(g gainLine) string { return g.Severity }},
						{"agents", func(g gainLine) string { return number(g.Agents) }}, {"gain", func(g gainLine) string { return fmt.Sprintf("+%.1f", g.Gain) }},
						{"then", func(g gainLine) string { return points(g.Cumulative, true) }}, {"title", func(g gainLine) string { return g.Title }},
					})
				}),
			},
			{
				Name: "what-if", Usage: "what fixing some checks would be worth", ArgsUsage: "CHECK...", Flags: []cli.Flag{framework},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() == 0 {
						return usageError("compliance what-if takes the names of checks")
					}
					var w struct{ Before, After, Gain float64 }
					body := map[string]any{"checks": c.Args().Slice()}
					if f := c.String("framework"); f != "" {
						body["framework"] = f
					}
					if err := fleet.Do(c.Context, http.MethodPost, "/compliance/what-if", scope(c), body, &w); err != nil {
						return err
					}
					_, err := fmt.Fprintf(c.App.Writer, "%.1f now, %.1f then: %+.1f\n", w.Before, w.After, w.Gain)
					return err
				}),
			},
			paramsCommand(),
		},
	}
}

// onlyTenant is the scope of calls that always speak of the subtree.
func onlyTenant(c *cli.Context) url.Values {
	q := scope(c)
	q.Del("recursive")
	return q
}

func setIf(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

func paramsCommand() *cli.Command {
	return &cli.Command{
		Name: "params", Usage: "parameters of a check as they hold for the tenant", ArgsUsage: "CHECK [NAME=JSON...]",
		Description: "With values the tenant's are set, for it and the tenants below; with --clear they are taken back.",
		Flags:       []cli.Flag{&cli.BoolFlag{Name: "clear", Usage: "take the tenant's values back"}},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			if c.NArg() == 0 {
				return usageError("compliance params takes the name of a check")
			}
			path := "/compliance/checks/" + escaped(c.Args().First())
			if c.Bool("clear") {
				return fleet.Do(c.Context, http.MethodDelete, path+"/params", onlyTenant(c), nil, nil)
			}
			if c.NArg() > 1 {
				params := map[string]any{}
				for _, arg := range c.Args().Slice()[1:] {
					name, text, ok := strings.Cut(arg, "=")
					var value any
					if !ok || json.Unmarshal([]byte(text), &value) != nil {
						return usageError(fmt.Sprintf(`%q: write name=value with a JSON value, as days=30 or allowed=["a"]`, arg))
					}
					params[name] = value
				}
				return fleet.Do(c.Context, http.MethodPut, path+"/params", onlyTenant(c), map[string]any{"params": params}, nil)
			}
			check, err := client.Get[struct {
				Params   map[string]any `json:"params"`
				ParamsOf string         `json:"params_of"`
			}](c.Context, fleet, path, onlyTenant(c))
			if err != nil {
				return err
			}
			text, err := json.Marshal(check.Params)
			if err != nil {
				return err
			}
			from := "by default"
			if check.ParamsOf != "" {
				from = "of tenant " + check.ParamsOf
			}
			_, err = fmt.Fprintf(c.App.Writer, "%s %s\n", text, from)
			return err
		}),
	}
}

func frameworksCommand() *cli.Command {
	return &cli.Command{
		Name: "frameworks", Usage: "frameworks with coverage and score; export and import",
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			all, err := client.Get[scores](c.Context, fleet, "/compliance/scores", scope(c))
			if err != nil {
				return err
			}
			return printList(c, slicesOf(all.Frameworks), []column[frameworkLine]{
				{"framework", func(f frameworkLine) string { return f.Framework }}, {"title", func(f frameworkLine) string { return f.Title }},
				{"score", func(f frameworkLine) string { return points(f.Percent, f.Judged > 0) }}, {"strict", func(f frameworkLine) string { return points(f.Strict, f.Judged > 0) }},
				{"met", func(f frameworkLine) string { return fmt.Sprintf("%d/%d", f.Met, f.Judged) }},
				{"with a check", func(f frameworkLine) string { return fmt.Sprintf("%d of %d", f.Covered, f.Controls) }},
				{"of them by a published mapping", func(f frameworkLine) string { return number(f.Published) }}, {"by ours", func(f frameworkLine) string { return number(f.Ours) }},
			})
		}),
		Subcommands: []*cli.Command{
			{
				Name: "show", Usage: "the controls with the checks that serve them", ArgsUsage: "FRAMEWORK",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "framework")
					if err != nil {
						return err
					}
					f, err := client.Get[struct {
						Items []controlLine `json:"items"`
					}](c.Context, fleet, "/compliance/frameworks/"+id, scope(c))
					if err != nil {
						return err
					}
					return printList(c, slicesOf(f.Items), append([]column[controlLine]{
						{"control", func(l controlLine) string { return l.Control }}, {"title", func(l controlLine) string { return l.Title }},
						{"checks", func(l controlLine) string { return strconv.Itoa(len(l.Checks)) }},
					}, scoreColumns(func(l controlLine) score { return l.Score })...))
				}),
			},
			{
				Name: "export", Usage: "print a framework as a document that can be edited and put back", ArgsUsage: "FRAMEWORK",
				Flags: []cli.Flag{&cli.StringFlag{Name: "format", Value: "yaml", Usage: "yaml or json"}},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "framework")
					if err != nil {
						return err
					}
					q := onlyTenant(c)
					q.Set("format", c.String("format"))
					out, err := client.Get[struct {
						Document string `json:"document"`
					}](c.Context, fleet, "/compliance/frameworks/"+id+"/export", q)
					if err != nil {
						return err
					}
					_, err = fmt.Fprint(c.App.Writer, out.Document)
					return err
				}),
			},
			{
				Name: "preview", Usage: "say what is wrong with a framework's document, or what storing it would change", ArgsUsage: "FRAMEWORK FILE",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() != 2 {
						return usageError("frameworks preview takes a framework and a file")
					}
					text, err := os.ReadFile(c.Args().Get(1))
					if err != nil {
						return err
					}
					var out previewLine
					err = fleet.Do(c.Context, http.MethodPost, "/compliance/frameworks/"+escaped(c.Args().First())+"/preview", onlyTenant(c), map[string]any{"document": string(text)}, &out)
					if err != nil {
						return err
					}
					var mistakes []error
					for _, m := range out.Mistakes {
						mistakes = append(mistakes, fmt.Errorf("%s:%d:%d: %s", c.Args().Get(1), m.Line, m.Column, m.Message))
					}
					if len(mistakes) > 0 {
						return errors.Join(mistakes...)
					}
					list := func(ids []string) string { return fmt.Sprintf("%d %s", len(ids), strings.Join(ids, " ")) }
					return printObject(c, out, []column[previewLine]{
						{"added", func(p previewLine) string { return list(p.Added) }}, {"removed", func(p previewLine) string { return list(p.Removed) }},
						{"changed", func(p previewLine) string { return list(p.Changed) }},
						{"with a check", func(p previewLine) string { return fmt.Sprintf("%d of %d", p.Covered, p.Controls) }},
						{"score", func(p previewLine) string { return points(p.Percent, p.Covered > 0) }},
					})
				}),
			},
			{
				Name: "put", Usage: "store a framework of the tenant's own, or its copy of another", ArgsUsage: "FRAMEWORK FILE",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					if c.NArg() != 2 {
						return usageError("frameworks put takes a framework and a file")
					}
					text, err := os.ReadFile(c.Args().Get(1))
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodPut, "/compliance/frameworks/"+escaped(c.Args().First()), onlyTenant(c), map[string]any{"document": string(text)}, nil)
				}),
			},
			{
				Name: "delete", Usage: "remove a framework of the tenant's own", ArgsUsage: "FRAMEWORK",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "framework")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodDelete, "/compliance/frameworks/"+id, onlyTenant(c), nil, nil)
				}),
			},
		},
	}
}

// slicesOf is a list that is there already, as printList takes it.
func slicesOf[T any](items []T) func(yield func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

func waiversCommand() *cli.Command {
	columns := []column[waiverLine]{
		{"check", func(w waiverLine) string { return w.Check }},
		{"on", func(w waiverLine) string {
			switch {
			case w.Hostname != "":
				return w.Hostname
			case w.Tag != "":
				return "tag " + w.Tag
			default:
				return "all agents"
			}
		}},
		{"tenant", func(w waiverLine) string { return w.TenantName }},
		{"reason", func(w waiverLine) string { return w.Reason }},
		{"requester", func(w waiverLine) string { return w.Requester }},
		{"approver", func(w waiverLine) string { return w.Approver }},
		{"expires", func(w waiverLine) string { return w.ExpiresAt.Local().Format(time.DateOnly) }},
		{"state", func(w waiverLine) string { return w.State }},
		{"id", func(w waiverLine) string { return w.ID }},
	}
	return &cli.Command{
		Name: "waivers", Usage: "failures that are accepted for a while", Flags: []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "also those that have ended"}},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			q := scope(c)
			if c.Bool("all") {
				q.Set("all", "true")
			}
			return printList(c, client.List[waiverLine](c.Context, fleet, "/compliance/waivers", q), columns)
		}),
		Subcommands: []*cli.Command{
			{
				Name: "create", Usage: "ask that the failure of a check on the tenant's agents and those below be accepted; another person approves it",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "check", Required: true}, &cli.StringFlag{Name: "reason", Required: true},
					&cli.IntFlag{Name: "days", Usage: "until it expires", Value: 90},
					&cli.StringFlag{Name: "agent", Usage: "on one agent alone, by its `ID`"}, &cli.StringFlag{Name: "tag", Usage: "on agents with this `TAG`"},
				},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					body := map[string]any{"check": c.String("check"), "reason": c.String("reason"), "expires_at": time.Now().AddDate(0, 0, c.Int("days"))}
					if agent := c.String("agent"); agent != "" {
						body["agent_id"] = agent
					}
					if tag := c.String("tag"); tag != "" {
						body["tag"] = tag
					}
					var made waiverLine
					if err := fleet.Do(c.Context, http.MethodPost, "/compliance/waivers", onlyTenant(c), body, &made); err != nil {
						return err
					}
					return printObject(c, made, columns)
				}),
			},
			{
				Name: "approve", Usage: "accept what another person asked to accept", ArgsUsage: "WAIVER_ID",
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "waiver's id")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodPost, "/compliance/waivers/"+id+"/approve", onlyTenant(c), nil, nil)
				}),
			},
			{
				Name: "end", Usage: "refuse what was asked for, or end a waiver before it expires", ArgsUsage: "WAIVER_ID",
				Flags: []cli.Flag{&cli.StringFlag{Name: "reason"}},
				Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
					id, err := oneArgument(c, "waiver's id")
					if err != nil {
						return err
					}
					return fleet.Do(c.Context, http.MethodPost, "/compliance/waivers/"+id+"/end", onlyTenant(c), map[string]any{"reason": c.String("reason")}, nil)
				}),
			},
		},
	}
}
