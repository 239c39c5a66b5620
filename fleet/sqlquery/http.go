package sqlquery

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type runInput struct {
	Body struct {
		SQL    string    `json:"sql,omitempty" maxLength:"65536"`
		Saved  uuid.UUID `json:"saved_query,omitzero" doc:"Id of the saved query to answer instead of sql."`
		Mode   string    `json:"mode,omitempty" enum:"last_known,as_of" doc:"last_known where absent."`
		At     time.Time `json:"at,omitzero" doc:"The moment of as_of."`
		Per    Per       `json:"per,omitempty" enum:"agent,fleet" doc:"Answer for each agent by itself, as live, or once over all. Absent: once over all where the statement names tenant, agent, hostname or seen_from."`
		Target struct {
			AgentIDs  []uuid.UUID `json:"agent_ids,omitempty" maxItems:"10000"`
			Platforms []string    `json:"platforms,omitempty" maxItems:"3" enum:"linux,darwin,windows"`
			Tags      []string    `json:"tags,omitempty" maxItems:"100" maxLength:"100"`
			Groups    []uuid.UUID `json:"groups,omitempty" maxItems:"100"`
		} `json:"target,omitzero" doc:"Every list that is not empty narrows; nothing means all agents."`
	}
}

type secondInput struct {
	ID   uuid.UUID `path:"id"`
	Body struct {
		SQL string `json:"sql" maxLength:"65536" doc:"Over the table answers: the live query's columns, and agent, hostname, tenant."`
	}
}

// Routes registers the feature's operations.
func (s *Service) Routes(api *httpapi.API) {
	httpapi.Register(api, httpapi.Operation{
		ID: "run-query", Method: http.MethodPost, Path: "/queries/run", Tags: []string{"queries"}, Permission: access.QueryRun, Audit: "queries.run", Recursive: true, Stream: true,
		Summary: "Answer SQL over the last known state, or that of a past moment: events of type rows, agent and done, one a line",
	}, s.handleRun)
	httpapi.Register(api, httpapi.Operation{
		ID: "query-live-answers", Method: http.MethodPost, Path: "/live-queries/{id}/sql", Tags: []string{"queries"}, Permission: access.QueryRun, ReadOnly: true, Recursive: true, Stream: true,
		Summary: "Answer SQL over the table answers of a live query: events of type rows and done, one a line",
	}, s.handleSecond)
}

func (s *Service) handleRun(ctx context.Context, scope access.Scope, in *runInput) (*httpapi.Stream, error) {
	r := Request{SQL: in.Body.SQL, At: in.Body.At, Per: in.Body.Per}
	r.Target = Target{AgentIDs: in.Body.Target.AgentIDs, Platforms: in.Body.Target.Platforms, Tags: in.Body.Target.Tags, Groups: in.Body.Target.Groups}
	if in.Body.Saved != uuid.Nil {
		if r.SQL != "" {
			return nil, fault.Field(fault.Invalid, "body.saved_query", "give sql or saved_query, not both")
		}
		var err error
		if r.SQL, err = s.Saved(ctx, scope, in.Body.Saved); err != nil {
			return nil, err
		}
	}
	switch asOf := in.Body.Mode == "as_of"; {
	case asOf && r.At.IsZero():
		return nil, fault.Field(fault.Invalid, "body.at", "as_of needs a moment")
	case !asOf && !r.At.IsZero():
		return nil, fault.Field(fault.Invalid, "body.mode", "a moment needs the mode as_of")
	}
	q, err := s.Prepare(ctx, scope, r)
	if err != nil {
		return nil, err
	}
	return s.stream(q.Answer), nil
}

func (s *Service) handleSecond(ctx context.Context, scope access.Scope, in *secondInput) (*httpapi.Stream, error) {
	second, err := s.PrepareSecond(ctx, scope, in.ID, in.Body.SQL)
	if err != nil {
		return nil, err
	}
	return s.stream(second.Answer), nil
}

// stream sends an answer's events, and an error as the last of them.
func (s *Service) stream(answer func(context.Context, func(Event) error) error) *httpapi.Stream {
	return httpapi.NDJSON(func(ctx context.Context, send func(any) error) error {
		err := answer(ctx, func(e Event) error { return send(e) })
		var told *fault.Error
		if errors.As(err, &told) {
			return send(Event{Type: "error", Error: told.Message})
		}
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "a statement over stored rows", "err", err)
			return send(Event{Type: "error", Error: "an internal error occurred: the server's log has it"})
		}
		return err
	})
}
