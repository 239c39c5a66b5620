package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/internal/terminal"
	"github.com/tenantra/tenantra/internal/textdiff"
)

func applyCommand() *cli.Command {
	return &cli.Command{
		Name: "apply", Usage: "make tenants have what the files of a directory say",
		Description: "Reads packs/ (our YAML, osquery's JSON, Fleet's YAML), schedules.yaml, groups.yaml and, for more tenants, tenants/SLUG/ with the same.\n" +
			"Prints what changes, then does it. Nothing is deleted without --prune, and nothing is pruned without --yes.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "the `DIRECTORY`", Required: true},
			&cli.BoolFlag{Name: "plan", Usage: "print what would change, line by line, and change nothing"},
			&cli.BoolFlag{Name: "prune", Usage: "delete the tenants' own packs and groups that no file names"},
			&cli.BoolFlag{Name: "yes", Usage: "prune without asking"},
		},
		Action: withFleet(apply),
	}
}

func exportCommand() *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "write a tenant's own packs, schedules and groups to a directory that apply reads",
		Flags:  []cli.Flag{&cli.StringFlag{Name: "directory", Aliases: []string{"d"}, Usage: "the `DIRECTORY`; it must not exist yet", Required: true}},
		Action: withFleet(export),
	}
}

// step is one change of a plan.
type step struct {
	tenant, verb, object string // create, update, delete; "pack web"
	before, after        string
	do                   func(*cli.Context) error
}

// have is what a tenant has of its own.
type have struct {
	packs     map[string]string // text by name
	schedules map[string]bool
	groups    map[string]client.Group
}

// at is the query that acts at a tenant.
func at(c *cli.Context, tenant string) url.Values {
	q := scope(c)
	q.Del("recursive")
	if tenant != "" {
		q.Set("tenant", tenant)
	}
	return q
}

func apply(c *cli.Context, fleet *client.Client) error {
	if c.NArg() > 0 {
		return usageError("apply takes no arguments: name the directory with -f")
	}
	all, err := readDesired(c.String("file"))
	if err != nil {
		return err
	}
	// Everything is read and compiled before anything changes.
	var plan []step
	for _, d := range all {
		steps, err := planTenant(c, fleet, d)
		if err != nil {
			if d.tenant != "" {
				err = fmt.Errorf("tenant %s: %w", d.tenant, err)
			}
			return err
		}
		plan = append(plan, steps...)
	}
	deletions := 0
	for _, s := range plan {
		if s.verb == "delete" {
			deletions++
		}
		printStep(c.App.Writer, s, c.Bool("plan"))
	}
	switch {
	case len(plan) == 0:
		fmt.Fprintln(c.App.Writer, "nothing to change")
		return nil
	case c.Bool("plan"):
		return nil
	case deletions > 0 && !c.Bool("yes"):
		return usageError(fmt.Sprintf("%d things would be deleted: add --yes to have it done", deletions))
	}
	for _, s := range plan {
		if err := s.do(c); err != nil {
			return fmt.Errorf("%s %s: %w", s.verb, s.object, err)
		}
	}
	fmt.Fprintf(c.App.Writer, "%d changes done\n", len(plan))
	return nil
}

func printStep(w io.Writer, s step, whole bool) {
	place := ""
	if s.tenant != "" {
		place = s.tenant + ": "
	}
	fmt.Fprintf(w, "%s%s %s\n", terminal.Escape(place), s.verb, terminal.Escape(s.object))
	if !whole {
		return
	}
	for _, line := range textdiff.Changed(textdiff.Lines(s.before, s.after)) {
		fmt.Fprintln(w, "  "+string(line.Op)+" "+terminal.Escape(line.Text))
	}
}

// readHave reads what a tenant has of its own: what it inherits is not its to change.
func readHave(c *cli.Context, fleet *client.Client, query url.Values) (*have, error) {
	h := &have{packs: map[string]string{}, schedules: map[string]bool{}, groups: map[string]client.Group{}}
	for p, err := range client.List[client.Pack](c.Context, fleet, "/packs", query) {
		if err != nil {
			return nil, err
		}
		if p.Source != "tenant" {
			continue
		}
		whole, err := client.Get[client.Pack](c.Context, fleet, "/packs/"+escaped(p.Name), query)
		if err != nil {
			return nil, err
		}
		h.packs[p.Name] = whole.YAML
	}
	for s, err := range client.List[client.Schedule](c.Context, fleet, "/schedules", query) {
		if err != nil {
			return nil, err
		}
		if s.TenantID != "" && s.InheritedFrom == "" {
			h.schedules[s.Pack] = s.Enabled
		}
	}
	for g, err := range client.List[client.Group](c.Context, fleet, "/groups", query) {
		if err != nil {
			return nil, err
		}
		h.groups[g.Name] = g
	}
	return h, nil
}

// planTenant compares what a tenant should have with what it has.
func planTenant(c *cli.Context, fleet *client.Client, d desired) ([]step, error) {
	query := at(c, d.tenant)
	h, err := readHave(c, fleet, query)
	if err != nil {
		return nil, err
	}
	call := func(method, path string, body any) func(*cli.Context) error {
		return func(c *cli.Context) error { return fleet.Do(c.Context, method, path, query, body, nil) }
	}
	var plan []step
	add := func(verb, object, before, after string, do func(*cli.Context) error) {
		plan = append(plan, step{d.tenant, verb, object, before, after, do})
	}
	wanted := map[string]bool{}
	for _, file := range d.packs {
		var converted struct {
			Items []client.Pack `json:"items"`
		}
		body := map[string]string{"name": file.name, "format": file.format, "text": file.text}
		if err := fleet.Do(c.Context, http.MethodPost, "/packs/convert", query, body, &converted); err != nil {
			return nil, fmt.Errorf("%s: %w", file.name, err)
		}
		for _, p := range converted.Items {
			for _, note := range p.Notes {
				fmt.Fprintf(c.App.ErrWriter, "pack %s: %s\n", terminal.Escape(p.Name), terminal.Escape(note))
			}
			if wanted[p.Name] {
				return nil, fmt.Errorf("two files have a pack %q", p.Name)
			}
			wanted[p.Name] = true
			before, there := h.packs[p.Name]
			if there && before == p.YAML {
				continue
			}
			add(verb(there), "pack "+p.Name, before, p.YAML, call(http.MethodPut, "/packs/"+escaped(p.Name), map[string]string{"yaml": p.YAML}))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.schedules)) {
		enabled := d.schedules[name]
		before, there := h.schedules[name]
		if there && before == enabled {
			continue
		}
		was := ""
		if there {
			was = fmt.Sprint(before)
		}
		add(verb(there), "schedule of "+name, was, fmt.Sprint(enabled), call(http.MethodPut, "/schedules/"+escaped(name), map[string]bool{"enabled": enabled}))
	}
	named := map[string]bool{}
	for _, g := range d.groups {
		if named[g.Name] {
			return nil, fmt.Errorf("%s names the group %q twice", groupsFile, g.Name)
		}
		named[g.Name] = true
		before, there := h.groups[g.Name]
		is := groupFile{before.Name, before.Description, before.Kind, before.Rule}
		switch {
		case !there:
			add("create", "group "+g.Name, "", groupText(g), call(http.MethodPost, "/groups", g))
		case is != g:
			add("update", "group "+g.Name, groupText(is), groupText(g), call(http.MethodPut, "/groups/"+escaped(before.ID), g))
		}
	}
	if !c.Bool("prune") {
		return plan, nil
	}
	for _, name := range slices.Sorted(maps.Keys(h.packs)) {
		if !wanted[name] {
			add("delete", "pack "+name, h.packs[name], "", call(http.MethodDelete, "/packs/"+escaped(name), nil))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h.groups)) {
		if g := h.groups[name]; !named[name] {
			add("delete", "group "+name, groupText(groupFile{g.Name, g.Description, g.Kind, g.Rule}), "", call(http.MethodDelete, "/groups/"+escaped(g.ID), nil))
		}
	}
	return plan, nil
}

func verb(there bool) string {
	if there {
		return "update"
	}
	return "create"
}

func groupText(g groupFile) string {
	text := "kind: " + g.Kind + "\n"
	if g.Rule != "" {
		text += "rule: " + g.Rule + "\n"
	}
	if g.Description != "" {
		text += "description: " + g.Description + "\n"
	}
	return text
}

func export(c *cli.Context, fleet *client.Client) error {
	dir := c.String("directory")
	if _, err := os.Stat(dir); err == nil {
		return usageError(dir + " exists already: name a new directory")
	}
	slugs := []string{""}
	if c.Bool("recursive") {
		own := ""
		for t, err := range client.List[client.Tenant](c.Context, fleet, "/tenants", scope(c)) {
			if err != nil {
				return err
			}
			if own == "" { // the first is the tenant itself
				own = t.Slug
				continue
			}
			slugs = append(slugs, t.Slug)
		}
	}
	for _, slug := range slugs {
		h, err := readHave(c, fleet, at(c, slug))
		if err != nil {
			return err
		}
		place := dir
		if slug != "" {
			place = filepath.Join(dir, tenantsDir, slug)
		}
		if err := writeHave(place, h); err != nil {
			return err
		}
	}
	return nil
}

func writeHave(dir string, h *have) error {
	if err := os.MkdirAll(filepath.Join(dir, packsDir), 0o700); err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	var errs []error
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			errs = append(errs, fmt.Errorf("write file: %w", err))
		}
	}
	for name, text := range h.packs { // a pack's name has no separators
		write(filepath.Join(packsDir, name+".yaml"), text)
	}
	if len(h.schedules) > 0 {
		text, err := yaml.Marshal(h.schedules)
		errs = append(errs, err)
		write(schedulesFile, string(text))
	}
	if len(h.groups) > 0 {
		var groups []groupFile
		for _, name := range slices.Sorted(maps.Keys(h.groups)) {
			g := h.groups[name]
			groups = append(groups, groupFile{g.Name, g.Description, g.Kind, g.Rule})
		}
		text, err := yaml.Marshal(groups)
		errs = append(errs, err)
		write(groupsFile, string(text))
	}
	return errors.Join(errs...)
}
