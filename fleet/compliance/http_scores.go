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

// ScoreItem is a score with its counts.
type ScoreItem struct {
	Percent       float64 `json:"percent" doc:"Of what could be judged, by weight; waived failures left out."`
	Strict        float64 `json:"strict" doc:"The same with waived failures as failures."`
	Judged        bool    `json:"judged" doc:"False where nothing could be judged."`
	Passed        int     `json:"passed"`
	Failed        int     `json:"failed"`
	Waived        int     `json:"waived"`
	NotApplicable int     `json:"not_applicable"`
	Errors        int     `json:"errors"`
}

func scoreItem(s frameworks.Score) ScoreItem {
	return ScoreItem{s.Percent, s.Strict, s.Judged, s.Passed, s.Failed, s.Waived, s.NotApplicable, s.Errors}
}

// FrameworkItem is a framework with its coverage and score.
type FrameworkItem struct {
	Framework string  `json:"framework"`
	Title     string  `json:"title"`
	Source    string  `json:"source"`
	Licence   string  `json:"licence"`
	TenantID  string  `json:"tenant_id,omitempty" doc:"The tenant that it is of; absent for the product's."`
	Percent   float64 `json:"percent" doc:"Mean of the judged controls, by weight; waived failures left out."`
	Strict    float64 `json:"strict"`
	Controls  int     `json:"controls"`
	Covered   int     `json:"covered" doc:"Controls that at least one check serves; the rest is for people to show."`
	Published int     `json:"covered_by_published_mapping" doc:"Of the covered: only a published crosswalk leads to a check."`
	Ours      int     `json:"covered_by_own_mapping" doc:"Of the covered: only the product's own mapping leads to a check."`
	Judged    int     `json:"judged" doc:"Controls that could be judged."`
	Met       int     `json:"met" doc:"Judged controls where nothing fails."`
}

func frameworkItem(f FrameworkScore) FrameworkItem {
	return FrameworkItem{
		Framework: f.Framework.ID, Title: f.Framework.Title, Source: f.Framework.Source, Licence: f.Framework.Licence, TenantID: own(f.OwnerID),
		Percent: f.Score.Percent, Strict: f.Score.Strict, Controls: len(f.Score.Controls), Covered: f.Score.Covered,
		Published: f.Coverage.Published, Ours: f.Coverage.Ours, Judged: f.Judged, Met: f.Met,
	}
}

// ControlItem is one control with the checks that serve it.
type ControlItem struct {
	Control   string         `json:"control"`
	Title     string         `json:"title" doc:"Of the control; of its checks where the text is owned by others."`
	Group     string         `json:"group"`
	Baselines []string       `json:"baselines"`
	Weight    int            `json:"weight"`
	Checks    []ServingCheck `json:"checks"`
	Modules   []string       `json:"modules"`
	Score     ScoreItem      `json:"score"`
}

// ServingCheck is a check that serves a control.
type ServingCheck struct {
	Check   string `json:"check"`
	Derived bool   `json:"derived" doc:"True where a mapping from another framework leads to it, and not the check's own word."`

	Basis frameworks.Basis `json:"basis,omitempty" enum:"published,ours" doc:"Of that mapping: a published crosswalk, or the product's own judgement."`
}

// FrameworkDetail is a framework with its controls.
type FrameworkDetail struct {
	FrameworkItem
	Items []ControlItem `json:"items" doc:"All controls in the catalogue's order, also those without a check."`
}

// Scores are the score over all checks and of each framework.
type Scores struct {
	Overall    ScoreItem       `json:"overall"`
	Frameworks []FrameworkItem `json:"frameworks"`
}

// AssetItem is how one agent stands.
type AssetItem struct {
	AgentID    uuid.UUID `json:"agent_id"`
	Hostname   string    `json:"hostname"`
	Platform   string    `json:"platform"`
	TenantName string    `json:"tenant_name"`
	Score      ScoreItem `json:"score"`
}

// TenantItem is how one tenant's own agents stand.
type TenantItem struct {
	TenantID   uuid.UUID `json:"tenant_id"`
	TenantName string    `json:"tenant_name"`
	Agents     int       `json:"agents"`
	Score      ScoreItem `json:"score"`
}

// DayItem is how the agents stood at the end of a day.
type DayItem struct {
	Day     string  `json:"day" format:"date"`
	Percent float64 `json:"percent"`
	Strict  float64 `json:"strict"`
	Passed  int     `json:"passed"`
	Failed  int     `json:"failed"`
	Waived  int     `json:"waived"`
	Errors  int     `json:"errors"`
}

// GainItem is what it would be worth to fix a check everywhere.
type GainItem struct {
	Check      string              `json:"check"`
	Title      string              `json:"title"`
	Severity   frameworks.Severity `json:"severity"`
	Agents     int                 `json:"agents" doc:"On which it fails."`
	Gain       float64             `json:"gain" doc:"Points, alone."`
	Cumulative float64             `json:"cumulative" doc:"The score once this and all before it are fixed."`
}

// WhatIfResult says what fixes would be worth.
type WhatIfResult struct {
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	Gain   float64 `json:"gain"`
}

// PreviewItem is what a document would change.
type PreviewItem struct {
	Valid    bool          `json:"valid"`
	Mistakes []MistakeItem `json:"mistakes" doc:"Where there are any, the rest is empty."`
	Added    []string      `json:"added" doc:"Controls."`
	Removed  []string      `json:"removed"`
	Changed  []string      `json:"changed" doc:"Another title, group, baseline, weight or module, or other checks."`
	Controls int           `json:"controls"`
	Covered  int           `json:"covered" doc:"Controls that would have a check."`
	Percent  float64       `json:"percent" doc:"What the agents would score by it."`
}

// MistakeItem is what is wrong with a document, and where.
type MistakeItem struct {
	Line    int    `json:"line" doc:"From 1."`
	Column  int    `json:"column" doc:"From 1."`
	Message string `json:"message"`
}

type (
	frameworkPath struct {
		Framework string `path:"framework" maxLength:"64"`
	}
	exportInput struct {
		Framework string `path:"framework" maxLength:"64"`
		Format    string `query:"format" enum:"yaml,json" default:"yaml"`
	}
	putFrameworkInput struct {
		Framework string `path:"framework" maxLength:"64"`
		Body      struct {
			Document string `json:"document" maxLength:"2000000" doc:"YAML or JSON, as export gives it."`
		}
	}
	trendInput struct {
		Framework string `query:"framework" maxLength:"64" doc:"Absent: all checks."`
		Days      int    `query:"days" minimum:"1" maximum:"800" default:"90"`
	}
	gainsInput struct {
		Framework string `query:"framework" maxLength:"64" doc:"Absent: all checks."`
		Limit     int    `query:"limit" minimum:"1" maximum:"100" default:"10"`
	}
	whatIfInput struct {
		Body struct {
			Framework string   `json:"framework,omitempty" maxLength:"64" doc:"Absent: all checks."`
			Checks    []string `json:"checks" minItems:"1" maxItems:"500"`
		}
	}
	exported struct {
		Format   string `json:"format"`
		Document string `json:"document"`
	}
)

func (s *Service) scoreRoutes(api *httpapi.API) {
	tags := []string{"compliance"}
	read := func(id, path, summary string) httpapi.Operation {
		return httpapi.Operation{ID: id, Method: http.MethodGet, Path: path, Tags: tags, Permission: access.ComplianceRead, Feature: access.ComplianceScore, Recursive: true, Summary: summary}
	}
	httpapi.Register(api, read("get-compliance-scores", "/compliance/scores", "Scores over all checks and of each framework"), s.handleScores)
	httpapi.Register(api, read("get-framework", "/compliance/frameworks/{framework}", "A framework by its controls: which checks serve each, and how it stands"), s.handleFramework)
	httpapi.Register(api, read("list-compliance-agents", "/compliance/agents", "List the agents with their scores"), s.handleAssets)
	httpapi.Register(api, read("get-compliance-trend", "/compliance/trend", "The scores of the last days"), s.handleTrend)
	httpapi.Register(api, read("list-compliance-gains", "/compliance/gains", "List the fixes that are worth most"), s.handleGains)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-compliance-tenants", Method: http.MethodGet, Path: "/compliance/tenants", Tags: tags, Permission: access.ComplianceRead, Feature: access.ComplianceScore, Subtree: true,
		Summary: "List the tenants of the subtree with their scores",
	}, s.handleTenants)
	httpapi.Register(api, httpapi.Operation{
		ID: "compliance-what-if", Method: http.MethodPost, Path: "/compliance/what-if", Tags: tags, Permission: access.ComplianceRead, Feature: access.ComplianceScore, Recursive: true, ReadOnly: true,
		Summary: "Tell what it would be worth to fix some checks",
	}, s.handleWhatIf)
	httpapi.Register(api, httpapi.Operation{
		ID: "export-framework", Method: http.MethodGet, Path: "/compliance/frameworks/{framework}/export", Tags: tags, Permission: access.ComplianceRead,
		Summary: "A framework as a document that can be edited and put back",
	}, s.handleExport)
	httpapi.Register(api, httpapi.Operation{
		ID: "put-framework", Method: http.MethodPut, Path: "/compliance/frameworks/{framework}", Tags: tags, Permission: access.ComplianceManage,
		Audit: "compliance.put-framework", MaxBody: 3 << 20, Summary: "Store a framework of the tenant's own, or its copy of another",
	}, s.handlePutFramework)
	httpapi.Register(api, httpapi.Operation{
		ID: "preview-framework", Method: http.MethodPost, Path: "/compliance/frameworks/{framework}/preview", Tags: tags, Permission: access.ComplianceManage,
		ReadOnly: true, MaxBody: 3 << 20, Summary: "Tell what is wrong with a framework's document, or what storing it would change",
	}, s.handlePreviewFramework)
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-framework", Method: http.MethodDelete, Path: "/compliance/frameworks/{framework}", Tags: tags, Permission: access.ComplianceManage,
		Audit: "compliance.delete-framework", Summary: "Remove a framework of the tenant's own",
	}, s.handleDeleteFramework)
}

func (s *Service) handleScores(ctx context.Context, scope access.Scope, _ *struct{}) (*body[Scores], error) {
	overall, byFramework, err := s.Scores(ctx, scope)
	if err != nil {
		return nil, err
	}
	out := Scores{Overall: scoreItem(overall), Frameworks: make([]FrameworkItem, len(byFramework))}
	for i, f := range byFramework {
		out.Frameworks[i] = frameworkItem(f)
	}
	return &body[Scores]{out}, nil
}

func (s *Service) handleFramework(ctx context.Context, scope access.Scope, in *frameworkPath) (*body[FrameworkDetail], error) {
	f, err := s.Framework(ctx, scope, in.Framework)
	if err != nil {
		return nil, err
	}
	out := FrameworkDetail{FrameworkItem: frameworkItem(*f), Items: make([]ControlItem, len(f.Score.Controls))}
	for i, c := range f.Score.Controls {
		item := ControlItem{
			Control: c.Control.ID, Title: f.Framework.TitleOf(s.library, c.Control.ID), Group: c.Control.Group, Baselines: some(c.Control.Baselines),
			Weight: c.Control.Weight, Modules: some(c.Control.Modules), Score: scoreItem(c.Score), Checks: []ServingCheck{},
		}
		for _, check := range f.Framework.Checks(s.library, c.Control.ID) {
			basis := f.Framework.BasisOf(check)
			item.Checks = append(item.Checks, ServingCheck{check.ID, basis != "", basis})
		}
		out.Items[i] = item
	}
	return &body[FrameworkDetail]{out}, nil
}

// some makes a list that is not null.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func (s *Service) handleAssets(ctx context.Context, scope access.Scope, in *struct{ httpapi.Paging }) (*body[httpapi.Page[AssetItem]], error) {
	var after position
	if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	found, err := s.Assets(ctx, scope, after.Tenant, after.Agent, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items := make([]AssetItem, len(found))
	for i, a := range found {
		items[i] = AssetItem{a.AgentID, a.Hostname, a.Platform, a.TenantName, scoreItem(a.Score)}
	}
	page, err := httpapi.NewPage(items, in.Limit, func(AssetItem) any {
		last := found[in.Limit-1]
		return position{Tenant: last.tenant, Agent: last.agent}
	})
	return &body[httpapi.Page[AssetItem]]{page}, err
}

func (s *Service) handleTenants(ctx context.Context, scope access.Scope, _ *struct{}) (*body[httpapi.Page[TenantItem]], error) {
	found, err := s.Tenants(ctx, scope)
	if err != nil {
		return nil, err
	}
	items := make([]TenantItem, len(found))
	for i, t := range found {
		items[i] = TenantItem{t.TenantID, t.TenantName, t.Agents, scoreItem(t.Score)}
	}
	return &body[httpapi.Page[TenantItem]]{httpapi.Page[TenantItem]{Items: items}}, nil
}

func (s *Service) handleTrend(ctx context.Context, scope access.Scope, in *trendInput) (*body[httpapi.Page[DayItem]], error) {
	days, err := s.Trend(ctx, scope, in.Framework, in.Days)
	if err != nil {
		return nil, err
	}
	items := make([]DayItem, len(days))
	for i, d := range days {
		items[i] = DayItem{d.Day.Format(time.DateOnly), d.Percent, d.Strict, d.Passed, d.Failed, d.Waived, d.Errors}
	}
	return &body[httpapi.Page[DayItem]]{httpapi.Page[DayItem]{Items: items}}, nil
}

func (s *Service) handleGains(ctx context.Context, scope access.Scope, in *gainsInput) (*body[httpapi.Page[GainItem]], error) {
	gains, err := s.Gains(ctx, scope, in.Framework, in.Limit)
	if err != nil {
		return nil, err
	}
	items := make([]GainItem, len(gains))
	for i, g := range gains {
		items[i] = GainItem{g.Check.ID, g.Check.Title, g.Check.Severity, g.Agents, g.Gain, g.Cumulative}
	}
	return &body[httpapi.Page[GainItem]]{httpapi.Page[GainItem]{Items: items}}, nil
}

func (s *Service) handleWhatIf(ctx context.Context, scope access.Scope, in *whatIfInput) (*body[WhatIfResult], error) {
	w, err := s.WhatIf(ctx, scope, in.Body.Framework, in.Body.Checks)
	if err != nil {
		return nil, err
	}
	return &body[WhatIfResult]{WhatIfResult{w.Before, w.After, w.After - w.Before}}, nil
}

func (s *Service) handleExport(ctx context.Context, scope access.Scope, in *exportInput) (*body[exported], error) {
	text, err := s.Export(ctx, scope, in.Framework, in.Format)
	if err != nil {
		return nil, err
	}
	return &body[exported]{exported{in.Format, string(text)}}, nil
}

func (s *Service) handlePutFramework(ctx context.Context, scope access.Scope, in *putFrameworkInput) (*struct{}, error) {
	return &struct{}{}, s.PutFramework(ctx, scope, in.Framework, in.Body.Document)
}

func (s *Service) handleDeleteFramework(ctx context.Context, scope access.Scope, in *frameworkPath) (*struct{}, error) {
	return &struct{}{}, s.DeleteFramework(ctx, scope, in.Framework)
}

func (s *Service) handlePreviewFramework(ctx context.Context, scope access.Scope, in *putFrameworkInput) (*body[PreviewItem], error) {
	p, err := s.PreviewFramework(ctx, scope, in.Framework, in.Body.Document)
	if err != nil {
		return nil, err
	}
	out := PreviewItem{
		Valid: len(p.Mistakes) == 0, Mistakes: []MistakeItem{}, Added: some(p.Difference.Added), Removed: some(p.Difference.Removed), Changed: some(p.Difference.Changed),
		Controls: p.Coverage.Controls, Covered: p.Coverage.Covered(), Percent: p.Score.Percent,
	}
	for _, m := range p.Mistakes {
		out.Mistakes = append(out.Mistakes, MistakeItem{m.Line, m.Column, m.Message})
	}
	return &body[PreviewItem]{out}, nil
}
