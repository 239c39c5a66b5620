package compliance

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/frameworks"
)

// CheckItem is a check with the counts of its verdicts.
type CheckItem struct {
	Check         string              `json:"check"`
	Title         string              `json:"title"`
	Why           string              `json:"why"`
	Severity      frameworks.Severity `json:"severity" enum:"low,medium,high,critical"`
	Platforms     []string            `json:"platforms"`
	Controls      map[string][]string `json:"controls" doc:"Control ids by framework."`
	Pass          int                 `json:"pass" doc:"Agents that pass."`
	Fail          int                 `json:"fail" doc:"Agents that fail and are not waived."`
	NotApplicable int                 `json:"not_applicable"`
	Error         int                 `json:"error" doc:"Agents of which it cannot be said."`
	Waived        int                 `json:"waived"`
}

// VerdictItem is what a check says of an agent.
type VerdictItem struct {
	Check      string             `json:"check"`
	Title      string             `json:"title"`
	AgentID    uuid.UUID          `json:"agent_id"`
	Hostname   string             `json:"hostname"`
	TenantName string             `json:"tenant_name"`
	Verdict    frameworks.Verdict `json:"verdict" enum:"pass,fail,waived,not_applicable,error" doc:"Waived: it fails, and that is accepted for now."`
	Message    string             `json:"message" doc:"Why; empty for pass, and for verdicts of the past."`
	Since      time.Time          `json:"since"`
}

// SpanItem is what a check said of an agent over a time.
type SpanItem struct {
	Verdict     frameworks.Verdict `json:"verdict" enum:"pass,fail,waived,not_applicable,error"`
	RuleVersion string             `json:"rule_version" doc:"Of the check."`
	Since       time.Time          `json:"since"`
	Until       *time.Time         `json:"until,omitempty" doc:"Absent: it still says so."`
	Reason      string             `json:"reason,omitempty" doc:"Of the waiver, with who asked for it and who approved it."`
}

type (
	historyInput struct {
		ID    uuid.UUID `path:"id" doc:"Of the agent."`
		Check string    `path:"check" maxLength:"64"`
	}
	verdictsInput struct {
		httpapi.Paging
		AgentID uuid.UUID `query:"agent_id"`
		Check   string    `query:"check" maxLength:"64"`
		Verdict string    `query:"verdict" enum:"pass,fail,waived,not_applicable,error"`
		At      time.Time `query:"at" doc:"As of this moment instead of now."`
	}
	body[T any] struct{ Body T }
)

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"compliance"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-checks", Method: http.MethodGet, Path: "/compliance/checks", Tags: tags, Permission: access.ComplianceRead, Recursive: true,
		Summary: "List the compliance checks with how many agents meet them",
	}, s.handleChecks)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-verdicts", Method: http.MethodGet, Path: "/compliance/verdicts", Tags: tags, Permission: access.ComplianceRead, Recursive: true,
		Summary: "List what checks say of agents, now or as of a past moment",
	}, s.handleVerdicts)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-verdict-history", Method: http.MethodGet, Path: "/compliance/agents/{id}/checks/{check}/history", Tags: tags, Permission: access.ComplianceRead, Recursive: true,
		Summary: "What a check has said of an agent, the youngest first, with the waivers that held",
	}, s.handleHistory)
	s.scoreRoutes(api)
	s.waiverRoutes(api)
}

func (s *Service) handleChecks(ctx context.Context, scope access.Scope, _ *struct{}) (*body[httpapi.Page[CheckItem]], error) {
	lines, err := s.Checks(ctx, scope)
	if err != nil {
		return nil, err
	}
	items := make([]CheckItem, len(lines))
	for i, l := range lines {
		items[i] = CheckItem{
			Check: l.Check.ID, Title: l.Check.Title, Why: l.Check.Why, Severity: l.Check.Severity, Platforms: l.Check.Platforms.Names(),
			Controls: l.Check.Controls, Pass: l.Counts.Pass, Fail: l.Counts.Fail, NotApplicable: l.Counts.NotApplicable, Error: l.Counts.Error,
			Waived: l.Counts.Waived,
		}
	}
	return &body[httpapi.Page[CheckItem]]{httpapi.Page[CheckItem]{Items: items}}, nil
}

func (s *Service) handleVerdicts(ctx context.Context, scope access.Scope, in *verdictsInput) (*body[httpapi.Page[VerdictItem]], error) {
	var after position
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	filter := Filter{Agent: in.AgentID, Check: in.Check, Verdict: frameworks.Verdict(in.Verdict), At: in.At}
	found, err := s.verdicts(ctx, scope, filter, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items := make([]VerdictItem, len(found))
	for i, l := range found {
		items[i] = VerdictItem{Check: l.Check, AgentID: l.AgentID, Hostname: l.Hostname, TenantName: l.TenantName, Verdict: l.Line.Verdict.Verdict,
			Message: l.Message, Since: l.Since}
		if c := s.library.Check(l.Check); c != nil {
			items[i].Title = c.Title
		}
	}
	page, err := httpapi.NewPage(items, in.Limit, func(VerdictItem) any {
		last := found[in.Limit-1]
		return position{last.tenant, last.Check, last.Agent}
	})
	return &body[httpapi.Page[VerdictItem]]{page}, err
}

func (s *Service) handleHistory(ctx context.Context, scope access.Scope, in *historyInput) (*body[httpapi.Page[SpanItem]], error) {
	past, err := s.History(ctx, scope, in.ID, in.Check)
	if err != nil {
		return nil, err
	}
	items := make([]SpanItem, len(past))
	for i, p := range past {
		items[i] = SpanItem{Verdict: p.Verdict, RuleVersion: p.RuleVersion, Since: p.Since, Reason: p.Reason}
		if !p.Until.IsZero() {
			items[i].Until = &p.Until
		}
	}
	return &body[httpapi.Page[SpanItem]]{httpapi.Page[SpanItem]{Items: items}}, nil
}
