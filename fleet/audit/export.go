package audit

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/internal/spreadsheet"
)

const (
	exportPage    = 1000
	exportsAnHour = 10 // of one person or token
	exportTime    = 30 * time.Second
)

type exportInput struct{ FilterInput }

// exportRoute registers the export as CSV. It is itself in the log, with what was asked for.
func (s *Service) exportRoute(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "export-audit", Method: http.MethodGet, Path: "/audit/export", Summary: "Read the log as CSV, newest first", Tags: []string{"audit"},
		Permission: access.AuditRead, Feature: access.Export, Audit: "audit.export", Stream: true,
	}, func(ctx context.Context, scope access.Scope, in *exportInput) (*httpapi.Stream, error) {
		filter, err := in.filter()
		if err != nil {
			return nil, err
		}
		if err := s.noteExport(ctx, scope, in.FilterInput); err != nil {
			return nil, err
		}
		filter.Limit = exportPage
		return &httpapi.Stream{Body: func(ctx huma.Context) { s.export(ctx, scope, filter) }}, nil
	})
}

const sqlRecent = `SELECT count(*) FROM audit_entries WHERE tenant_id = $1 AND action = $2 AND actor_id = $3 AND at > $4`

// AtMostHourly refuses what the scope's actor did so often already within the last hour, as the scope's log tells.
func AtMostHourly(ctx context.Context, tx *postgres.Tx, action string, most int) error {
	var recent int
	if err := tx.QueryRow(ctx, sqlRecent, tx.Scope.Tenant, action, tx.Scope.Actor.ID, tx.Now.Add(-time.Hour)).Scan(&recent); err != nil {
		return fmt.Errorf("count %s: %w", action, err)
	}
	if recent >= most {
		return httpapi.TooMany(time.Hour / time.Duration(most))
	}
	return nil
}

// noteExport records the export before its first byte, and refuses too many.
func (s *Service) noteExport(ctx context.Context, scope access.Scope, in FilterInput) error {
	return s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if err := AtMostHourly(ctx, tx, "audit.export", exportsAnHour); err != nil {
			return err
		}
		return Record(ctx, tx, Entry{Action: "audit.export", Object: "audit", Detail: map[string]any{
			"action": in.Action, "actor": in.Actor, "object": in.Object, "msp_scope_token": in.Grant, "since": in.Since, "until": in.Until,
		}})
	})
}

// export writes page after page until the log's begin. After the first byte an error can only end the file early; its
// last line then says so.
func (s *Service) export(ctx huma.Context, scope access.Scope, filter Filter) {
	_, w := humago.Unwrap(ctx)
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="audit.csv"`)
	w.WriteHeader(http.StatusOK)
	out := spreadsheet.NewWriter(w)
	out.Write("seq", "at", "actor_kind", "actor", "actor_id", "on_behalf", "msp_scope_token", "action", "object", "address", "detail")
	for {
		var entries []Stored
		err := s.db.InScope(ctx.Context(), scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
			var err error
			entries, err = ListEntries(ctx, tx, filter)
			return err
		})
		if err != nil {
			out.Write("", "", "", "", "", "", "", "INCOMPLETE", "the export ended early: start it again", "", "")
		}
		for _, e := range entries {
			out.Write(strconv.FormatInt(e.Seq, 10), e.At.UTC().Format(time.RFC3339Nano), e.ActorKind, e.ActorName, idText(e.ActorID), idText(e.OnBehalf), idText(e.Grant),
				e.Action, e.Object, e.Address, string(e.Detail))
			filter.Before = e.Seq
		}
		_ = control.SetWriteDeadline(time.Now().Add(exportTime)) // unsupported only by test recorders
		if out.Flush() != nil || err != nil || len(entries) < filter.Limit {
			return
		}
	}
}

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// FilterInput is what lists and exports of the log are narrowed by.
type FilterInput struct {
	Action string    `query:"action" maxLength:"100" doc:"Such as users.deactivate; users.* is all of users."`
	Actor  string    `query:"actor" maxLength:"254" doc:"Id of the person, agent or token, or the name that is shown."`
	Object string    `query:"object" maxLength:"200" doc:"Such as user:<id>; user:* is all of that kind."`
	Grant  string    `query:"msp_scope_token" maxLength:"36" doc:"What was done with a grant of access."`
	Since  time.Time `query:"since" doc:"From this time on."`
	Until  time.Time `query:"until" doc:"Before this time."`
}

func (in FilterInput) filter() (Filter, error) {
	filter := Filter{Action: in.Action, Object: in.Object, Since: in.Since, Until: in.Until}
	if id, err := uuid.Parse(in.Actor); err == nil {
		filter.Actor = id
	} else {
		filter.ActorName = in.Actor
	}
	if in.Grant != "" {
		id, err := uuid.Parse(in.Grant)
		if err != nil {
			return Filter{}, fault.Field(fault.Invalid, "query.msp_scope_token", "is not an id")
		}
		filter.Grant = id
	}
	return filter, nil
}
