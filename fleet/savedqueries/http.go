package savedqueries

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/internal/textdiff"
)

// Item is a saved query as the API shows it.
type Item struct {
	ID            uuid.UUID  `json:"id"`
	TenantID      uuid.UUID  `json:"tenant_id"`
	InheritedFrom *uuid.UUID `json:"inherited_from,omitempty" doc:"The tenant above whose query it is."`
	Name          string     `json:"name"`
	Description   string     `json:"description"`
	SQL           string     `json:"sql"`
	Sharing       Sharing    `json:"sharing" enum:"shared,mine"`
	Owner         string     `json:"owner"`
	Version       int        `json:"version" doc:"Of the statement, from 1."`
	MayChange     bool       `json:"may_change"`
	CreatedAt     time.Time  `json:"created_at"`
	ModifiedAt    time.Time  `json:"modified_at"`
	ModifiedBy    string     `json:"modified_by"`
}

func itemOf(scope access.Scope, q Query) Item {
	item := Item{ID: q.ID, TenantID: q.TenantID, Name: q.Name, Description: q.Description, SQL: q.SQL, Sharing: q.Sharing, Owner: q.OwnerName, Version: q.Version,
		MayChange: q.mayChange(scope), CreatedAt: q.CreatedAt, ModifiedAt: q.ModifiedAt, ModifiedBy: q.ModifiedBy}
	if q.Tenant != scope.Tenant {
		item.InheritedFrom = &q.TenantID
	}
	return item
}

type (
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	listInput struct {
		httpapi.Paging
		Sharing string `query:"sharing" enum:"shared,mine"`
		Query   string `query:"q" maxLength:"200" doc:"Part of the name, the description or the statement."`
	}
	queryBody struct {
		Name        string  `json:"name" maxLength:"100"`
		Description string  `json:"description,omitempty" maxLength:"2000"`
		SQL         string  `json:"sql" maxLength:"65536"`
		Sharing     Sharing `json:"sharing,omitempty" enum:"shared,mine" doc:"shared: for everybody of the tenant and of those below it who may run queries. Absent: mine."`
	}
	createInput struct{ Body queryBody }
	putInput    struct {
		ID uuid.UUID `path:"id"`
		httpapi.IfMatch
		Body queryBody
	}
	diffInput struct {
		ID   uuid.UUID `path:"id"`
		From int       `query:"from" minimum:"0" doc:"Absent: the version before to."`
		To   int       `query:"to" minimum:"0" doc:"Absent: the present version."`
	}
	// PackBody says of which pack a saved query becomes a part. Exported, so that inputs may embed it.
	PackBody struct {
		Pack            string   `json:"pack" maxLength:"120" doc:"A pack of the tenant; it is made where there is none."`
		Query           string   `json:"query" maxLength:"120" doc:"The query's name in the pack; one of that name is replaced."`
		IntervalSeconds int      `json:"interval_seconds,omitempty" minimum:"0" maximum:"604800" doc:"An hour where absent."`
		At              string   `json:"at,omitempty" maxLength:"200" doc:"By the clock instead: 03:00, mon-fri 09:00,17:30, or the five fields of a crontab."`
		Zone            string   `json:"zone,omitempty" maxLength:"64" doc:"Of at: an IANA name, or tenant for the tenant's; absent: the endpoint's own."`
		Platforms       []string `json:"platforms,omitempty" maxItems:"3" enum:"linux,darwin,windows"`
		Mode            string   `json:"mode,omitempty" enum:"differential,snapshot,append"`
	}
	packInput struct {
		ID   uuid.UUID `path:"id"`
		Body PackBody
	}
	ruleInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			PackBody
			Rule      string `json:"rule" maxLength:"64"`
			Title     string `json:"title" maxLength:"200"`
			Severity  string `json:"severity" enum:"low,medium,high,critical"`
			Threshold int    `json:"threshold,omitempty" minimum:"0" maximum:"100" doc:"Rows of one agent from which on it fires; 1 where absent."`
		}
	}
	scheduledOutput struct {
		Body struct {
			Collection string `json:"collection" doc:"Under which agents send the rows."`
		}
	}
	itemOutput struct {
		ETag string `header:"ETag"`
		Body Item
	}
	body[T any] struct{ Body T }
)

func (b PackBody) query() PackQuery {
	return PackQuery{Pack: b.Pack, Name: b.Query, Interval: time.Duration(b.IntervalSeconds) * time.Second, At: b.At, Zone: b.Zone, Platforms: b.Platforms, Mode: b.Mode}
}

func (b queryBody) draft() Draft {
	d := Draft(b)
	if d.Sharing == "" {
		d.Sharing = Mine
	}
	return d
}

// Routes registers the feature's operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"queries"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-saved-queries", Method: http.MethodGet, Path: "/saved-queries", Tags: tags, Permission: access.QueryRun,
		Summary: "List the saved queries that one sees: one's own, the tenant's, and those shared above it",
	}, s.listItems)
	httpapi.Register(api, httpapi.Operation{
		ID: "create-saved-query", Method: http.MethodPost, Path: "/saved-queries", Tags: tags, Permission: access.QueryRun, Audit: "saved_queries.create", Status: http.StatusCreated,
		Summary: "Save a query; it may read what its author may",
	}, func(ctx context.Context, scope access.Scope, in *createInput) (*itemOutput, error) {
		q, err := s.Create(ctx, scope, in.Body.draft())
		return output(scope, q, err)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "get-saved-query", Method: http.MethodGet, Path: "/saved-queries/{id}", Tags: tags, Permission: access.QueryRun, Summary: "Show a saved query",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*itemOutput, error) {
		q, err := s.Find(ctx, scope, in.ID)
		return output(scope, q, err)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-saved-query", Method: http.MethodPut, Path: "/saved-queries/{id}", Tags: tags, Permission: access.QueryRun, Audit: "saved_queries.update",
		Summary: "Change a saved query; another statement is a new version",
	}, func(ctx context.Context, scope access.Scope, in *putInput) (*itemOutput, error) {
		q, err := s.Change(ctx, scope, in.ID, in.Body.draft(), func(q Query) error { return in.Check(q.ModifiedAt) })
		return output(scope, q, err)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-saved-query", Method: http.MethodDelete, Path: "/saved-queries/{id}", Tags: tags, Permission: access.QueryRun, Audit: "saved_queries.delete",
		Summary: "Delete a saved query; packs and rules made of it stay",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.Delete(ctx, scope, in.ID)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-saved-query-versions", Method: http.MethodGet, Path: "/saved-queries/{id}/versions", Tags: tags, Permission: access.QueryRun,
		Summary: "List the statements that a saved query has had, the youngest first",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[httpapi.Page[Version]], error) {
		found, err := s.Versions(ctx, scope, in.ID)
		if err != nil {
			return nil, err
		}
		return &body[httpapi.Page[Version]]{httpapi.Page[Version]{Items: found}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "diff-saved-query", Method: http.MethodGet, Path: "/saved-queries/{id}/diff", Tags: tags, Permission: access.QueryRun,
		Summary: "Tell line by line how one version of a saved query became another",
	}, func(ctx context.Context, scope access.Scope, in *diffInput) (*body[httpapi.Page[textdiff.Line]], error) {
		lines, err := s.Diff(ctx, scope, in.ID, in.From, in.To)
		if err != nil {
			return nil, err
		}
		return &body[httpapi.Page[textdiff.Line]]{httpapi.Page[textdiff.Line]{Items: lines}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "schedule-saved-query", Method: http.MethodPost, Path: "/saved-queries/{id}/pack", Tags: tags, Permission: access.PacksManage, Feature: access.ScanScheduling,
		Audit: "packs.put", Status: http.StatusOK, Summary: "Make a saved query part of a pack",
	}, func(ctx context.Context, scope access.Scope, in *packInput) (*scheduledOutput, error) {
		return scheduled(s.Schedule(ctx, scope, in.ID, in.Body.query()))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "alert-saved-query", Method: http.MethodPost, Path: "/saved-queries/{id}/rule", Tags: tags, Permission: access.PacksManage, Feature: access.Alerts,
		Audit: "rules.put", Status: http.StatusOK, Summary: "Make a saved query part of a pack, and an alert rule over its rows",
	}, func(ctx context.Context, scope access.Scope, in *ruleInput) (*scheduledOutput, error) {
		rule := Rule{ID: in.Body.Rule, Title: in.Body.Title, Severity: in.Body.Severity, Threshold: max(in.Body.Threshold, 1)}
		return scheduled(s.Alert(ctx, scope, in.ID, in.Body.query(), rule))
	})
}

func scheduled(collection string, err error) (*scheduledOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &scheduledOutput{}
	out.Body.Collection = collection
	return out, nil
}

func output(scope access.Scope, q Query, err error) (*itemOutput, error) {
	if err != nil {
		return nil, err
	}
	return &itemOutput{httpapi.ETag(q.ModifiedAt), itemOf(scope, q)}, nil
}

func (s *Service) listItems(ctx context.Context, scope access.Scope, in *listInput) (*body[httpapi.Page[Item]], error) {
	f := filter{sharing: Sharing(in.Sharing), text: in.Query, limit: in.Limit + 1}
	if err := httpapi.DecodeCursor(in.Cursor, &f.after); err != nil {
		return nil, err
	}
	found, err := s.list(ctx, scope, f)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(found))
	for i, q := range found {
		items[i] = itemOf(scope, q)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last Item) any { return place{last.Name, last.ID} })
	return &body[httpapi.Page[Item]]{page}, err
}
