package alerts

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// Item is an alert as lists show it.
type Item struct {
	ID           uuid.UUID         `json:"id"`
	TenantID     uuid.UUID         `json:"tenant_id"`
	TenantName   string            `json:"tenant_name"`
	Rule         string            `json:"rule"`
	Title        string            `json:"title"`
	Message      string            `json:"message" doc:"Of what was found last."`
	Severity     string            `json:"severity" enum:"low,medium,high,critical"`
	State        State             `json:"state" enum:"open,acknowledged,snoozed,resolved"`
	Labels       map[string]string `json:"labels" doc:"What the alert's findings have in common."`
	Hostnames    []string          `json:"hostnames" doc:"Of agents that it is about, at most three."`
	Members      int               `json:"members" doc:"Findings that are so now."`
	Occurrences  int               `json:"occurrences" doc:"How many times it opened."`
	Flapping     bool              `json:"flapping"`
	OpenedAt     time.Time         `json:"opened_at"`
	LastSeenAt   time.Time         `json:"last_seen_at"`
	StateAt      time.Time         `json:"state_at" doc:"When the state became what it is."`
	NotifiedAt   *time.Time        `json:"notified_at,omitempty"`
	SnoozedUntil *time.Time        `json:"snoozed_until,omitempty"`
}

// Detail is an alert with the findings that it gathers and its history.
type Detail struct {
	Item
	RuleVersion string       `json:"rule_version"`
	Findings    []MemberItem `json:"findings"`
	History     []EventItem  `json:"history" doc:"The youngest first; what was kept back stands with its reason."`
}

// MemberItem is a finding that an alert gathers.
type MemberItem struct {
	FindingID uuid.UUID `json:"finding_id"`
	AgentID   uuid.UUID `json:"agent_id"`
	Hostname  string    `json:"hostname"`
	Message   string    `json:"message"`
	Firing    bool      `json:"firing" doc:"Whether it is so now."`
	Since     time.Time `json:"since"`
}

// EventItem is a line of an alert's history.
type EventItem struct {
	At     time.Time `json:"at"`
	Event  string    `json:"event"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason"`
}

type (
	listInput struct {
		httpapi.Paging
		State    string    `query:"state" enum:"open,acknowledged,snoozed,resolved"`
		Severity string    `query:"severity" enum:"low,medium,high,critical"`
		Rule     string    `query:"rule" maxLength:"64"`
		AgentID  uuid.UUID `query:"agent_id"`
		Text     string    `query:"q" maxLength:"200" doc:"Part of title, message or rule."`
	}
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	reasonInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	}
	snoozeInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			Minutes int    `json:"minutes" minimum:"1" maximum:"43200"`
			Reason  string `json:"reason,omitempty" maxLength:"500"`
		}
	}
	body[T any] struct{ Body T }
)

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"alerts"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-alerts", Method: http.MethodGet, Path: "/alerts", Tags: tags, Permission: access.FindingsRead, Feature: access.Alerts, Recursive: true,
		Summary: "List alerts, youngest first",
	}, s.handleList)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-alert", Method: http.MethodGet, Path: "/alerts/{id}", Tags: tags, Permission: access.FindingsRead, Feature: access.Alerts, Recursive: true,
		Summary: "Show an alert with its findings and its history",
	}, s.handleGet)
	change := func(id, path, action, summary string) httpapi.Operation {
		return httpapi.Operation{ID: id, Method: http.MethodPost, Path: "/alerts/{id}/" + path, Tags: tags, Permission: access.FindingsManage, Feature: access.Alerts,
			Audit: action, Recursive: true, Status: http.StatusOK, Summary: summary}
	}
	httpapi.Register(api, change("acknowledge-alert", "acknowledge", "alerts.acknowledge", "Say that somebody sees to an alert"),
		func(ctx context.Context, scope access.Scope, in *reasonInput) (*body[Item], error) {
			return itemOrError(s.Acknowledge(ctx, scope, in.ID, in.Body.Reason))
		})
	httpapi.Register(api, change("snooze-alert", "snooze", "alerts.snooze", "Have nobody told of an alert for a while"),
		func(ctx context.Context, scope access.Scope, in *snoozeInput) (*body[Item], error) {
			return itemOrError(s.Snooze(ctx, scope, in.ID, s.now().Add(time.Duration(in.Body.Minutes)*time.Minute), in.Body.Reason))
		})
	httpapi.Register(api, change("reopen-alert", "reopen", "alerts.reopen", "Take back an acknowledgement or a snooze"),
		func(ctx context.Context, scope access.Scope, in *reasonInput) (*body[Item], error) {
			return itemOrError(s.Reopen(ctx, scope, in.ID, in.Body.Reason))
		})
	httpapi.Register(api, change("resolve-alert", "resolve", "alerts.resolve", "Say that an alert is over"),
		func(ctx context.Context, scope access.Scope, in *reasonInput) (*body[Item], error) {
			return itemOrError(s.Resolve(ctx, scope, in.ID, in.Body.Reason))
		})
	s.ruleRoutes(api)
	s.windowRoutes(api)
}

func (s *Service) handleList(ctx context.Context, scope access.Scope, in *listInput) (*body[httpapi.Page[Item]], error) {
	before := uuid.Max
	if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
		return nil, err
	}
	filter := Filter{State: State(in.State), Rule: in.Rule, Agent: in.AgentID, Text: in.Text}
	if in.Severity != "" {
		var err error
		if filter.Severity, err = findings.ParseSeverity(in.Severity); err != nil {
			return nil, err
		}
	}
	found, err := s.List(ctx, scope, filter, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(found))
	for i, a := range found {
		items[i] = itemOf(a)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last Item) any { return last.ID })
	return &body[httpapi.Page[Item]]{page}, err
}

func (s *Service) handleGet(ctx context.Context, scope access.Scope, in *byID) (*body[Detail], error) {
	a, members, past, err := s.Get(ctx, scope, in.ID)
	if err != nil {
		return nil, err
	}
	d := Detail{Item: itemOf(a), RuleVersion: a.RuleVersion, Findings: []MemberItem{}, History: []EventItem{}}
	for _, m := range members {
		d.Findings = append(d.Findings, MemberItem{m.FindingID, m.AgentID, m.Hostname, m.Message, m.Firing, m.Since})
	}
	for _, e := range past {
		d.History = append(d.History, EventItem(e))
	}
	return &body[Detail]{d}, nil
}

func itemOrError(a *Alert, err error) (*body[Item], error) {
	if err != nil {
		return nil, err
	}
	return &body[Item]{itemOf(a)}, nil
}

func itemOf(a *Alert) Item {
	return Item{
		ID: a.ID, TenantID: a.TenantID, TenantName: a.TenantName, Rule: a.Rule, Title: a.Title, Message: a.Message, Severity: a.Severity.String(), State: a.State,
		Labels: a.Labels, Hostnames: append([]string{}, a.Hostnames...), Members: a.Members, Occurrences: a.Occurrences, Flapping: a.Flapping,
		OpenedAt: a.OpenedAt, LastSeenAt: a.LastSeenAt, StateAt: a.StateAt, NotifiedAt: a.NotifiedAt, SnoozedUntil: a.SnoozedUntil,
	}
}
