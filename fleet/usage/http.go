package usage

import (
	"context"
	"net/http"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type (
	standingsInput struct{ httpapi.Paging }
	historyInput   struct {
		httpapi.Paging
		By   string `query:"by" enum:"day,month" default:"day"`
		From string `query:"from" maxLength:"10" doc:"First day, such as 2026-01-01, UTC; 30 days or 12 months back when absent."`
		To   string `query:"to" maxLength:"10" doc:"Last day; today when absent."`
	}
	body[T any] struct{ Body T }
)

// Routes registers the feature's operations. How a tenant stands is shown in every plan; the report over time is a feature
// of larger ones.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"usage"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-usage", Method: http.MethodGet, Path: "/usage", Tags: tags, Permission: access.UsageRead, Recursive: true,
		Summary: "Show how much of its plan a tenant uses",
	}, func(ctx context.Context, scope access.Scope, in *standingsInput) (*body[httpapi.Page[Standing]], error) {
		var after place
		if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
			return nil, err
		}
		found, err := s.Standings(ctx, scope, after, in.Limit+1)
		if err != nil {
			return nil, err
		}
		page, err := httpapi.NewPage(found, in.Limit, func(last Standing) any { return place{last.Tenant} })
		return &body[httpapi.Page[Standing]]{page}, err
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-usage-history", Method: http.MethodGet, Path: "/usage/history", Tags: tags, Permission: access.UsageRead, Feature: access.BillingReports, Recursive: true,
		Summary: "List what a tenant used by day or month, the youngest first",
	}, func(ctx context.Context, scope access.Scope, in *historyInput) (*body[httpapi.Page[Period]], error) {
		h := History{By: in.By}
		for _, day := range []struct {
			name, text string
			into       *time.Time
		}{{"from", in.From, &h.From}, {"to", in.To, &h.To}} {
			if day.text == "" {
				continue
			}
			at, err := time.Parse(time.DateOnly, day.text)
			if err != nil {
				return nil, fault.Field(fault.Invalid, "query."+day.name, "is no day such as 2026-01-31")
			}
			*day.into = at
		}
		var after since
		if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
			return nil, err
		}
		found, err := s.Periods(ctx, scope, h, after, in.Limit+1)
		if err != nil {
			return nil, err
		}
		page, err := httpapi.NewPage(found, in.Limit, func(last Period) any { return since{last.begin, last.Tenant} })
		return &body[httpapi.Page[Period]]{page}, err
	})
}
