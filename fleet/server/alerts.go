package server

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/drift"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/jobs"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/fleet/notify"
	"github.com/tenantra/tenantra/fleet/outbound"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/risk"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/packs/alertrules"
	policies "github.com/tenantra/tenantra/packs/drift"
	"github.com/tenantra/tenantra/tables"
)

// watching is what looks at rows beside compliance, and whom it tells.
type watching struct {
	jobs     *jobs.Runner
	guard    *outbound.Guard
	compiler *alertrules.Compiler
	notify   *notify.Service
	alerts   *alerts.Service
	drift    *drift.Service
	risk     *risk.Service
}

// watch makes what judges by alert rules and tells people. The findings it acts on follow it.
func (s *Server) watch(found *findings.Service, library *frameworks.Library, ownPacks []*packs.Pack, scanService *scans.Service, mailer *mail.Service, sealer *pki.Sealer) error {
	runner, err := jobs.New(jobs.Config{DB: s.db, Log: s.component("jobs")})
	if err != nil {
		return err
	}
	allowed, err := outbound.ParseNetworks(os.Getenv("TENANTRA_OUTBOUND_ALLOW"))
	if err != nil {
		return fmt.Errorf("TENANTRA_OUTBOUND_ALLOW: %w", err)
	}
	s.watching = &watching{jobs: runner, guard: outbound.New(outbound.Config{Allow: allowed}), compiler: alertrules.NewCompiler()}
	own := collected{known: map[string]alertrules.Schema{}}
	own.addChecks(library)
	own.addModules()
	own.addPacks(ownPacks)
	if own.drift, err = policies.Default(own.columns); err != nil {
		return fmt.Errorf("load drift policy: %w", err)
	}
	rules, err := alertrules.Load(alertrules.Embedded(), s.watching.compiler, own)
	if err != nil {
		return fmt.Errorf("load alert rules: %w", err)
	}
	s.watching.notify = notify.New(notify.Config{DB: s.db, Jobs: runner, Guard: s.watching.guard, Mail: mailer, Sealer: sealer, Console: s.publicURL(), Log: s.component("notify")})
	s.watching.alerts = alerts.New(alerts.Config{
		DB: s.db, Bus: s.bus, Findings: found, Notifier: s.watching.notify, Jobs: runner, Library: rules, Compiler: s.watching.compiler, Log: s.component("alerts"),
		Sources: func(ctx context.Context, tenant int32) (alertrules.Sources, error) {
			theirs, err := own.of(ctx, scanService, tenant)
			if err == nil {
				theirs.drift, err = s.watching.drift.Watched(ctx, tenant)
			}
			return theirs, err
		},
		Changes: func(ctx context.Context, tx *postgres.Tx, collection string, from, to time.Time) ([]alerts.AgentChange, error) {
			return s.watching.drift.Changes(ctx, tx, collection, from, to)
		},
	})
	s.watching.drift = drift.New(drift.Config{
		DB: s.db, Findings: found, Alerts: s.watching.alerts, Default: own.drift, Class: classes{library, scanService}.of, Log: s.component("drift"),
		Columns: func(ctx context.Context, tenant int32) (func(string) ([]string, bool), error) {
			theirs, err := own.of(ctx, scanService, tenant)
			return theirs.columns, err
		},
	})
	s.watching.risk = risk.New(risk.Config{DB: s.db, Collections: s.watching.about, Log: s.component("risk")}, runner.Every)
	found.Follow = s.watching.alerts.FindingChanged
	return runner.Ready()
}

// about tells which collections a finding of a judge other than compliance is about.
func (w *watching) about(ctx context.Context, tenant int32, kind, subject string) ([]string, error) {
	switch kind {
	case alerts.KindAlert:
		return w.alerts.RuleCollections(ctx, tenant, subject)
	case drift.KindDrift:
		name, err := w.drift.BaselineCollection(ctx, tenant, subject)
		return []string{name}, err
	}
	return nil, nil
}

// close frees what watch has made.
func (w *watching) close() error {
	if w == nil {
		return nil
	}
	if w.jobs != nil {
		w.jobs.Close()
	}
	w.guard.Close()
	return w.compiler.Close()
}

// collected knows which collections there are. It is an alertrules.Sources.
type collected struct {
	known map[string]alertrules.Schema
	own   *collected // the product's, which those of a tenant's packs stand before
	drift *policies.Policy
}

// Collection is part of alertrules.Sources.
func (c collected) Collection(name string) (alertrules.Schema, bool) {
	if schema, ok := c.known[name]; ok {
		return schema, true
	}
	if c.own == nil {
		return alertrules.Schema{}, false
	}
	return c.own.Collection(name)
}

// Drift is part of alertrules.Sources.
func (c collected) Drift(name string) (alertrules.Schema, bool) {
	schema, ok := c.Collection(name)
	watch := c.drift.Watches[name]
	if !ok || watch == nil {
		return alertrules.Schema{}, false
	}
	return alertrules.Schema{Columns: watch.Columns, Class: schema.Class}, true
}

func (c collected) columns(name string) ([]string, bool) {
	schema, ok := c.Collection(name)
	return schema.Columns, ok
}

func (c collected) addChecks(library *frameworks.Library) {
	for _, check := range library.Checks() {
		c.known[check.Collection()] = alertrules.Schema{Columns: check.Columns, Class: check.Class}
	}
}

// addModules takes the columns of every platform; an agent of one that lacks some has NULL there.
func (c collected) addModules() {
	for _, m := range modules.All() {
		schema := alertrules.Schema{}
		for _, platform := range []tables.Platforms{tables.Linux, tables.Darwin, tables.Windows} {
			for _, name := range m.Columns(platform, tables.ClassContent) {
				if !slices.Contains(schema.Columns, name) {
					schema.Columns = append(schema.Columns, name)
					schema.Class = max(schema.Class, m.Table.Columns()[m.Table.Column(name)].Class)
				}
			}
		}
		if len(schema.Columns) > 0 {
			c.known[m.Collection()] = schema
		}
	}
}

func (c collected) addPacks(list []*packs.Pack) {
	for _, p := range list {
		for _, q := range p.Queries {
			c.known[p.Collection(q.Name)] = alertrules.Schema{Columns: q.Columns, Class: q.Class}
		}
	}
}

// of gives what a tenant collects: the product's collections, and those of the packs that it sees.
func (c *collected) of(ctx context.Context, scanService *scans.Service, tenant int32) (collected, error) {
	theirs := collected{known: map[string]alertrules.Schema{}, own: c, drift: c.drift}
	visible, err := scanService.Packs(ctx, access.System(tenant, "alerts"))
	if err != nil {
		return theirs, err
	}
	for _, p := range visible {
		theirs.addPacks([]*packs.Pack{p.Pack})
	}
	return theirs, nil
}
