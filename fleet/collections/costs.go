package collections

import (
	"context"
	"net/http"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
)

// CostItem is what a collection's query takes on the agents that tell it.
type CostItem struct {
	Collection   string    `json:"collection"`
	Agents       int64     `json:"agents"`
	Failing      int64     `json:"failing" doc:"Of them, where the statement failed or was ended by a limit when it ran last."`
	Rows         int64     `json:"rows" doc:"On all of them together."`
	CPUMillisP50 int64     `json:"cpu_ms_p50" doc:"CPU of one execution, the last that found a change, on the agent in the middle."`
	CPUMillisP95 int64     `json:"cpu_ms_p95"`
	DurationP50  int64     `json:"duration_ms_p50"`
	DurationP95  int64     `json:"duration_ms_p95"`
	LastBatchAt  time.Time `json:"last_batch_at"`
}

type costsInput struct {
	Prefix string `query:"prefix" maxLength:"300" doc:"What the collection's name begins with, such as pack:inventory/."`
	httpapi.Paging
}

// costRoute registers the list of what queries cost.
func (s *Service) costRoute(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "list-collection-costs", Method: http.MethodGet, Path: "/collection-costs", Tags: []string{"agents"}, Permission: access.AgentsRead, Recursive: true,
		Summary: "List what agents tell, by collection: how many tell it, what an execution costs them, and where it fails",
	}, s.costs)
}

func (s *Service) costs(ctx context.Context, scope access.Scope, in *costsInput) (*body[httpapi.Page[CostItem]], error) {
	after := ""
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	var found []rows.Cost
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = rows.Costs(ctx, tx, in.Prefix, after, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]CostItem, len(found))
	for i, c := range found {
		items[i] = CostItem{c.Collection, c.Agents, c.Failing, c.Rows, c.CPUP50, c.CPUP95, c.DurationP50, c.DurationP95, c.LastBatchAt}
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last CostItem) any { return last.Collection })
	return &body[httpapi.Page[CostItem]]{page}, err
}
