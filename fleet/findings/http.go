package findings

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// Item is a finding as lists show it.
type Item struct {
	ID          uuid.UUID `json:"id"`
	TenantID    uuid.UUID `json:"tenant_id"`
	TenantName  string    `json:"tenant_name"`
	AgentID     uuid.UUID `json:"agent_id"`
	Hostname    string    `json:"hostname"`
	Kind        string    `json:"kind" doc:"check, or what else opened it."`
	Subject     string    `json:"subject" doc:"Of kind check, the check's id."`
	Title       string    `json:"title"`
	Severity    string    `json:"severity" enum:"low,medium,high,critical"`
	State       State     `json:"state" enum:"open,acknowledged,resolved,waived"`
	Message     string    `json:"message"`
	FirstSeenAt time.Time `json:"first_seen_at"`
	LastSeenAt  time.Time `json:"last_seen_at" doc:"When it was last found to be so with other rows, or opened."`
}

// Detail is a finding with what shows it and what to do about it.
type Detail struct {
	Item
	Evidence *EvidenceItem       `json:"evidence,omitempty"`
	Expected string              `json:"expected,omitempty"`
	SQL      string              `json:"sql,omitempty"`
	Pass     string              `json:"pass,omitempty" doc:"The expression that judged the rows."`
	Fix      *FixItem            `json:"fix,omitempty"`
	Controls map[string][]string `json:"controls,omitempty" doc:"Control ids by framework."`
	History  []TransitionItem    `json:"history"`
}

// EvidenceItem is the rows at fault.
type EvidenceItem struct {
	Columns        []string            `json:"columns"`
	Rows           [][]json.RawMessage `json:"rows" doc:"Null, numbers and texts in the order of the columns."`
	FailingColumns []string            `json:"failing_columns" doc:"Columns at fault in any row."`
	FailingCells   [][]string          `json:"failing_cells" doc:"Columns at fault, for each row."`
	Total          int                 `json:"total" doc:"Rows at fault in all; more than rows where they were cut."`
}

// FixItem is what to do.
type FixItem struct {
	Text string `json:"text"`
	Risk string `json:"risk,omitempty"`

	Effect *EffectItem `json:"effect,omitempty" doc:"What it would be worth; absent where nothing is known, or nothing fails any more."`
}

// EffectItem is what a fix would be worth on the agent.
type EffectItem struct {
	Before   float64             `json:"before" doc:"Score of the agent over all checks, 0 to 100."`
	After    float64             `json:"after"`
	Controls map[string][]string `json:"controls" doc:"By framework, the controls that would be met: nothing else fails there."`
}

// TransitionItem is one change of state.
type TransitionItem struct {
	At     time.Time `json:"at"`
	State  State     `json:"state"`
	Actor  string    `json:"actor"`
	Reason string    `json:"reason"`
}

type (
	listInput struct {
		httpapi.Paging
		State    string    `query:"state" enum:"open,acknowledged,resolved,waived"`
		Severity string    `query:"severity" enum:"low,medium,high,critical"`
		Kind     string    `query:"kind" maxLength:"64"`
		AgentID  uuid.UUID `query:"agent_id"`
		Check    string    `query:"check" maxLength:"64"`
		Text     string    `query:"q" maxLength:"200" doc:"Part of title, message or host name."`
	}
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	turnInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			Reason string `json:"reason,omitempty" maxLength:"500"`
		}
	}
	body[T any] struct{ Body T }
)

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"findings"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-findings", Method: http.MethodGet, Path: "/findings", Tags: tags, Permission: access.FindingsRead, Recursive: true,
		Summary: "List findings, youngest first",
	}, s.handleList)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-finding", Method: http.MethodGet, Path: "/findings/{id}", Tags: tags, Permission: access.FindingsRead, Recursive: true,
		Summary: "Show a finding with its rows, its fix and its history",
	}, s.handleGet)
	httpapi.Register(api, httpapi.Operation{
		ID: "acknowledge-finding", Method: http.MethodPost, Path: "/findings/{id}/acknowledge", Tags: tags, Permission: access.FindingsManage,
		Audit: "findings.acknowledge", Recursive: true, Status: http.StatusOK, Summary: "Say that an open finding was seen",
	}, turnHandler(s.Acknowledge))
	httpapi.Register(api, httpapi.Operation{
		ID: "reopen-finding", Method: http.MethodPost, Path: "/findings/{id}/reopen", Tags: tags, Permission: access.FindingsManage,
		Audit: "findings.reopen", Recursive: true, Status: http.StatusOK, Summary: "Take the acknowledgement of a finding back",
	}, turnHandler(s.Reopen))
}

func (s *Service) handleList(ctx context.Context, scope access.Scope, in *listInput) (*body[httpapi.Page[Item]], error) {
	before := uuid.Max
	if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
		return nil, err
	}
	filter := Filter{State: State(in.State), Kind: in.Kind, Agent: in.AgentID, Check: in.Check, Text: in.Text}
	if in.Severity != "" {
		var err error
		if filter.Severity, err = ParseSeverity(in.Severity); err != nil {
			return nil, err
		}
	}
	found, err := s.List(ctx, scope, filter, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(found))
	for i, f := range found {
		items[i] = itemOf(f)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last Item) any { return last.ID })
	return &body[httpapi.Page[Item]]{page}, err
}

func (s *Service) handleGet(ctx context.Context, scope access.Scope, in *byID) (*body[Detail], error) {
	f, past, err := s.Get(ctx, scope, in.ID)
	if err != nil {
		return nil, err
	}
	d := Detail{Item: itemOf(f), Expected: f.Expected, History: []TransitionItem{}}
	if f.Evidence.Columns != nil {
		if d.Evidence, err = evidenceOf(f.Evidence); err != nil {
			return nil, err
		}
	}
	for _, t := range past {
		d.History = append(d.History, TransitionItem(t))
	}
	var e Explanation
	if s.Explain != nil {
		e, _ = s.Explain(f.Kind, f.Subject)
	}
	d.SQL, d.Pass, d.Controls = e.SQL, e.Pass, e.Controls
	if f.Fix != "" {
		d.Fix = &FixItem{Text: f.Fix, Risk: e.Risk}
		if s.Effect != nil {
			effect, err := s.Effect(ctx, scope, f.Kind, f.Subject, f.AgentID)
			if err != nil {
				return nil, err
			}
			if effect != nil {
				d.Fix.Effect = &EffectItem{effect.Before, effect.After, effect.Controls}
			}
		}
	}
	return &body[Detail]{d}, nil
}

// turnHandler serves a person's change of a finding's state.
func turnHandler(turn func(ctx context.Context, scope access.Scope, id uuid.UUID, reason string) (*Finding, error)) func(context.Context, access.Scope, *turnInput) (*body[Item], error) {
	return func(ctx context.Context, scope access.Scope, in *turnInput) (*body[Item], error) {
		f, err := turn(ctx, scope, in.ID, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		f.maskFor(scope)
		return &body[Item]{itemOf(f)}, nil
	}
}

func itemOf(f *Finding) Item {
	return Item{
		ID: f.ID, TenantID: f.TenantID, TenantName: f.TenantName, AgentID: f.AgentID, Hostname: f.Hostname, Kind: f.Kind, Subject: f.Subject,
		Title: f.Title, Severity: f.Severity.String(), State: f.State, Message: f.Message, FirstSeenAt: f.FirstSeenAt, LastSeenAt: f.LastSeenAt,
	}
}

func evidenceOf(e Evidence) (*EvidenceItem, error) {
	item := &EvidenceItem{Columns: e.Columns, Rows: [][]json.RawMessage{}, FailingColumns: []string{}, FailingCells: [][]string{}, Total: e.Total}
	for i, row := range e.Rows {
		cells := make([]json.RawMessage, len(row))
		for j, cell := range row {
			var err error
			if cells[j], err = cell.MarshalJSON(); err != nil {
				return nil, fmt.Errorf("encode evidence: %w", err)
			}
		}
		item.Rows, item.FailingCells = append(item.Rows, cells), append(item.FailingCells, e.Failing[i])
		for _, column := range e.Failing[i] {
			if !slices.Contains(item.FailingColumns, column) {
				item.FailingColumns = append(item.FailingColumns, column)
			}
		}
	}
	return item, nil
}
