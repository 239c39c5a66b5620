package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/savedqueries"
	"github.com/tenantra/tenantra/fleet/scans"
	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/tables"
)

// mayAsk refuses a statement that can be asked neither of agents nor of stored rows, which have a few columns more, or
// that reads what the scope's role may not.
func (s *Server) mayAsk(scope access.Scope, sql string) error {
	err := s.checker.Permit(scope, sql)
	if fault.CodeOf(err) == fault.Invalid && s.stored.MayAsk(scope, sql) == nil {
		return nil
	}
	return err
}

// savedPacks makes saved queries part of packs.
type savedPacks struct{ scans *scans.Service }

func (p savedPacks) AddQuery(ctx context.Context, scope access.Scope, q savedqueries.PackQuery) (string, error) {
	out := packs.ScheduledQuery{Name: q.Name, SQL: q.SQL, Description: q.About, Interval: q.Interval, At: q.At, Zone: q.Zone, Mode: packs.Mode(q.Mode), Shard: 100, Denylist: true}
	if out.Interval == 0 && out.At == "" {
		out.Interval = time.Hour
	}
	if len(q.Platforms) > 0 {
		var err error
		if out.Platforms, err = tables.ParsePlatforms(strings.Join(q.Platforms, ",")); err != nil {
			return "", fault.Field(fault.Invalid, "body.platforms", "%v", err)
		}
	}
	return p.scans.AddQuery(ctx, scope, q.Pack, out)
}

// savedRules makes alert rules over what saved queries find.
type savedRules struct{ alerts *alerts.Service }

// AddRule writes a rule that fires at a number of rows, with the fixtures that show it. People change it as any other.
func (r savedRules) AddRule(ctx context.Context, scope access.Scope, rule savedqueries.Rule) error {
	type fixture struct {
		Name  string                      `yaml:"name"`
		Rows  map[string][]map[string]any `yaml:"rows"`
		Fires bool                        `yaml:"fires"`
	}
	table := alertrules.TableOf(rule.Collection)
	rows := func(n int) map[string][]map[string]any {
		found := make([]map[string]any, n)
		for i := range found {
			found[i] = map[string]any{}
		}
		return map[string][]map[string]any{table: found}
	}
	text, err := yaml.Marshal(struct {
		Rule        string    `yaml:"rule"`
		Title       string    `yaml:"title"`
		On          string    `yaml:"on"`
		Collections []string  `yaml:"collections"`
		When        string    `yaml:"when"`
		Threshold   int       `yaml:"threshold"`
		Severity    string    `yaml:"severity"`
		Message     string    `yaml:"message"`
		Fixtures    []fixture `yaml:"fixtures"`
	}{rule.ID, rule.Title, string(alertrules.OnCollection), []string{rule.Collection}, "len(rows) >= threshold", rule.Threshold, rule.Severity,
		"The query has rows on {{ agent.hostname }}.",
		[]fixture{{"enough rows", rows(rule.Threshold), true}, {"too few rows", rows(rule.Threshold - 1), false}}})
	if err != nil {
		return fmt.Errorf("write rule %s: %w", rule.ID, err)
	}
	if _, err := r.alerts.PutRule(ctx, scope, rule.ID, string(text)); err != nil {
		if code := fault.CodeOf(err); code != "" {
			return fault.Field(code, "body", "the pack has the query, but the rule cannot be stored: %v", err)
		}
		return err
	}
	return nil
}
