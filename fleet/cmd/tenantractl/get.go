package main

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// resources are what get reads: the API's lists by the words of the command line, with what tables show of each.
var resources = map[string]struct {
	path    string
	columns []string
}{
	"agents":         {"/agents", []string{"hostname", "tenant_name", "platform", "os_name", "status", "last_seen_at", "open_findings", "id"}},
	"alerts":         {"/alerts", []string{"title", "severity", "state", "tenant_name", "hostnames", "opened_at", "id"}},
	"audit":          {"/audit", []string{"seq", "at", "actor", "action", "object"}},
	"channels":       {"/channels", []string{"name", "kind", "enabled", "id"}},
	"checks":         {"/compliance/checks", []string{"check", "title", "severity", "pass", "fail", "waived"}},
	"config-layers":  {"/config-layers", []string{"kind", "name", "state", "canary_percent", "version", "changed_at"}},
	"enroll-secrets": {"/enroll-secrets", []string{"id", "uses", "max_uses", "expires_at", "tags"}},
	"findings":       {"/findings", []string{"title", "severity", "state", "hostname", "tenant_name", "last_seen_at", "id"}},
	"groups":         {"/groups", []string{"name", "kind", "agents", "id"}},
	"live-queries":   {"/live-queries", []string{"created_at", "created_by", "state", "rows", "sql", "id"}},
	"notifications":  {"/notifications", []string{"created_at", "channel", "status", "subject", "id"}},
	"packs":          {"/packs", []string{"name", "queries", "source", "description"}},
	"rules":          {"/rules", []string{"rule", "title", "severity", "enabled"}},
	"saved-queries":  {"/saved-queries", []string{"name", "sharing", "version", "id"}},
	"scans":          {"/scans", []string{"created_at", "created_by", "state", "id"}},
	"schedules":      {"/schedules", []string{"pack", "enabled"}},
	"settings":       {"/settings", []string{"key", "value", "from", "locked"}},
	"tenants":        {"/tenants", []string{"slug", "name", "plan", "status", "agents", "id"}},
	"usage":          {"/usage", []string{"tenant", "plan", "day"}},
	"users":          {"/users", []string{"email", "name", "role", "status", "id"}},
}

// getCommand reads any list, or one object of it by its id, the same way: for scripts that want all of it as JSON or YAML.
func getCommand() *cli.Command {
	names := slices.Sorted(maps.Keys(resources))
	return &cli.Command{
		Name: "get", Usage: "read a list of the API, or one object of it by its id", ArgsUsage: "RESOURCE [ID]",
		Description: "The resources: " + strings.Join(names, ", ") + ".",
		BashComplete: func(c *cli.Context) {
			if c.NArg() == 0 {
				fmt.Fprintln(c.App.Writer, strings.Join(names, "\n"))
			}
		},
		Action: withFleet(func(c *cli.Context, fleet *client.Client) error {
			what, known := resources[c.Args().First()]
			if !known || c.NArg() > 2 {
				return usageError("get takes one of " + strings.Join(names, ", ") + ", and maybe an id")
			}
			if c.NArg() == 1 {
				return printList(c, items(c, fleet, what.path, scope(c)), fields(what.columns...))
			}
			found, err := client.Get[record](c.Context, fleet, what.path+"/"+escaped(c.Args().Get(1)), scope(c))
			if err != nil {
				return err
			}
			return printObject(c, *found, fields(slices.Sorted(scalars(*found))...))
		}),
	}
}

// scalars are the names of what of an object a line can show.
func scalars(r record) iter.Seq[string] {
	return func(yield func(string) bool) {
		for name, value := range r {
			switch value.(type) {
			case map[string]any, []any:
				continue
			}
			if !yield(name) {
				return
			}
		}
	}
}

// exportsCommand has all that leaves the product as a file in one place.
func exportsCommand() *cli.Command {
	rows, log, own := exportRowsCommand(), auditExportCommand(), exportCommand()
	rows.Name, log.Name, own.Name = "rows", "audit", "configuration"
	return &cli.Command{Name: "exports", Usage: "what leaves as a file: rows that agents told, the audit log, a tenant's own packs and groups",
		Subcommands: []*cli.Command{rows, log, own},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usageError(fmt.Sprintf("there is no export of %q: rows, audit or configuration", c.Args().First()))
			}
			return cli.ShowSubcommandHelp(c)
		}}
}
