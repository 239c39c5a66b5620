package scanruns

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Item is a scan as the API shows it.
type Item struct {
	ID            uuid.UUID `json:"id"`
	ScanContextID string    `json:"scan_context_id" doc:"What the batches of the scan carry."`
	Collections   []string  `json:"collections" doc:"What was asked for; nothing means everything that was scheduled."`
	State         State     `json:"state" enum:"running,done,cancelled"`
	CreatedBy     string    `json:"created_by"`
	CreatedAt     time.Time `json:"created_at"`
	EndsAt        time.Time `json:"ends_at" doc:"When agents that did not tell are given up."`
	Counts        Counts    `json:"counts"`
}

func itemOf(s Scan) Item {
	return Item{ID: s.ID, ScanContextID: ContextID(s.ID), Collections: s.Collections, State: s.State, CreatedBy: s.CreatedBy, CreatedAt: s.CreatedAt, EndsAt: s.Deadline, Counts: s.Counts}
}

type (
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	triggerInput struct {
		Body struct {
			Target Selection `json:"target,omitzero" doc:"Everything that is not empty narrows; nothing means all agents."`
			What
		}
	}
	pageInput struct {
		ID uuid.UUID `path:"id"`
		httpapi.Paging
	}
	resultsInput struct {
		ID uuid.UUID `path:"id"`
		httpapi.Paging
		Failed bool `query:"failed" doc:"Only executions that failed or were ended by a limit."`
	}
	body[T any] struct{ Body T }
)

// Routes registers the feature's operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"scans"}
	httpapi.Register(api, httpapi.Operation{
		ID: "trigger-scan", Method: http.MethodPost, Path: "/scan/trigger", Tags: tags, Permission: mayScan, Audit: "scans.trigger", Recursive: true, Status: http.StatusCreated,
		Summary: "Have agents run what they have scheduled now",
	}, func(ctx context.Context, scope access.Scope, in *triggerInput) (*body[Item], error) {
		scan, err := s.Trigger(ctx, scope, in.Body.Target, in.Body.What)
		if err != nil {
			return nil, err
		}
		return &body[Item]{itemOf(scan)}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-scans", Method: http.MethodGet, Path: "/scans", Tags: tags, Permission: access.AgentsRead, Recursive: true, Summary: "List scans, the youngest first",
	}, s.list)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-scan", Method: http.MethodGet, Path: "/scans/{id}", Tags: tags, Permission: access.AgentsRead, Recursive: true, Summary: "Show how a scan goes",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[Item], error) {
		var scan Scan
		err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
			scan, err = findScan(ctx, tx, in.ID)
			return err
		})
		return &body[Item]{itemOf(scan)}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-scan-agents", Method: http.MethodGet, Path: "/scans/{id}/agents", Tags: tags, Permission: access.AgentsRead, Recursive: true, Summary: "List how a scan goes on each agent",
	}, s.lines)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-scan-results", Method: http.MethodGet, Path: "/scans/{id}/results", Tags: tags, Permission: access.AgentsRead, Recursive: true,
		Summary: "List how each execution of a scan went",
	}, s.results)
	httpapi.Register(api, httpapi.Operation{
		ID: "cancel-scan", Method: http.MethodPost, Path: "/scans/{id}/cancel", Tags: tags, Permission: mayScan, Audit: "scans.cancel", Recursive: true, Status: http.StatusOK,
		Summary: "Stop waiting for a scan",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[Item], error) {
		scan, err := s.Cancel(ctx, scope, in.ID)
		if err != nil {
			return nil, err
		}
		return &body[Item]{itemOf(scan)}, nil
	})
}

func (s *Service) list(ctx context.Context, scope access.Scope, in *httpapi.Paging) (*body[httpapi.Page[Item]], error) {
	var before *uuid.UUID
	if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
		return nil, err
	}
	var found []Scan
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = listScans(ctx, tx, nil, before, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(found))
	for i, scan := range found {
		items[i] = itemOf(scan)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last Item) any { return last.ID })
	return &body[httpapi.Page[Item]]{page}, err
}

func (s *Service) lines(ctx context.Context, scope access.Scope, in *pageInput) (*body[httpapi.Page[AgentLine]], error) {
	var after linePlace
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	var found []AgentLine
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		if _, err = findScan(ctx, tx, in.ID); err != nil {
			return err
		}
		found, err = listLines(ctx, tx, in.ID, after, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	page, err := httpapi.NewPage(found, in.Limit, func(last AgentLine) any { return linePlace{Tenant: last.tenant, Agent: last.agent} })
	return &body[httpapi.Page[AgentLine]]{page}, err
}

func (s *Service) results(ctx context.Context, scope access.Scope, in *resultsInput) (*body[httpapi.Page[Result]], error) {
	var after linePlace
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	var found []Result
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		if _, err = findScan(ctx, tx, in.ID); err != nil {
			return err
		}
		found, err = listResults(ctx, tx, in.ID, in.Failed, after, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	page, err := httpapi.NewPage(found, in.Limit, func(last Result) any {
		return linePlace{Tenant: last.tenant, Agent: last.agent, Collection: last.Collection}
	})
	return &body[httpapi.Page[Result]]{page}, err
}
