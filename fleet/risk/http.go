package risk

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// OpenItem counts open findings.
type OpenItem struct {
	Low      int `json:"low"`
	Medium   int `json:"medium"`
	High     int `json:"high"`
	Critical int `json:"critical"`
}

// AssetItem is an agent with its score.
type AssetItem struct {
	AgentID    uuid.UUID `json:"agent_id"`
	Hostname   string    `json:"hostname"`
	TenantID   uuid.UUID `json:"tenant_id"`
	TenantName string    `json:"tenant_name"`
	Importance int       `json:"importance" doc:"1 to 5; 3 where nobody has said."`
	Points     float64   `json:"points"`
	Score      float64   `json:"score" doc:"0 to 100."`
	Open       OpenItem  `json:"open"`
}

// ReasonItem is what a finding adds to a score.
type ReasonItem struct {
	FindingID uuid.UUID `json:"finding_id"`
	Kind      string    `json:"kind"`
	Subject   string    `json:"subject"`
	Title     string    `json:"title"`
	Severity  string    `json:"severity"`
	Message   string    `json:"message"`
	Exposure  string    `json:"exposure,omitempty" enum:",reachable,local"`
	Points    float64   `json:"points"`
	Share     float64   `json:"share" doc:"Of the score; all shares make the score."`
	Text      string    `json:"text" doc:"How the points come about."`
}

// AssetDetail is an asset with the reasons for its score.
type AssetDetail struct {
	AssetItem
	Reasons []ReasonItem `json:"reasons"`
}

// TenantItem is the risk of one tenant.
type TenantItem struct {
	TenantID uuid.UUID `json:"tenant_id"`
	Name     string    `json:"name"`
	Score    float64   `json:"score"`
	Assets   int       `json:"assets"`
}

// SummaryItem is the risk of the tenants that are looked at.
type SummaryItem struct {
	Score          float64      `json:"score" doc:"0 to 100; of the whole installation where its root is looked at with all below."`
	Assets         int          `json:"assets"`
	Open           OpenItem     `json:"open"`
	Worst          []AssetItem  `json:"worst"`
	Tenants        []TenantItem `json:"tenants"`
	WeightsVersion int          `json:"weights_version"`
}

// DayItem is a tenant's risk on a day.
type DayItem struct {
	Day            string   `json:"day"`
	Score          float64  `json:"score"`
	Assets         int      `json:"assets"`
	Open           OpenItem `json:"open"`
	WeightsVersion int      `json:"weights_version" doc:"Days by different weights are not compared."`
	Change         *float64 `json:"change,omitempty" doc:"Since the day before; absent where the weights are others."`
}

// WeightsItem is the weights that hold.
type WeightsItem struct {
	Version int     `json:"version" doc:"0 are the product's."`
	Weights Weights `json:"weights"`
	Reason  string  `json:"reason,omitempty"`
}

// ModuleItem says whether a collection works, and what is wrong by it.
type ModuleItem struct {
	Module    string       `json:"module"`
	Status    string       `json:"status" enum:"ok,warning,failed"`
	Rows      int64        `json:"rows"`
	ChangedAt time.Time    `json:"changed_at"`
	SeenAt    time.Time    `json:"seen_at"`
	Points    float64      `json:"points"`
	Risks     []ReasonItem `json:"risks"`
	Messages  []string     `json:"messages"`
}

type (
	byAgent struct {
		ID uuid.UUID `path:"id"`
	}
	assetsInput struct{ httpapi.Paging }
	trendInput  struct {
		From time.Time `query:"from" doc:"90 days ago when absent."`
		To   time.Time `query:"to"`
	}
	importanceInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			Importance int `json:"importance" minimum:"1" maximum:"5"`
		}
	}
	weightsInput struct {
		Body struct {
			Weights Weights `json:"weights"`
			Reason  string  `json:"reason" minLength:"3" maxLength:"500"`
		}
	}
	body[T any] struct{ Body T }
)

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"risk"}
	httpapi.Register(api, httpapi.Operation{
		ID: "get-risk", Method: http.MethodGet, Path: "/risk", Tags: tags, Permission: access.FindingsRead, Recursive: true, Summary: "Show the risk of a tenant, or of all below it together",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*body[SummaryItem], error) {
		sum, err := s.Summary(ctx, scope)
		if err != nil {
			return nil, err
		}
		item := SummaryItem{Score: round(sum.Score), Assets: sum.Assets, Open: openOf(sum.Open), Worst: []AssetItem{}, Tenants: []TenantItem{}, WeightsVersion: sum.WeightsVersion}
		for i := range sum.Worst {
			item.Worst = append(item.Worst, assetOf(&sum.Worst[i]))
		}
		for _, t := range sum.Tenants {
			item.Tenants = append(item.Tenants, TenantItem{t.TenantID, t.Name, round(t.Score), t.Assets})
		}
		return &body[SummaryItem]{item}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-risk-assets", Method: http.MethodGet, Path: "/risk/assets", Tags: tags, Permission: access.FindingsRead, Recursive: true, Summary: "List assets, the highest risk first",
	}, s.handleAssets)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-risk-asset", Method: http.MethodGet, Path: "/agents/{id}/risk", Tags: tags, Permission: access.FindingsRead, Recursive: true, Summary: "Show an asset's risk with every reason for it",
	}, func(ctx context.Context, scope access.Scope, in *byAgent) (*body[AssetDetail], error) {
		a, list, err := s.Asset(ctx, scope, in.ID)
		if err != nil {
			return nil, err
		}
		d := AssetDetail{AssetItem: assetOf(&a), Reasons: []ReasonItem{}}
		for i := range list {
			d.Reasons = append(d.Reasons, reasonOf(&list[i]))
		}
		return &body[AssetDetail]{d}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-agent-modules", Method: http.MethodGet, Path: "/agents/{id}/modules", Tags: tags, Permission: access.FindingsRead, Recursive: true,
		Summary: "Say of each module of an agent whether it works and what is wrong by it",
	}, s.handleModules)
	httpapi.Register(api, httpapi.Operation{
		ID: "put-importance", Method: http.MethodPut, Path: "/agents/{id}/importance", Tags: tags, Permission: access.AgentsManage, Audit: "risk.importance",
		Summary: "Say how much an asset matters",
	}, func(ctx context.Context, scope access.Scope, in *importanceInput) (*struct{}, error) {
		return nil, s.SetImportance(ctx, scope, in.ID, in.Body.Importance)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-risk-days", Method: http.MethodGet, Path: "/risk/trend", Tags: tags, Permission: access.FindingsRead, Summary: "Show a tenant's risk day by day",
	}, s.handleTrend)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-risk-weights", Method: http.MethodGet, Path: "/risk/weights", Tags: tags, Permission: access.FindingsRead, Summary: "Show how much counts how much",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*body[WeightsItem], error) {
		v, err := s.Weights(ctx, scope)
		if err != nil {
			return nil, err
		}
		return &body[WeightsItem]{WeightsItem{v.Version, v.Weights, v.Reason}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-risk-weights", Method: http.MethodPut, Path: "/risk/weights", Tags: tags, Permission: access.SettingsManage, Audit: "risk.weights", Summary: "Say how much counts how much",
	}, func(ctx context.Context, scope access.Scope, in *weightsInput) (*body[WeightsItem], error) {
		v, err := s.PutWeights(ctx, scope, in.Body.Weights, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &body[WeightsItem]{WeightsItem{v.Version, v.Weights, v.Reason}}, nil
	})
}

func (s *Service) handleAssets(ctx context.Context, scope access.Scope, in *assetsInput) (*body[httpapi.Page[AssetItem]], error) {
	var after struct {
		Score float64
		ID    string
	}
	after.Score = math.Inf(1)
	if in.Cursor != "" {
		if err := httpapi.DecodeCursor(in.Cursor, &after); err != nil {
			return nil, err
		}
	}
	found, err := s.Assets(ctx, scope)
	if err != nil {
		return nil, err
	}
	var items []AssetItem
	var scores []float64
	for i := range found {
		a := &found[i]
		if a.Score > after.Score || a.Score == after.Score && a.AgentID.String() <= after.ID {
			continue
		}
		if items, scores = append(items, assetOf(a)), append(scores, a.Score); len(items) > in.Limit {
			break
		}
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last AssetItem) any {
		return struct {
			Score float64
			ID    string
		}{scores[in.Limit-1], last.AgentID.String()}
	})
	return &body[httpapi.Page[AssetItem]]{page}, err
}

func (s *Service) handleTrend(ctx context.Context, scope access.Scope, in *trendInput) (*body[httpapi.Page[DayItem]], error) {
	if in.To.IsZero() {
		in.To = s.Now()
	}
	if in.From.IsZero() {
		in.From = in.To.AddDate(0, 0, -90)
	}
	days, err := s.Trend(ctx, scope, in.From, in.To)
	if err != nil {
		return nil, err
	}
	items := make([]DayItem, len(days))
	for i, d := range days {
		items[i] = DayItem{Day: d.Day.Format(time.DateOnly), Score: round(d.Score), Assets: d.Assets, Open: openOf(d.Open), WeightsVersion: d.WeightsVersion}
		if i > 0 && days[i-1].WeightsVersion == d.WeightsVersion {
			change := round(d.Score - days[i-1].Score)
			items[i].Change = &change
		}
	}
	return &body[httpapi.Page[DayItem]]{httpapi.Page[DayItem]{Items: items}}, nil
}

func (s *Service) handleModules(ctx context.Context, scope access.Scope, in *byAgent) (*body[httpapi.Page[ModuleItem]], error) {
	found, err := s.Modules(ctx, scope, in.ID)
	if err != nil {
		return nil, err
	}
	items := make([]ModuleItem, len(found))
	for i := range found {
		m := &found[i]
		items[i] = ModuleItem{m.Name, m.Status, m.Rows, m.ChangedAt, m.SeenAt, round(m.Points), []ReasonItem{}, append([]string{}, m.Messages...)}
		for j := range m.Risks {
			items[i].Risks = append(items[i].Risks, reasonOf(&m.Risks[j]))
		}
	}
	return &body[httpapi.Page[ModuleItem]]{httpapi.Page[ModuleItem]{Items: items}}, nil
}

// round is to a tenth: more than that a score does not say.
func round(f float64) float64 { return math.Round(f*10) / 10 }

func openOf(o Open) OpenItem {
	return OpenItem{o[findings.Low], o[findings.Medium], o[findings.High], o[findings.Critical]}
}

func assetOf(a *Asset) AssetItem {
	return AssetItem{a.AgentID, a.Hostname, a.TenantID, a.TenantName, a.Importance, round(a.Points), round(a.Score), openOf(a.Open)}
}

func reasonOf(r *Reason) ReasonItem {
	f := &r.Finding
	return ReasonItem{f.ID, f.Kind, f.Subject, f.Title, f.Severity.String(), f.Message, string(r.Exposure), round(r.Points), round(r.Share), r.Text}
}
