// Package collections shows what an agent has told: its collections with their freshness, and the rows of each now or at
// a past time.
package collections

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/tables"
)

// Service reads collections. Safe for concurrent use.
type Service struct {
	db      *postgres.DB
	classOf func(ctx context.Context, scope access.Scope, collection string) (tables.Class, error)
}

// New makes a Service. classOf gives the highest privacy class among what a collection's query reads.
func New(db *postgres.DB, classOf func(ctx context.Context, scope access.Scope, collection string) (tables.Class, error)) *Service {
	return &Service{db, classOf}
}

// Item is a collection as the API shows it.
type Item struct {
	Collection  string    `json:"collection"`
	Rows        int64     `json:"rows"`
	ChangedAt   time.Time `json:"changed_at"`
	LastBatchAt time.Time `json:"last_batch_at"`
	StatusCode  int       `json:"status_code" doc:"0 well, 1 the statement failed, 2 ended by a limit."`
	Error       string    `json:"error"`
	DurationMS  int64     `json:"duration_ms"`
	CPUMillis   int64     `json:"cpu_ms"`
}

// Rows is a page of a collection's rows. Every row is as long as Columns.
type Rows struct {
	Columns    []string         `json:"columns"`
	Rows       [][]tables.Value `json:"rows"`
	SeenFrom   []time.Time      `json:"seen_from" doc:"Since when the agent has each row."`
	NextCursor string           `json:"next_cursor,omitempty"`
}

type listInput struct {
	ID uuid.UUID `path:"id"`
	httpapi.Paging
}

type rowsInput struct {
	ID         uuid.UUID `path:"id"`
	Collection string    `path:"collection" maxLength:"300"`
	At         time.Time `query:"at" doc:"As of this moment; now when absent."`
	httpapi.Paging
}

type body[T any] struct{ Body T }

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.API) {
	s.failureRoute(api)
	s.costRoute(api)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-collections", Method: http.MethodGet, Path: "/agents/{id}/collections", Tags: []string{"agents"}, Permission: access.AgentsRead, Recursive: true,
		Summary: "List what an agent has told, with its freshness and cost",
	}, s.list)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-collection-rows", Method: http.MethodGet, Path: "/agents/{id}/collections/{collection}/rows", Tags: []string{"agents"}, Permission: access.AgentsRead, Recursive: true,
		Summary: "List the rows of an agent's collection, now or at a past time",
	}, s.rows)
}

func (s *Service) list(ctx context.Context, scope access.Scope, in *listInput) (*body[httpapi.Page[Item]], error) {
	after := ""
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	var items []Item
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		items = nil
		agent, err := agents.FindAgent(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		found, err := rows.Collections(ctx, tx, agent.Tenant, agent.Key, after, in.Limit+1)
		for _, c := range found {
			item := Item{Collection: c.Name, Rows: c.Rows, ChangedAt: c.ChangedAt, LastBatchAt: c.LastBatchAt, StatusCode: c.StatusCode, DurationMS: c.DurationMS, CPUMillis: c.CPUMillis}
			if c.StatusCode != 0 {
				item.Error = c.Log
			}
			items = append(items, item)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last Item) any { return last.Collection })
	return &body[httpapi.Page[Item]]{page}, err
}

func (s *Service) rows(ctx context.Context, scope access.Scope, in *rowsInput) (*body[Rows], error) {
	var after *int64
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	class, err := s.classOf(ctx, scope, in.Collection)
	if err != nil {
		return nil, err
	}
	if !scope.MayRead(class) {
		return nil, fault.New(fault.Forbidden, "this collection holds columns of class %s, which your role may not read", class)
	}
	out := Rows{}
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		agent, err := agents.FindAgent(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		collection, err := rows.FindCollection(ctx, tx, agent.Tenant, agent.Key, in.Collection)
		if err != nil {
			return err
		}
		page, err := rows.Read(ctx, tx, rows.Query{Tenant: agent.Tenant, Agent: agent.Key, Collection: collection.ID, At: in.At, After: after, Limit: in.Limit})
		if err != nil {
			return err
		}
		out = Rows{Columns: page.Columns, Rows: make([][]tables.Value, len(page.Rows)), SeenFrom: make([]time.Time, len(page.Rows))}
		for i, row := range page.Rows {
			out.Rows[i], out.SeenFrom[i] = row.Values, row.SeenFrom
		}
		if page.Next != nil {
			out.NextCursor, err = httpapi.EncodeCursor(*page.Next)
		}
		return err
	})
	return &body[Rows]{out}, err
}
