package compliance

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// WaiverItem is an accepted failure.
type WaiverItem struct {
	ID         uuid.UUID  `json:"id"`
	TenantID   uuid.UUID  `json:"tenant_id"`
	TenantName string     `json:"tenant_name"`
	Check      string     `json:"check"`
	Title      string     `json:"title"`
	AgentID    string     `json:"agent_id,omitempty" doc:"Absent: not one agent alone."`
	Hostname   string     `json:"hostname,omitempty"`
	Tag        string     `json:"tag,omitempty" doc:"Absent: whatever tags."`
	Reason     string     `json:"reason"`
	State      string     `json:"state" enum:"requested,holds,refused,ended"`
	Requester  string     `json:"requester" doc:"Who asked for it."`
	Approver   string     `json:"approver,omitempty" doc:"Another person; absent while nobody has approved it."`
	CreatedAt  time.Time  `json:"created_at"`
	ApprovedAt *time.Time `json:"approved_at,omitempty"`
	ExpiresAt  time.Time  `json:"expires_at"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
	EndedBy    string     `json:"ended_by,omitempty"`
	EndReason  string     `json:"end_reason,omitempty"`
	Holds      bool       `json:"holds" doc:"Whether it accepts anything now."`
}

// CheckDetail is a check with what a tenant may tune.
type CheckDetail struct {
	Check     string              `json:"check"`
	Title     string              `json:"title"`
	Why       string              `json:"why"`
	Severity  string              `json:"severity"`
	Weight    int                 `json:"weight"`
	Platforms []string            `json:"platforms"`
	Applies   string              `json:"applies,omitempty"`
	SQL       string              `json:"sql"`
	Pass      string              `json:"pass"`
	Fix       string              `json:"fix,omitempty" doc:"With open places that a failure's rows fill."`
	Risk      string              `json:"risk,omitempty"`
	Controls  map[string][]string `json:"controls"`
	Derived   []string            `json:"derived" doc:"Frameworks whose controls it serves by a mapping alone."`
	Template  string              `json:"template,omitempty" doc:"The family that it is of."`
	Defaults  map[string]any      `json:"defaults"`
	Params    map[string]any      `json:"params" doc:"As they hold for the tenant."`
	ParamsOf  string              `json:"params_of,omitempty" doc:"The nearest tenant that sets some."`
}

type (
	waiversInput struct {
		httpapi.Paging
		All bool `query:"all" doc:"Also those that have ended."`
	}
	createWaiverInput struct {
		Body struct {
			Check     string    `json:"check" maxLength:"64"`
			AgentID   uuid.UUID `json:"agent_id,omitzero" doc:"One of the tenant's own agents."`
			Tag       string    `json:"tag,omitempty" maxLength:"64" doc:"Agents with this tag."`
			Reason    string    `json:"reason" minLength:"1" maxLength:"2000"`
			ExpiresAt time.Time `json:"expires_at"`
		}
	}
	waiverPath struct {
		ID uuid.UUID `path:"id"`
	}
	endWaiverInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			Reason string `json:"reason,omitempty" maxLength:"2000"`
		}
	}
	checkPath struct {
		Check string `path:"check" maxLength:"64"`
	}
	setParamsInput struct {
		Check string `path:"check" maxLength:"64"`
		Body  struct {
			Params map[string]any `json:"params"`
		}
	}
)

func (s *Service) waiverRoutes(api *httpapi.API) {
	tags := []string{"compliance"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-waivers", Method: http.MethodGet, Path: "/compliance/waivers", Tags: tags, Permission: access.ComplianceRead, Recursive: true,
		Summary: "List the accepted failures, the youngest first",
	}, s.handleWaivers)
	httpapi.Register(api, httpapi.Operation{
		ID: "create-waiver", Method: http.MethodPost, Path: "/compliance/waivers", Tags: tags, Permission: access.FindingsManage, Audit: "compliance.request-waiver",
		Summary: "Ask that the failure of a check be accepted for a while; another person approves it",
	}, s.handleRequestWaiver)
	httpapi.Register(api, httpapi.Operation{
		ID: "approve-waiver", Method: http.MethodPost, Path: "/compliance/waivers/{id}/approve", Tags: tags, Permission: access.ComplianceManage, Person: true,
		Audit: "compliance.approve-waiver", Summary: "Accept the failure of a check that another person asked to accept",
	}, s.handleApproveWaiver)
	httpapi.Register(api, httpapi.Operation{
		ID: "end-waiver", Method: http.MethodPost, Path: "/compliance/waivers/{id}/end", Tags: tags, Permission: access.ComplianceManage,
		Audit: "compliance.end-waiver", Summary: "Refuse a waiver that was asked for, or end one before it expires",
	}, s.handleEndWaiver)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-check", Method: http.MethodGet, Path: "/compliance/checks/{check}", Tags: tags, Permission: access.ComplianceRead,
		Summary: "A check with its statements and the parameters that hold for the tenant",
	}, s.handleCheck)
	httpapi.Register(api, httpapi.Operation{
		ID: "set-check-params", Method: http.MethodPut, Path: "/compliance/checks/{check}/params", Tags: tags, Permission: access.ComplianceManage,
		Audit: "compliance.set-params", Summary: "Set parameters of a check for the tenant and those below",
	}, s.handleSetParams)
	httpapi.Register(api, httpapi.Operation{
		ID: "clear-check-params", Method: http.MethodDelete, Path: "/compliance/checks/{check}/params", Tags: tags, Permission: access.ComplianceManage,
		Audit: "compliance.clear-params", Summary: "Take back the tenant's parameters of a check",
	}, s.handleClearParams)
}

func (s *Service) waiverItem(w *Waiver) WaiverItem {
	state := w.State(time.Now())
	item := WaiverItem{
		ID: w.ID, TenantID: w.TenantID, TenantName: w.Tenant, Check: w.Check, AgentID: own(w.AgentID), Hostname: w.Hostname, Tag: w.Tag, Reason: w.Reason,
		State: string(state), Requester: w.Requester, Approver: w.Approver, CreatedAt: w.Created, ExpiresAt: w.Expires, EndedBy: w.EndedBy, EndReason: w.EndReason,
		Holds: state == WaiverHolds,
	}
	if !w.Approved.IsZero() {
		item.ApprovedAt = &w.Approved
	}
	if !w.Ended.IsZero() {
		item.EndedAt = &w.Ended
	}
	if c := s.library.Check(w.Check); c != nil {
		item.Title = c.Title
	}
	return item
}

func (s *Service) handleWaivers(ctx context.Context, scope access.Scope, in *waiversInput) (*body[httpapi.Page[WaiverItem]], error) {
	before := uuid.Max
	if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
		return nil, err
	}
	found, err := s.Waivers(ctx, scope, !in.All, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items := make([]WaiverItem, len(found))
	for i, w := range found {
		items[i] = s.waiverItem(w)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last WaiverItem) any { return last.ID })
	return &body[httpapi.Page[WaiverItem]]{page}, err
}

func (s *Service) handleRequestWaiver(ctx context.Context, scope access.Scope, in *createWaiverInput) (*body[WaiverItem], error) {
	w, err := s.RequestWaiver(ctx, scope, Waiver{Check: in.Body.Check, AgentID: in.Body.AgentID, Tag: in.Body.Tag, Reason: in.Body.Reason, Expires: in.Body.ExpiresAt})
	if err != nil {
		return nil, err
	}
	return &body[WaiverItem]{s.waiverItem(w)}, nil
}

func (s *Service) handleApproveWaiver(ctx context.Context, scope access.Scope, in *waiverPath) (*body[WaiverItem], error) {
	w, err := s.ApproveWaiver(ctx, scope, in.ID)
	if err != nil {
		return nil, err
	}
	return &body[WaiverItem]{s.waiverItem(w)}, nil
}

func (s *Service) handleEndWaiver(ctx context.Context, scope access.Scope, in *endWaiverInput) (*body[WaiverItem], error) {
	w, err := s.EndWaiver(ctx, scope, in.ID, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &body[WaiverItem]{s.waiverItem(w)}, nil
}

func (s *Service) handleCheck(ctx context.Context, scope access.Scope, in *checkPath) (*body[CheckDetail], error) {
	p, err := s.Params(ctx, scope, in.Check)
	if err != nil {
		return nil, err
	}
	c := p.Check
	out := CheckDetail{
		Check: c.ID, Title: c.Title, Why: c.Why, Severity: string(c.Severity), Weight: c.Weight, Platforms: c.Platforms.Names(), Applies: c.Applies, SQL: c.SQL,
		Pass: c.Pass.String(), Controls: c.Controls, Derived: []string{}, Template: c.Template, Defaults: map[string]any(c.Params), Params: p.Now, ParamsOf: own(p.From),
	}
	if fix := s.library.Fix(c.Fix); fix != nil {
		out.Fix, out.Risk = fix.Text, fix.Risk
	}
	for _, f := range s.library.Frameworks() {
		if c.Derived[f.ID] != "" {
			out.Derived = append(out.Derived, f.ID)
		}
	}
	return &body[CheckDetail]{out}, nil
}

func (s *Service) handleSetParams(ctx context.Context, scope access.Scope, in *setParamsInput) (*struct{}, error) {
	return &struct{}{}, s.SetParams(ctx, scope, in.Check, in.Body.Params)
}

func (s *Service) handleClearParams(ctx context.Context, scope access.Scope, in *checkPath) (*struct{}, error) {
	return &struct{}{}, s.ClearParams(ctx, scope, in.Check)
}
