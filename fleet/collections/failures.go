package collections

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
)

// FailureItem is a query that did not run well when an agent ran it last.
type FailureItem struct {
	AgentID    uuid.UUID `json:"agent_id"`
	Hostname   string    `json:"hostname"`
	Tenant     string    `json:"tenant"`
	Collection string    `json:"collection"`
	Severity   string    `json:"severity" enum:"warn,error" doc:"error: the statement failed; warn: a limit ended it."`
	StatusCode int       `json:"status_code" doc:"1 the statement failed, 2 ended by a limit."`
	Log        string    `json:"execution_log"`
	DurationMS int64     `json:"duration_ms"`
	CPUMillis  int64     `json:"cpu_ms"`
	At         time.Time `json:"at"`
}

// severities are the status codes by the word that people filter by.
var severities = map[string]int{"": 0, "error": 1, "warn": 2}

type failuresInput struct {
	httpapi.Paging
	Severity   string `query:"severity" enum:"warn,error"`
	Agent      string `query:"agent_id" maxLength:"36"`
	Collection string `query:"collection" maxLength:"250"`
}

// failureRoute registers the list of what does not run well.
func (s *Service) failureRoute(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "list-agent-failures", Method: http.MethodGet, Path: "/agent-failures", Tags: []string{"agents"}, Permission: access.AgentsRead, Recursive: true,
		Summary: "List the queries that failed, or were ended by a limit, when agents ran them last: which, where and why",
	}, s.failures)
}

func (s *Service) failures(ctx context.Context, scope access.Scope, in *failuresInput) (*body[httpapi.Page[FailureItem]], error) {
	f := rows.FailureFilter{StatusCode: severities[in.Severity], Collection: in.Collection, Limit: in.Limit + 1}
	if in.Agent != "" {
		id, err := uuid.Parse(in.Agent)
		if err != nil {
			return nil, fault.Field(fault.Invalid, "query.agent_id", "is no agent's id")
		}
		f.Agent = &id
	}
	if err := httpapi.DecodeCursor(in.Cursor, &f.After); err != nil {
		return nil, err
	}
	var found []rows.Failure
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = rows.Failures(ctx, tx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]FailureItem, len(found))
	for i, x := range found {
		items[i] = FailureItem{x.AgentID, x.Hostname, x.Tenant, x.Collection, "error", x.StatusCode, x.Log, x.DurationMS, x.CPUMillis, x.LastBatchAt}
		if x.StatusCode == severities["warn"] {
			items[i].Severity = "warn"
		}
	}
	page, err := httpapi.NewPage(items, in.Limit, func(FailureItem) any { return found[in.Limit-1].Place })
	return &body[httpapi.Page[FailureItem]]{page}, err
}
