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

// WindowItem is a time in which people are not told.
type WindowItem struct {
	ID         *uuid.UUID `json:"id,omitempty"`
	Name       string     `json:"name" maxLength:"200"`
	Kind       WindowKind `json:"kind" enum:"maintenance,quiet"`
	StartsAt   *time.Time `json:"starts_at,omitempty" doc:"Of a window that is once."`
	EndsAt     *time.Time `json:"ends_at,omitempty"`
	Days       []int      `json:"days,omitempty" maxItems:"7" doc:"Of a window that comes again every week: 0 is Sunday."`
	FromMinute int        `json:"from_minute,omitempty" minimum:"0" maximum:"1439" doc:"Of the day, in zone."`
	Minutes    int        `json:"minutes,omitempty" minimum:"0" maximum:"10080" doc:"How long it lasts."`
	Zone       string     `json:"zone,omitempty" maxLength:"64" doc:"Such as Europe/Berlin."`
	Rules      []string   `json:"rules,omitempty" maxItems:"100" doc:"Only alerts of these rules."`
	Tags       []string   `json:"tags,omitempty" maxItems:"100" doc:"Only alerts all of whose agents have one of these tags."`
	Below      string     `json:"below,omitempty" enum:"medium,high,critical" doc:"Only alerts of a severity below this."`
	Active     bool       `json:"active,omitempty" readOnly:"true"`
}

type windowInput struct{ Body WindowItem }

func (s *Service) windowRoutes(api *httpapi.API) {
	tags := []string{"alerts"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-alert-windows", Method: http.MethodGet, Path: "/alert-windows", Tags: tags, Permission: access.FindingsRead, Feature: access.Alerts, Summary: "List windows of maintenance and of quiet",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*body[httpapi.Page[WindowItem]], error) {
		found, err := s.Windows(ctx, scope)
		if err != nil {
			return nil, err
		}
		items := make([]WindowItem, len(found))
		for i := range found {
			items[i] = windowItemOf(&found[i], s.now())
		}
		return &body[httpapi.Page[WindowItem]]{httpapi.Page[WindowItem]{Items: items}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "create-alert-window", Method: http.MethodPost, Path: "/alert-windows", Tags: tags, Permission: access.FindingsManage, Feature: access.Alerts,
		Audit: "alert_windows.create", Status: http.StatusOK, Summary: "Have nobody told of alerts for a time, once or every week",
	}, func(ctx context.Context, scope access.Scope, in *windowInput) (*body[WindowItem], error) {
		w, err := in.Body.window()
		if err == nil {
			w, err = s.AddWindow(ctx, scope, w)
		}
		if err != nil {
			return nil, err
		}
		return &body[WindowItem]{windowItemOf(&w, s.now())}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-alert-window", Method: http.MethodDelete, Path: "/alert-windows/{id}", Tags: tags, Permission: access.FindingsManage,
		Audit: "alert_windows.delete", Summary: "End a window",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.DeleteWindow(ctx, scope, in.ID)
	})
}

func (i WindowItem) window() (Window, error) {
	w := Window{Name: i.Name, Kind: i.Kind, FromMinute: i.FromMinute, Minutes: i.Minutes, Zone: i.Zone, Rules: i.Rules, Tags: i.Tags}
	if i.StartsAt != nil {
		w.StartsAt = *i.StartsAt
	}
	if i.EndsAt != nil {
		w.EndsAt = *i.EndsAt
	}
	for _, day := range i.Days {
		w.Days = append(w.Days, time.Weekday(day))
	}
	var err error
	if i.Below != "" {
		w.Below, err = findings.ParseSeverity(i.Below)
	}
	return w, err
}

func windowItemOf(w *Window, now time.Time) WindowItem {
	item := WindowItem{ID: &w.ID, Name: w.Name, Kind: w.Kind, Rules: w.Rules, Tags: w.Tags}
	if w.Below > 0 {
		item.Below = w.Below.String()
	}
	_, item.Active = w.Active(now)
	if !w.weekly() {
		item.StartsAt, item.EndsAt = &w.StartsAt, &w.EndsAt
		return item
	}
	for _, day := range w.Days {
		item.Days = append(item.Days, int(day))
	}
	item.FromMinute, item.Minutes, item.Zone = w.FromMinute, w.Minutes, w.Zone
	return item
}
