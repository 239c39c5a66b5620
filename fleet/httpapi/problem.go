package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tenantra/tenantra/fleet/fault"
)

// Problem is an error as RFC 9457 writes it, with the fault's code.
type Problem struct {
	Type    string         `json:"type" doc:"Always about:blank; the code tells the kind."`
	Title   string         `json:"title" doc:"The status in words."`
	Status  int            `json:"status"`
	Detail  string         `json:"detail" doc:"What went wrong and what to do, for people."`
	Code    string         `json:"code" doc:"What kind of error, for programs." enum:"not_found,invalid,conflict,forbidden,unauthenticated,unavailable,too_many,too_large,tier_required,limit_reached,precondition_failed,second_factor_required,step_up_required,internal"`
	Request string         `json:"request_id,omitempty" doc:"Names the request in the server's log."`
	Errors  []ProblemField `json:"errors,omitempty" doc:"The inputs at fault."`
}

// ProblemField names one input at fault. The value itself is never sent back: it may be a password.
type ProblemField struct {
	Location string `json:"location" doc:"Such as body.email or query.limit."`
	Message  string `json:"message"`
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is huma's way to ask for the status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is huma's way to ask for the content type.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

const codeInternal = "internal"

// statusOf is the one place where codes become statuses.
func statusOf(code fault.Code) int {
	switch code {
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Conflict:
		return http.StatusConflict
	case fault.Forbidden, fault.TierRequired, fault.LimitReached, fault.StepUp:
		return http.StatusForbidden
	case fault.Unauthenticated, fault.SecondFactor:
		return http.StatusUnauthorized
	case fault.Precondition:
		return http.StatusPreconditionFailed
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	default:
		return http.StatusInternalServerError
	}
}

// codeOf turns back the statuses that huma and the router make by themselves.
func codeOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return string(fault.NotFound)
	case http.StatusUnauthorized:
		return string(fault.Unauthenticated)
	case http.StatusForbidden:
		return string(fault.Forbidden)
	case http.StatusConflict:
		return string(fault.Conflict)
	case http.StatusRequestEntityTooLarge:
		return string(fault.TooLarge)
	case http.StatusTooManyRequests:
		return string(fault.TooMany)
	case http.StatusServiceUnavailable:
		return string(fault.Unavailable)
	}
	if status >= 400 && status < 500 {
		return string(fault.Invalid)
	}
	return codeInternal
}

// newProblem renders huma's own errors. Its 422 for bad input is 400 here, as for faults.
func newProblem(status int, message string, errs ...error) huma.StatusError {
	if status == http.StatusUnprocessableEntity {
		status = http.StatusBadRequest
	}
	problem := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: message, Code: codeOf(status)}
	if status >= 500 {
		problem.Detail = "an internal error occurred"
		return problem
	}
	for _, err := range errs {
		var detailer huma.ErrorDetailer
		if errors.As(err, &detailer) {
			detail := detailer.ErrorDetail()
			problem.Errors = append(problem.Errors, ProblemField{Location: detail.Location, Message: detail.Message})
		}
	}
	if len(problem.Errors) > 0 {
		problem.Detail = fmt.Sprintf("%s: %s", problem.Errors[0].Location, problem.Errors[0].Message)
	}
	return problem
}

// retryAfter is an error that knows when to come back.
type retryAfter interface{ RetryAfterSeconds() int }

// problem renders an error of a handler. What is no fault is internal: its text goes to the log alone.
func (api *API) problem(ctx context.Context, err error) error {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	request := requestOf(ctx)
	problem := &Problem{Type: "about:blank", Request: request.id}
	var known *fault.Error
	if errors.As(err, &known) {
		problem.Status, problem.Code, problem.Detail = statusOf(known.Code), string(known.Code), known.Message
		if known.Field != "" {
			problem.Errors = []ProblemField{{Location: known.Field, Message: known.Message}}
		}
		if errors.Unwrap(known) != nil {
			api.log.WarnContext(ctx, "request failed", "request_id", request.id, "operation", request.operation, "code", known.Code, "err", err)
		}
	} else if ctx.Err() != nil {
		problem.Status, problem.Code, problem.Detail = http.StatusServiceUnavailable, string(fault.Unavailable), "the request was given up"
	} else {
		problem.Status, problem.Code = http.StatusInternalServerError, codeInternal
		problem.Detail = "an internal error occurred; the server's log has it under request " + request.id
		api.log.ErrorContext(ctx, "request failed", "request_id", request.id, "operation", request.operation, "err", err)
	}
	problem.Title = http.StatusText(problem.Status)
	var later retryAfter
	if errors.As(err, &later) {
		return huma.ErrorWithHeaders(problem, http.Header{"Retry-After": {fmt.Sprint(later.RetryAfterSeconds())}})
	}
	return problem
}

// writeProblem answers requests that never reach an operation.
func writeProblem(w http.ResponseWriter, r *http.Request, status int, detail string) {
	write(w, &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: codeOf(status),
		Request: requestOf(r.Context()).id,
	})
}

func write(w http.ResponseWriter, problem *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(problem.Status)
	json.NewEncoder(w).Encode(problem) // an error here means that the client is gone
}

// jsonFormat is how bodies are read and written.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(v)
	},
	Unmarshal: json.Unmarshal,
}
