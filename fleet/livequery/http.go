package livequery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

type apiQuery struct {
	ID        uuid.UUID `json:"id"`
	SQL       string    `json:"sql"`
	State     State     `json:"state" enum:"running,done,cancelled"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	EndsAt    time.Time `json:"ends_at" doc:"When agents that did not answer are given up."`
	Wait      int       `json:"wait_seconds" doc:"How long agents that are away may take to come."`
	Target    Target    `json:"target"`
	Counts    Counts    `json:"counts"`
	Rows      int64     `json:"rows"`
}

func toAPI(q *Query) apiQuery {
	return apiQuery{ID: q.ID, SQL: q.SQL, State: q.State, CreatedAt: q.CreatedAt, CreatedBy: q.CreatedBy,
		EndsAt: q.Deadline, Wait: int(q.Wait / time.Second), Target: q.Target, Counts: q.Counts, Rows: q.Rows}
}

type apiAgent struct {
	AgentID    uuid.UUID `json:"agent_id"`
	Hostname   string    `json:"hostname"`
	TenantName string    `json:"tenant_name"`
	Outcome    Outcome   `json:"outcome" enum:"waiting,running,with_rows,no_rows,failed,timed_out,offline,refused"`
	Rows       int64     `json:"rows"`
	DurationMS int64     `json:"duration_ms"`
	Error      string    `json:"error"`
}

type apiRow struct {
	AgentID  uuid.UUID         `json:"agent_id"`
	Hostname string            `json:"hostname"`
	Columns  []string          `json:"columns"`
	Values   []json.RawMessage `json:"values"`
}

type apiAsked struct {
	ID      uuid.UUID `json:"id"`
	Targets int64     `json:"targets"`
	Online  int64     `json:"online"`
}

type askInput struct {
	Body struct {
		SQL            string    `json:"sql,omitempty" maxLength:"65536"`
		SavedQuery     uuid.UUID `json:"saved_query,omitzero" doc:"Id of the saved query to ask instead of sql."`
		Target         Target    `json:"target,omitzero" doc:"Everything that is not empty narrows; nothing means all agents."`
		TimeoutSeconds int       `json:"timeout_seconds,omitempty" minimum:"0" maximum:"60"`
		WaitSeconds    int       `json:"wait_seconds,omitempty" minimum:"0" maximum:"604800" doc:"Agents that are away are asked when they come within this time. 0: they are offline."`
	}
}

type idInput struct {
	ID uuid.UUID `path:"id"`
}

type agentsInput struct {
	ID uuid.UUID `path:"id"`
	httpapi.Paging
	Outcome string `query:"outcome" enum:"waiting,running,with_rows,no_rows,failed,timed_out,offline,refused"`
}

type rowsInput struct {
	ID uuid.UUID `path:"id"`
	httpapi.Paging
}

type body[T any] struct{ Body T }

// Routes registers the operations of live queries. Reading is always over the tenant's subtree: a campaign's answers lie
// with the tenants whose agents gave them.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"queries"}
	httpapi.Register(api, httpapi.Operation{
		ID: "ask-live-query", Method: http.MethodPost, Path: "/live-queries", Tags: tags, Permission: access.QueryRun, Audit: "live_query.ask", Recursive: true,
		Status: http.StatusCreated, Summary: "Ask agents now",
	}, s.handleAsk)
	httpapi.Register(api, httpapi.Operation{
		ID: "estimate-query", Method: http.MethodPost, Path: "/queries/estimate", Tags: tags, Permission: access.QueryRun, ReadOnly: true, Recursive: true,
		Summary: "Tell what a live query would cost, from the fleet's own statistics",
	}, s.handleEstimate)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-live-queries", Method: http.MethodGet, Path: "/live-queries", Tags: tags, Permission: access.QueryRun, Recursive: true,
		Summary: "List live queries, youngest first",
	}, s.handleList)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-live-query", Method: http.MethodGet, Path: "/live-queries/{id}", Tags: tags, Permission: access.QueryRun, Recursive: true,
		Summary: "Show a live query and how its targets answered",
	}, s.handleGet)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-live-query-agents", Method: http.MethodGet, Path: "/live-queries/{id}/agents", Tags: tags, Permission: access.QueryRun, Recursive: true,
		Summary: "List the agents asked with their outcomes",
	}, s.handleAgents)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-live-query-rows", Method: http.MethodGet, Path: "/live-queries/{id}/rows", Tags: tags, Permission: access.QueryRun, Recursive: true,
		Summary: "List the rows of all answers",
	}, s.handleRows)
	httpapi.Register(api, httpapi.Operation{
		ID: "stream-live-query", Method: http.MethodGet, Path: "/live-queries/{id}/stream", Tags: tags, Permission: access.QueryRun, Recursive: true, Stream: true,
		Summary: "Follow a live query: events of type rows, agent, progress and done, one a line",
	}, s.handleStream)
	httpapi.Register(api, httpapi.Operation{
		ID: "cancel-live-query", Method: http.MethodPost, Path: "/live-queries/{id}/cancel", Tags: tags, Permission: access.QueryRun, Audit: "live_query.cancel", Recursive: true,
		Status: http.StatusOK, Summary: "Stop asking",
	}, s.handleCancel)
}

// request gives what is asked, with the statement of a saved query where one is named.
func (s *Service) request(ctx context.Context, scope access.Scope, in *askInput) (Request, error) {
	r := Request{SQL: in.Body.SQL, Target: in.Body.Target, Timeout: time.Duration(in.Body.TimeoutSeconds) * time.Second, Wait: time.Duration(in.Body.WaitSeconds) * time.Second}
	if in.Body.SavedQuery == uuid.Nil {
		return r, nil
	}
	if r.SQL != "" {
		return r, fault.Field(fault.Invalid, "body.saved_query", "give sql or saved_query, not both")
	}
	var err error
	r.SQL, err = s.Saved(ctx, scope, in.Body.SavedQuery)
	return r, err
}

func (s *Service) handleAsk(ctx context.Context, scope access.Scope, in *askInput) (*body[apiAsked], error) {
	r, err := s.request(ctx, scope, in)
	if err != nil {
		return nil, err
	}
	q, err := s.Ask(ctx, scope, r)
	if err != nil {
		return nil, err
	}
	return &body[apiAsked]{apiAsked{ID: q.ID, Targets: q.Counts.Targets, Online: q.Counts.Running}}, nil
}

func (s *Service) handleEstimate(ctx context.Context, scope access.Scope, in *askInput) (*body[Estimate], error) {
	r, err := s.request(ctx, scope, in)
	if err != nil {
		return nil, err
	}
	out, err := s.EstimateCost(ctx, scope, r)
	if err != nil {
		return nil, err
	}
	return &body[Estimate]{*out}, nil
}

func (s *Service) handleList(ctx context.Context, scope access.Scope, in *httpapi.Paging) (*body[httpapi.Page[apiQuery]], error) {
	before := uuid.Max
	if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
		return nil, err
	}
	var found []*Query
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = listQueries(ctx, tx, before, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]apiQuery, len(found))
	for i, q := range found {
		items[i] = toAPI(q)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last apiQuery) any { return last.ID })
	return &body[httpapi.Page[apiQuery]]{page}, err
}

func (s *Service) handleGet(ctx context.Context, scope access.Scope, in *idInput) (*body[apiQuery], error) {
	q, err := s.find(ctx, scope, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[apiQuery]{toAPI(q)}, nil
}

func (s *Service) find(ctx context.Context, scope access.Scope, id uuid.UUID) (q *Query, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		q, err = findQuery(ctx, tx, id)
		return err
	})
	return q, err
}

func (s *Service) handleAgents(ctx context.Context, scope access.Scope, in *agentsInput) (*body[httpapi.Page[apiAgent]], error) {
	var after position
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	var lines []AgentLine
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := findQuery(ctx, tx, in.ID); err != nil {
			return err
		}
		var err error
		lines, err = listAgents(ctx, tx, in.ID, Outcome(in.Outcome), after, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	var items []apiAgent
	for _, l := range lines {
		items = append(items, apiAgent{l.AgentID, l.Hostname, l.TenantName, l.Outcome, l.Rows, l.DurationMS, l.Error})
	}
	page, err := httpapi.NewPage(items, in.Limit, func(apiAgent) any {
		return position{Tenant: lines[in.Limit-1].tenant, Agent: lines[in.Limit-1].agent}
	})
	return &body[httpapi.Page[apiAgent]]{page}, err
}

// handleRows pages through rows in the order of agents. A page ends inside a part where it must.
func (s *Service) handleRows(ctx context.Context, scope access.Scope, in *rowsInput) (*body[httpapi.Page[apiRow]], error) {
	var from position
	if err := httpapi.DecodeCursor(in.Cursor, &from); err != nil {
		return nil, err
	}
	page := httpapi.Page[apiRow]{Items: []apiRow{}}
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := s.findReadable(ctx, tx, in.ID); err != nil {
			return err
		}
		var err error
		page.Items, page.NextCursor, err = readRows(ctx, tx, in.ID, from, in.Limit)
		return err
	})
	return &body[httpapi.Page[apiRow]]{page}, err
}

// readRows gives up to limit rows from a position on, and the cursor of the next.
func readRows(ctx context.Context, tx *postgres.Tx, id uuid.UUID, from position, limit int) ([]apiRow, string, error) {
	items := []apiRow{}
	for {
		parts, err := listParts(ctx, tx, id, nil, from)
		if err != nil || len(parts) == 0 {
			return items, "", err
		}
		for _, p := range parts {
			var rows [][]json.RawMessage
			if err := json.Unmarshal([]byte(p.Rows), &rows); err != nil {
				return nil, "", fmt.Errorf("stored answer of agent %s: %w", p.AgentID, err)
			}
			here := position{Tenant: p.tenant, Agent: p.agent, Part: p.part}
			if here == (position{Tenant: from.Tenant, Agent: from.Agent, Part: from.Part}) {
				here.Row = from.Row
			}
			for ; here.Row >= 0 && here.Row < len(rows); here.Row++ {
				if len(items) == limit {
					cursor, err := httpapi.EncodeCursor(here)
					return items, cursor, err
				}
				items = append(items, apiRow{p.AgentID, p.Hostname, p.Columns, rows[here.Row]})
			}
			from = position{Tenant: p.tenant, Agent: p.agent, Part: p.part + 1}
		}
	}
}

func (s *Service) handleStream(ctx context.Context, scope access.Scope, in *idInput) (*httpapi.Stream, error) {
	if _, err := s.Shapes(ctx, scope, in.ID); err != nil {
		return nil, err
	}
	return httpapi.NDJSON(func(ctx context.Context, send func(any) error) error {
		err := s.Stream(ctx, scope, in.ID, func(e Event) error { return send(e) })
		var told *fault.Error
		if errors.As(err, &told) {
			return send(Event{Type: "error", Error: told.Message})
		}
		return err
	}), nil
}

func (s *Service) handleCancel(ctx context.Context, scope access.Scope, in *idInput) (*body[apiQuery], error) {
	q, err := s.Cancel(ctx, scope, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[apiQuery]{toAPI(q)}, nil
}
