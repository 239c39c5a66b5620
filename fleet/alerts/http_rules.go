package alerts

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/queries/rules"
)

// RuleItem is a rule as lists show it.
type RuleItem struct {
	Rule          string         `json:"rule"`
	Title         string         `json:"title"`
	Description   string         `json:"description,omitempty"`
	On            string         `json:"on" doc:"collection, drift, finding, agent or schedule."`
	Severity      string         `json:"severity"`
	Enabled       bool           `json:"enabled"`
	Threshold     int            `json:"threshold"`
	Params        map[string]any `json:"params,omitempty" doc:"With the tenant's values over the rule's own."`
	Notify        []string       `json:"notify" doc:"Names of channels."`
	GroupBy       []string       `json:"group_by"`
	Collections   []string       `json:"collections"`
	Source        string         `json:"source" enum:"product,tenant,inherited"`
	InheritedFrom *uuid.UUID     `json:"inherited_from,omitempty" doc:"The tenant above whose rule it is."`
	Version       string         `json:"version,omitempty"`
	Error         string         `json:"error,omitempty" doc:"Why a rule that was right once does not work any more."`
}

// RuleDetail is a rule with its text.
type RuleDetail struct {
	RuleItem
	YAML    string   `json:"yaml"`
	Columns []string `json:"columns" doc:"Of the rows that the expression sees."`
}

// CheckItem says whether a text is a rule, and what an editor may help with while it is none yet.
type CheckItem struct {
	OK       bool                `json:"ok"`
	Error    string              `json:"error,omitempty" doc:"Every mistake with file, line and column, one a line."`
	Rule     string              `json:"rule,omitempty"`
	Columns  []string            `json:"columns" doc:"Of the rows that the expression sees; none before the SQL is right."`
	Tables   []string            `json:"tables" doc:"That the rule's SQL may read."`
	Schemas  map[string][]string `json:"schemas" doc:"The columns of each of these tables."`
	Fixtures []FixtureItem       `json:"fixtures" doc:"How each came out; none before the expression is right."`
}

// FixtureItem is how one of a rule's examples came out.
type FixtureItem struct {
	Name    string `json:"name"`
	Fires   bool   `json:"fires" doc:"Whether the rule is to fire on it."`
	Said    string `json:"said,omitempty" doc:"The message, where it fired."`
	Mistake string `json:"mistake,omitempty" doc:"Why it does not hold."`
}

// VocabularyItem is what an editor may offer in a rule's expression and messages.
type VocabularyItem struct {
	Functions []string            `json:"functions" doc:"That expressions may call."`
	Columns   map[string][]string `json:"columns" doc:"Of the rows of rules on finding, agent, schedule and drift; drift rows have the collection's own beside them. Those of a rule on collections come from its SQL: see check-rule."`
	Values    []string            `json:"values" doc:"That stand beside rows: of the agent, and the rule's own."`
}

// DryRunItem says what a rule would have done.
type DryRunItem struct {
	From      time.Time      `json:"from"`
	To        time.Time      `json:"to"`
	Basis     string         `json:"basis" enum:"history,now" doc:"now where no history is kept of what the rule looks at."`
	Moments   int            `json:"moments" doc:"At which the rule was judged."`
	Fired     int            `json:"fired" doc:"How often it would have begun to fire."`
	Firing    int            `json:"firing" doc:"Groups for which it would fire at the end."`
	Agents    []DryAgentItem `json:"agents"`
	Days      []DryDayItem   `json:"days" doc:"On which it would have begun to fire, of UTC, the oldest first; days without are left out."`
	Firings   []DryItem      `json:"firings" doc:"The youngest first, at most 200."`
	Truncated bool           `json:"truncated" doc:"It ended at a limit, and there is more."`
	Errors    int            `json:"errors" doc:"Moments at which it could not be judged."`
	LastError string         `json:"last_error,omitempty"`
}

// DryAgentItem is how often a rule would have begun to fire on an agent.
type DryAgentItem struct {
	AgentID  uuid.UUID `json:"agent_id"`
	Hostname string    `json:"hostname"`
	Fired    int       `json:"fired"`
}

// DryDayItem is how often a rule would have begun to fire on a day.
type DryDayItem struct {
	Day   string `json:"day" format:"date"`
	Fired int    `json:"fired"`
}

// DryItem is one time that a rule would have begun to fire.
type DryItem struct {
	At       time.Time `json:"at"`
	AgentID  uuid.UUID `json:"agent_id"`
	Hostname string    `json:"hostname"`
	Group    string    `json:"group,omitempty"`
	Message  string    `json:"message"`
}

type (
	byRule struct {
		Rule string `path:"rule" maxLength:"64"`
	}
	putRuleInput struct {
		Rule string `path:"rule" maxLength:"64"`
		Body struct {
			YAML string `json:"yaml" maxLength:"262144"`
		}
	}
	settingInput struct {
		Rule string `path:"rule" maxLength:"64"`
		Body struct {
			Enabled   *bool          `json:"enabled,omitempty"`
			Threshold *int           `json:"threshold,omitempty" minimum:"0" maximum:"1000000"`
			Params    map[string]any `json:"params,omitempty"`
			Notify    []string       `json:"notify,omitempty" maxItems:"20" doc:"Names of channels instead of the rule's own."`
		}
	}
	checkInput struct {
		Body struct {
			YAML string `json:"yaml" maxLength:"262144"`
		}
	}
	dryRunInput struct {
		Body struct {
			YAML string     `json:"yaml" maxLength:"262144"`
			From *time.Time `json:"from,omitempty" doc:"Seven days ago when absent."`
			To   *time.Time `json:"to,omitempty" doc:"Now when absent."`
		}
	}
)

func (s *Service) ruleRoutes(api *httpapi.API) {
	tags := []string{"rules"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-rules", Method: http.MethodGet, Path: "/rules", Tags: tags, Permission: access.PacksRead, Feature: access.Alerts, Summary: "List the alert rules that hold for the tenant",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*body[httpapi.Page[RuleItem]], error) {
		found, err := s.Rules(ctx, scope)
		if err != nil {
			return nil, err
		}
		items := make([]RuleItem, len(found))
		for i := range found {
			items[i] = ruleItemOf(&found[i])
		}
		return &body[httpapi.Page[RuleItem]]{httpapi.Page[RuleItem]{Items: items}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "get-rule", Method: http.MethodGet, Path: "/rules/{rule}", Tags: tags, Permission: access.PacksRead, Feature: access.Alerts, Summary: "Show an alert rule",
	}, func(ctx context.Context, scope access.Scope, in *byRule) (*body[RuleDetail], error) {
		return ruleOrError(s.Rule(ctx, scope, in.Rule))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-rule", Method: http.MethodPut, Path: "/rules/{rule}", Tags: tags, Permission: access.PacksManage, Feature: access.Alerts, Audit: "rules.put",
		Summary: "Store an alert rule of the tenant; its fixtures are run",
	}, func(ctx context.Context, scope access.Scope, in *putRuleInput) (*body[RuleDetail], error) {
		return ruleOrError(s.PutRule(ctx, scope, in.Rule, in.Body.YAML))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-rule", Method: http.MethodDelete, Path: "/rules/{rule}", Tags: tags, Permission: access.PacksManage, Audit: "rules.delete", Summary: "Delete an alert rule of the tenant",
	}, func(ctx context.Context, scope access.Scope, in *byRule) (*struct{}, error) {
		return nil, s.DeleteRule(ctx, scope, in.Rule)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-rule-settings", Method: http.MethodPut, Path: "/rules/{rule}/settings", Tags: tags, Permission: access.PacksManage, Feature: access.Alerts, Audit: "rules.set",
		Summary: "Switch an alert rule on or off, or tune it",
	}, func(ctx context.Context, scope access.Scope, in *settingInput) (*body[RuleDetail], error) {
		return ruleOrError(s.PutSetting(ctx, scope, in.Rule, Setting{in.Body.Enabled, in.Body.Threshold, in.Body.Params, in.Body.Notify}))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "get-rule-vocabulary", Method: http.MethodGet, Path: "/rule-vocabulary", Tags: tags, Permission: access.PacksRead, Feature: access.Alerts,
		Summary: "What an editor may offer in an alert rule's expression and messages",
	}, func(context.Context, access.Scope, *struct{}) (*body[VocabularyItem], error) {
		return &body[VocabularyItem]{VocabularyItem{
			Functions: rules.Functions(),
			Columns: map[string][]string{
				string(alertrules.OnFinding): alertrules.FindingColumns, string(alertrules.OnAgent): alertrules.AgentColumns,
				string(alertrules.OnSchedule): alertrules.ScheduleColumns, string(alertrules.OnDrift): alertrules.DriftColumns,
			},
			Values: []string{"rows", "threshold", "params", "agent.id", "agent.hostname", "agent.platform", "agent.os_name", "agent.os_version", "agent.tags"},
		}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "check-rule", Method: http.MethodPost, Path: "/rules/check", Tags: tags, Permission: access.PacksRead, Feature: access.Alerts, ReadOnly: true, Status: http.StatusOK,
		Summary: "Say whether a text is an alert rule, and run its fixtures",
	}, s.handleCheck)
	httpapi.Register(api, httpapi.Operation{
		ID: "dry-run-rule", Method: http.MethodPost, Path: "/rules/dry-run", Tags: tags, Permission: access.PacksManage, Feature: access.Alerts, ReadOnly: true, Status: http.StatusOK,
		Summary: "Say how often an alert rule would have fired over stored history",
	}, s.handleDryRun)
}

func (s *Service) handleCheck(ctx context.Context, scope access.Scope, in *checkInput) (*body[CheckItem], error) {
	draft, err := s.Read(ctx, scope, nameIn(in.Body.YAML), in.Body.YAML)
	item := CheckItem{
		Columns: append([]string{}, draft.Columns...), Tables: append([]string{}, slices.Sorted(maps.Keys(draft.Tables))...), Schemas: map[string][]string{},
		Fixtures: []FixtureItem{},
	}
	maps.Copy(item.Schemas, draft.Tables)
	switch code := fault.CodeOf(err); {
	case err == nil:
		item.OK, item.Rule = true, draft.Rule.ID
	case code == fault.Invalid || code == fault.Forbidden:
		item.Error = err.Error()
	default:
		return nil, err
	}
	for _, t := range draft.Trials {
		item.Fixtures = append(item.Fixtures, FixtureItem{t.Name, t.Fires, t.Said, t.Mistake})
	}
	return &body[CheckItem]{item}, nil
}

// nameIn finds the rule's name for error messages before the text is known to be right.
func nameIn(text string) string {
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "rule:"); ok {
			if name = strings.Trim(name, " \t\r\n\"'"); alertrules.IsID(name) {
				return name
			}
		}
	}
	return "rule"
}

func (s *Service) handleDryRun(ctx context.Context, scope access.Scope, in *dryRunInput) (*body[DryRunItem], error) {
	r, err := s.Check(ctx, scope, nameIn(in.Body.YAML), in.Body.YAML)
	if err != nil {
		return nil, err
	}
	to := s.now().UTC()
	if in.Body.To != nil {
		to = *in.Body.To
	}
	from := to.Add(-7 * 24 * time.Hour)
	if in.Body.From != nil {
		from = *in.Body.From
	}
	d, err := s.DryRun(ctx, scope, r, from, to)
	if err != nil {
		return nil, err
	}
	item := DryRunItem{From: d.From, To: d.To, Basis: d.Basis, Moments: d.Moments, Fired: d.Fired, Firing: d.Firing, Agents: []DryAgentItem{}, Days: []DryDayItem{}, Firings: []DryItem{},
		Truncated: d.Truncated, Errors: d.Errors, LastError: d.LastError}
	for _, a := range d.Agents {
		item.Agents = append(item.Agents, DryAgentItem(a))
	}
	for _, day := range d.Days {
		item.Days = append(item.Days, DryDayItem{day.Day.Format(time.DateOnly), day.Fired})
	}
	for _, f := range d.Firings {
		item.Firings = append(item.Firings, DryItem(f))
	}
	return &body[DryRunItem]{item}, nil
}

func ruleOrError(e Effective, err error) (*body[RuleDetail], error) {
	if err != nil {
		return nil, err
	}
	d := RuleDetail{RuleItem: ruleItemOf(&e), YAML: e.Text, Columns: []string{}}
	if e.Rule != nil {
		d.Columns = e.Columns
	}
	return &body[RuleDetail]{d}, nil
}

func ruleItemOf(e *Effective) RuleItem {
	item := RuleItem{Rule: e.ID, Enabled: e.Enabled, Notify: append([]string{}, e.Notify...), GroupBy: []string{}, Collections: []string{}}
	var from uuid.UUID
	if item.Source, from = e.source(); from != uuid.Nil {
		item.InheritedFrom = &from
	}
	if e.Rule == nil {
		item.Error = e.Broken.Error()
		return item
	}
	item.Title, item.Description, item.On, item.Severity, item.Version = e.Title, e.Description, string(e.On), e.Severity, e.Version
	item.GroupBy, item.Collections, item.Threshold = e.GroupBy, append(item.Collections, e.Collections...), e.Rule.Threshold
	if e.Threshold != nil {
		item.Threshold = *e.Threshold
	}
	if params, err := e.Rule.Params.With(e.Params); err == nil {
		item.Params = params
	} else {
		item.Params, item.Error = e.Rule.Params, err.Error() // the rule was changed under the tenant's values
	}
	return item
}
