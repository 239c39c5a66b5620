package drift

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/tables"
)

// EventItem is a change of an agent.
type EventItem struct {
	At         time.Time         `json:"at"`
	AgentID    uuid.UUID         `json:"agent_id"`
	Hostname   string            `json:"hostname"`
	TenantName string            `json:"tenant_name"`
	Collection string            `json:"collection"`
	Change     string            `json:"change" enum:"added,removed,changed"`
	Columns    []string          `json:"columns"`
	Value      []json.RawMessage `json:"value" doc:"As it is since; of a removed one, as it was."`
	Was        []json.RawMessage `json:"was,omitempty" doc:"Of a changed one."`
	New        bool              `json:"new" doc:"No agent of the tenant had it before."`
	Others     int               `json:"others" doc:"Other agents that had it then."`
	Fleet      int               `json:"fleet" doc:"Agents that tell the collection."`
	Hidden     string            `json:"hidden,omitempty" doc:"Why there is no value."`
}

// AnomalyItem is a strange change, and why it is strange.
type AnomalyItem struct {
	EventItem
	Score   float64      `json:"score" doc:"0 to 100; the points of the reasons make it."`
	Reasons []ReasonItem `json:"reasons"`
}

// ReasonItem is a part of what makes a change strange.
type ReasonItem struct {
	Reason string  `json:"reason" enum:"rarity,novelty,hour,peers"`
	Points float64 `json:"points"`
	Text   string  `json:"text"`
}

// ChangeItem is a difference between two sides.
type ChangeItem struct {
	Change string            `json:"change" enum:"added,removed,changed"`
	Value  []json.RawMessage `json:"value"`
	Was    []json.RawMessage `json:"was,omitempty"`
}

// ComparisonItem is what is different between two sides.
type ComparisonItem struct {
	Columns []string     `json:"columns"`
	Same    int          `json:"same" doc:"Values on both sides."`
	Changes []ChangeItem `json:"changes"`
}

// RareItem is how many machines have a value.
type RareItem struct {
	Value       []json.RawMessage `json:"value"`
	Holders     int               `json:"holders"`
	Fleet       int               `json:"fleet" doc:"Agents that tell the collection, in all tenants that are looked at."`
	Tenants     int               `json:"tenants"`
	FirstSeenAt time.Time         `json:"first_seen_at"`
	Hostnames   []string          `json:"hostnames" doc:"At most five; none where several tenants are looked at."`
}

// RarePage is rare values with the names of their cells.
type RarePage struct {
	Columns []string   `json:"columns"`
	Items   []RareItem `json:"items"`
}

// BaselineItem is what is expected.
type BaselineItem struct {
	ID          *uuid.UUID `json:"id,omitempty"`
	Name        string     `json:"name" maxLength:"64"`
	Collection  string     `json:"collection" maxLength:"200"`
	AgentID     *uuid.UUID `json:"agent_id,omitempty" doc:"Of one agent."`
	Hostname    string     `json:"hostname,omitempty" readOnly:"true"`
	Tag         string     `json:"tag,omitempty" maxLength:"64" doc:"Of agents with a tag; of all without tag and agent."`
	Mode        string     `json:"mode" enum:"pinned,learned"`
	LearnedFrom *time.Time `json:"learned_from,omitempty" doc:"Of a learned one: what was seen since then is expected."`
	LearnedTo   *time.Time `json:"learned_to,omitempty"`
	Values      int        `json:"values,omitempty" readOnly:"true"`
}

// DeviationItem is what an agent has that is not expected.
type DeviationItem struct {
	Baseline string              `json:"baseline"`
	Columns  []string            `json:"columns"`
	Values   [][]json.RawMessage `json:"values"`
}

// PolicyItem says what counts as a change.
type PolicyItem struct {
	YAML string `json:"yaml" maxLength:"262144"`
	Own  bool   `json:"own,omitempty" readOnly:"true" doc:"The tenant has one of its own."`

	Broken string `json:"broken,omitempty" readOnly:"true" doc:"Why the tenant's own does not work any more; the product's holds meanwhile."`
}

type (
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	eventsInput struct {
		httpapi.Paging
		Collection string    `query:"collection" maxLength:"200"`
		AgentID    uuid.UUID `query:"agent_id"`
		From       time.Time `query:"from"`
		To         time.Time `query:"to"`
	}
	compareInput struct {
		Collection string    `query:"collection" required:"true" maxLength:"200"`
		AgentID    uuid.UUID `query:"agent_id" required:"true"`
		From       time.Time `query:"from" doc:"As of this time; now when absent."`
		OtherID    uuid.UUID `query:"other_agent_id" doc:"Another agent to compare with; the same when absent."`
		To         time.Time `query:"to" doc:"Of the other side; now when absent."`
	}
	anomalyInput struct {
		Collection string    `query:"collection" maxLength:"200"`
		AgentID    uuid.UUID `query:"agent_id"`
		From       time.Time `query:"from" doc:"Seven days ago when absent."`
		To         time.Time `query:"to"`
		Least      float64   `query:"min_score" minimum:"0" maximum:"100" default:"60"`
		Limit      int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
	}
	rareInput struct {
		Collection string    `query:"collection" required:"true" maxLength:"200"`
		Most       int       `query:"most" minimum:"1" maximum:"100000" default:"3" doc:"Values that at most so many machines have."`
		Since      time.Time `query:"since" doc:"Only those first seen since then."`
		Limit      int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
	}
	deviationInput struct {
		ID      uuid.UUID `path:"id"`
		AgentID uuid.UUID `query:"agent_id" doc:"Which agent; always given."`
	}
	baselineInput struct{ Body BaselineItem }
	policyInput   struct{ Body PolicyItem }
	body[T any]   struct{ Body T }
)

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"drift"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-drift", Method: http.MethodGet, Path: "/drift", Tags: tags, Permission: access.FindingsRead, Recursive: true, Summary: "List what changed on machines, youngest first",
	}, s.handleEvents)
	httpapi.Register(api, httpapi.Operation{
		ID: "compare-drift", Method: http.MethodGet, Path: "/drift/compare", Tags: tags, Permission: access.FindingsRead, Recursive: true,
		Summary: "Say what is different in a collection between two times or two agents",
	}, s.handleCompare)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-rare", Method: http.MethodGet, Path: "/drift/rare", Tags: tags, Permission: access.FindingsRead, Recursive: true,
		Summary: "List what few machines have, the rarest first",
	}, s.handleRare)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-anomalies", Method: http.MethodGet, Path: "/drift/anomalies", Tags: tags, Permission: access.FindingsRead, Feature: access.AIRisk, Recursive: true,
		Summary: "List the strangest changes with the reasons",
	}, s.handleAnomalies)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-drift-policy", Method: http.MethodGet, Path: "/drift/policy", Tags: tags, Permission: access.PacksRead, Summary: "Show what counts as a change",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*body[PolicyItem], error) {
		kept, err := s.keptPolicy(ctx, scope.Tenant)
		if err != nil {
			return nil, err
		}
		item := PolicyItem{YAML: kept.policy.Text, Own: kept.own}
		if kept.broken != nil {
			item.YAML, item.Broken = kept.text, kept.broken.Error()
		}
		return &body[PolicyItem]{item}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-drift-policy", Method: http.MethodPut, Path: "/drift/policy", Tags: tags, Permission: access.PacksManage, Audit: "drift.policy",
		Summary: "Say what counts as a change; an empty text goes back to the product's",
	}, func(ctx context.Context, scope access.Scope, in *policyInput) (*struct{}, error) {
		return nil, s.PutPolicy(ctx, scope, in.Body.YAML)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-baselines", Method: http.MethodGet, Path: "/baselines", Tags: tags, Permission: access.FindingsRead, Summary: "List what is expected of machines",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*body[httpapi.Page[BaselineItem]], error) {
		found, err := s.Baselines(ctx, scope)
		if err != nil {
			return nil, err
		}
		items := make([]BaselineItem, len(found))
		for i := range found {
			items[i] = baselineOf(&found[i])
		}
		return &body[httpapi.Page[BaselineItem]]{httpapi.Page[BaselineItem]{Items: items}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "create-baseline", Method: http.MethodPost, Path: "/baselines", Tags: tags, Permission: access.FindingsManage, Audit: "baselines.create", Status: http.StatusOK,
		Summary: "Take what is there, or was seen in a time, for what is expected",
	}, func(ctx context.Context, scope access.Scope, in *baselineInput) (*body[BaselineItem], error) {
		b := Baseline{Name: in.Body.Name, Collection: in.Body.Collection, Tag: in.Body.Tag, Mode: in.Body.Mode}
		if in.Body.AgentID != nil {
			b.AgentID = *in.Body.AgentID
		}
		if in.Body.LearnedFrom != nil {
			b.LearnedFrom = *in.Body.LearnedFrom
		}
		if in.Body.LearnedTo != nil {
			b.LearnedTo = *in.Body.LearnedTo
		}
		b, err := s.AddBaseline(ctx, scope, b)
		if err != nil {
			return nil, err
		}
		return &body[BaselineItem]{baselineOf(&b)}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-baseline", Method: http.MethodDelete, Path: "/baselines/{id}", Tags: tags, Permission: access.FindingsManage, Audit: "baselines.delete", Summary: "Forget what was expected",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.DeleteBaseline(ctx, scope, in.ID)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-deviations", Method: http.MethodGet, Path: "/baselines/{id}/deviations", Tags: tags, Permission: access.FindingsRead, Summary: "List what an agent has that is not expected",
	}, s.handleDeviations)
}

func (s *Service) handleEvents(ctx context.Context, scope access.Scope, in *eventsInput) (*body[httpapi.Page[EventItem]], error) {
	before := start()
	if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
		return nil, err
	}
	found, err := s.Events(ctx, scope, Filter{in.Collection, in.AgentID, in.From, in.To}, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items := make([]EventItem, len(found))
	for i := range found {
		if items[i], err = eventOf(&found[i]); err != nil {
			return nil, err
		}
	}
	page, err := httpapi.NewPage(items, in.Limit, func(EventItem) any {
		e := found[in.Limit-1]
		return place{e.At, e.tenant, e.collection, e.agent, e.seq}
	})
	return &body[httpapi.Page[EventItem]]{page}, err
}

func (s *Service) handleCompare(ctx context.Context, scope access.Scope, in *compareInput) (*body[ComparisonItem], error) {
	other := in.OtherID
	if other == uuid.Nil {
		other = in.AgentID
	}
	c, err := s.Compare(ctx, scope, in.Collection, Side{in.AgentID, in.From}, Side{other, in.To})
	if err != nil {
		return nil, err
	}
	item := ComparisonItem{Columns: append([]string{}, c.Columns...), Same: c.Same, Changes: []ChangeItem{}}
	for _, change := range c.Changes {
		i := ChangeItem{Change: change.Kind}
		if i.Value, err = encode(change.Value.Cells); err != nil {
			return nil, err
		}
		if change.Was != nil {
			if i.Was, err = encode(change.Was.Cells); err != nil {
				return nil, err
			}
		}
		item.Changes = append(item.Changes, i)
	}
	return &body[ComparisonItem]{item}, nil
}

func (s *Service) handleRare(ctx context.Context, scope access.Scope, in *rareInput) (*body[RarePage], error) {
	columns, found, err := s.Rare(ctx, scope, in.Collection, in.Most, in.Since, in.Limit)
	if err != nil {
		return nil, err
	}
	page := RarePage{Columns: columns, Items: []RareItem{}}
	for _, r := range found {
		item := RareItem{Holders: r.Holders, Fleet: r.Fleet, Tenants: r.Tenants, FirstSeenAt: r.FirstSeenAt, Hostnames: append([]string{}, r.Hostnames...)}
		if item.Value, err = encode(r.Value); err != nil {
			return nil, err
		}
		page.Items = append(page.Items, item)
	}
	return &body[RarePage]{page}, nil
}

func (s *Service) handleAnomalies(ctx context.Context, scope access.Scope, in *anomalyInput) (*body[httpapi.Page[AnomalyItem]], error) {
	found, err := s.Anomalies(ctx, scope, Filter{in.Collection, in.AgentID, in.From, in.To}, in.Least, in.Limit)
	if err != nil {
		return nil, err
	}
	items := make([]AnomalyItem, len(found))
	for i := range found {
		event, err := eventOf(&found[i].Event)
		if err != nil {
			return nil, err
		}
		items[i] = AnomalyItem{event, found[i].Score, []ReasonItem{}}
		for _, r := range found[i].Reasons {
			items[i].Reasons = append(items[i].Reasons, ReasonItem(r))
		}
	}
	return &body[httpapi.Page[AnomalyItem]]{httpapi.Page[AnomalyItem]{Items: items}}, nil
}

func (s *Service) handleDeviations(ctx context.Context, scope access.Scope, in *deviationInput) (*body[DeviationItem], error) {
	b, columns, strange, err := s.Deviations(ctx, scope, in.ID, in.AgentID)
	if err != nil {
		return nil, err
	}
	item := DeviationItem{Baseline: b.Name, Columns: append([]string{}, columns...), Values: [][]json.RawMessage{}}
	for _, v := range strange {
		cells, err := encode(v.Cells)
		if err != nil {
			return nil, err
		}
		item.Values = append(item.Values, cells)
	}
	return &body[DeviationItem]{item}, nil
}

func eventOf(e *Event) (EventItem, error) {
	item := EventItem{At: e.At, AgentID: e.AgentID, Hostname: e.Hostname, TenantName: e.TenantName, Collection: e.Collection, Change: e.Change, Columns: append([]string{}, e.Columns...),
		New: e.New, Others: e.Others, Fleet: e.Fleet}
	if e.Hidden != tables.ClassInventory {
		item.Hidden = findings.Hidden(e.Hidden)
	}
	var err error
	if item.Value, err = encode(e.Value); err != nil {
		return item, err
	}
	if e.Was != nil {
		item.Was, err = encode(e.Was)
	}
	return item, err
}

func encode(cells []tables.Value) ([]json.RawMessage, error) {
	out := make([]json.RawMessage, len(cells))
	for i, cell := range cells {
		var err error
		if out[i], err = cell.MarshalJSON(); err != nil {
			return nil, fmt.Errorf("encode value: %w", err)
		}
	}
	return out, nil
}

func baselineOf(b *Baseline) BaselineItem {
	item := BaselineItem{ID: &b.ID, Name: b.Name, Collection: b.Collection, Hostname: b.Hostname, Tag: b.Tag, Mode: b.Mode, LearnedFrom: &b.LearnedFrom, LearnedTo: &b.LearnedTo, Values: b.Values}
	if b.AgentID != uuid.Nil {
		item.AgentID = &b.AgentID
	}
	return item
}
