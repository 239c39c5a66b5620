package risk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Open counts findings by severity; the first place is not used.
type Open [findings.Critical + 1]int

// Asset is an agent with its score.
type Asset struct {
	AgentID    uuid.UUID
	Hostname   string
	TenantID   uuid.UUID
	TenantName string
	Importance int
	Points     float64
	Score      float64
	Open       Open
}

// Summary is the risk of the tenants that are looked at.
type Summary struct {
	Score          float64
	Assets         int
	Open           Open
	Worst          []Asset // a few
	Tenants        []TenantScore
	WeightsVersion int // of the tenant acted in
}

// TenantScore is the risk of one tenant.
type TenantScore struct {
	TenantID uuid.UUID
	Name     string
	Score    float64
	Assets   int
}

// Version is weights with their number: 0 are the product's.
type Version struct {
	Version   int
	Weights   Weights
	Reason    string
	CreatedAt time.Time
}

// Day is a tenant's risk on a day. Days by different weights are not compared.
type Day struct {
	Day            time.Time
	Score          float64
	Assets         int
	Open           Open
	WeightsVersion int
}

// Module is what a collection says of an agent: whether it works, and what is wrong by it.
type Module struct {
	Name      string
	Status    string // ok, warning (something is wrong by it) or failed (it does not work)
	Rows      int64
	ChangedAt time.Time
	SeenAt    time.Time
	Points    float64
	Risks     []Reason
	Messages  []string

	code int16
}

// Config is what a Service needs of its surroundings.
type Config struct {
	DB *postgres.DB
	// Collections tells which collections a finding is about; none where that is not known.
	Collections func(ctx context.Context, tenant int32, kind, subject string) ([]string, error)
	Now         func() time.Time // nil: time.Now
	Log         *slog.Logger
}

// Service computes risk. Safe for concurrent use.
type Service struct{ Config }

const (
	worstShown  = 20
	dayInterval = time.Hour
)

// Every is how work is done again and again. *jobs.Runner's Every has its form.
type Every func(interval time.Duration, name string, work func(ctx context.Context) error)

// New makes a Service, and has it keep each day's risk.
func New(c Config, every Every) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Service{c}
	every(dayInterval, "risk-days", s.KeepDay)
	return s
}

// Summary gives the risk of the scope's tenants together.
func (s *Service) Summary(ctx context.Context, scope access.Scope) (out Summary, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		assets, err := measure(ctx, tx)
		if err != nil {
			return err
		}
		v, err := findWeights(ctx, tx, tx.Scope.Tenant)
		if err != nil {
			return err
		}
		out = summarize(assets)
		out.WeightsVersion = v.Version
		return nil
	})
	return out, err
}

func summarize(assets []measured) Summary {
	out := Summary{Assets: len(assets)}
	var all []float64
	byTenant := map[int32][]float64{}
	names := map[int32]TenantScore{}
	for _, m := range assets {
		all = append(all, m.Score)
		byTenant[m.key.tenant] = append(byTenant[m.key.tenant], m.Score)
		names[m.key.tenant] = TenantScore{TenantID: m.TenantID, Name: m.TenantName}
		for i, n := range m.Open {
			out.Open[i] += n
		}
		out.Worst = append(out.Worst, m.Asset)
	}
	out.Score = together(all)
	slices.SortStableFunc(out.Worst, func(a, b Asset) int { return cmp.Compare(b.Score, a.Score) })
	out.Worst = out.Worst[:min(len(out.Worst), worstShown)]
	for tenant, scores := range byTenant {
		t := names[tenant]
		t.Score, t.Assets = together(scores), len(scores)
		out.Tenants = append(out.Tenants, t)
	}
	slices.SortFunc(out.Tenants, func(a, b TenantScore) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// Assets gives the assets of the scope's tenants, the highest score first.
func (s *Service) Assets(ctx context.Context, scope access.Scope) (out []Asset, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		assets, err := measure(ctx, tx)
		if err != nil {
			return err
		}
		out = make([]Asset, len(assets))
		for i, m := range assets {
			out[i] = m.Asset
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Asset) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		return strings.Compare(a.AgentID.String(), b.AgentID.String())
	})
	return out, err
}

// Asset gives an asset's score with every reason for it, the weightiest first.
func (s *Service) Asset(ctx context.Context, scope access.Scope, agent uuid.UUID) (a Asset, list []Reason, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		m, err := findAsset(ctx, tx, agent)
		if err != nil {
			return err
		}
		a, list, err = s.weigh(ctx, tx, m)
		return err
	})
	for i := range list {
		if f := &list[i].Finding; !scope.MayRead(f.Class) {
			f.Message = findings.Hidden(f.Class)
		}
	}
	return a, list, err
}

func (s *Service) weigh(ctx context.Context, tx *postgres.Tx, m measured) (Asset, []Reason, error) {
	v, err := findWeights(ctx, tx, m.key.tenant)
	if err != nil {
		return m.Asset, nil, err
	}
	list, err := reasons(ctx, tx, m.key)
	if err != nil {
		return m.Asset, nil, err
	}
	w := &v.Weights
	for i := range list {
		r := &list[i]
		r.Points = w.points(r.Finding.Kind, r.Finding.Severity, r.Exposure, m.Importance)
		r.Text = w.explain(r.Finding.Kind, r.Finding.Severity, r.Exposure, m.Importance)
		m.Points += r.Points
		m.Open[r.Finding.Severity]++
	}
	m.Score = w.score(m.Points)
	for i := range list {
		if m.Points > 0 {
			list[i].Share = m.Score * list[i].Points / m.Points
		}
	}
	slices.SortStableFunc(list, func(a, b Reason) int { return cmp.Compare(b.Points, a.Points) })
	return m.Asset, list, nil
}

// SetImportance says how much an asset matters, from 1 to 5.
func (s *Service) SetImportance(ctx context.Context, scope access.Scope, agent uuid.UUID, importance int) error {
	if importance < 1 || importance > 5 {
		return fault.Field(fault.Invalid, "body.importance", "importance is 1 to 5")
	}
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		m, err := findAsset(ctx, tx, agent)
		if err != nil {
			return err
		}
		if err := putImportance(ctx, tx, m.key, importance); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "risk.importance", Object: "agent:" + agent.String(), Detail: map[string]any{"before": m.Importance, "after": importance}})
	})
}

// Weights gives the weights that hold for the scope's tenant.
func (s *Service) Weights(ctx context.Context, scope access.Scope) (v Version, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		v, err = findWeights(ctx, tx, tx.Scope.Tenant)
		return err
	})
	return v, err
}

// PutWeights stores weights as the next version.
func (s *Service) PutWeights(ctx context.Context, scope access.Scope, w Weights, reason string) (v Version, err error) {
	if err := w.validate(); err != nil {
		return v, err
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Lock(ctx, postgres.Weighing, tx.Scope.Tenant); err != nil {
			return err
		}
		before, err := findWeights(ctx, tx, tx.Scope.Tenant)
		if err != nil {
			return err
		}
		v = Version{before.Version + 1, w, reason, tx.Now}
		if err := addWeights(ctx, tx, v); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "risk.weights", Object: fmt.Sprintf("risk_weights:%d", v.Version), Detail: map[string]any{"weights": w, "reason": reason}})
	})
	return v, err
}

// Trend gives a tenant's risk day by day.
func (s *Service) Trend(ctx context.Context, scope access.Scope, from, to time.Time) (days []Day, err error) {
	err = s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		days, err = listDays(ctx, tx, from, to)
		return err
	})
	return days, err
}

// KeepDay writes the present risk of every tenant as that of the day.
func (s *Service) KeepDay(ctx context.Context) error {
	tenants, err := s.DB.Subtree(ctx, postgres.RootTenant)
	if err != nil {
		return err
	}
	var failures []error
	for _, tenant := range tenants {
		err := s.DB.InScope(ctx, access.System(tenant, "risk"), func(ctx context.Context, tx *postgres.Tx) error {
			assets, err := measure(ctx, tx)
			if err != nil {
				return err
			}
			v, err := findWeights(ctx, tx, tenant)
			if err != nil {
				return err
			}
			sum := summarize(assets)
			day := s.Now().UTC().Truncate(24 * time.Hour)
			return putDay(ctx, tx, Day{day, sum.Score, sum.Assets, sum.Open, v.Version})
		})
		if err != nil {
			failures = append(failures, fmt.Errorf("tenant %d: %w", tenant, err))
		}
	}
	return errors.Join(failures...)
}

// Modules says of each collection of an agent whether it works, and what is wrong by it. Checks stand together as one.
func (s *Service) Modules(ctx context.Context, scope access.Scope, agent uuid.UUID) (out []Module, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		m, err := findAsset(ctx, tx, agent)
		if err != nil {
			return err
		}
		_, list, err := s.weigh(ctx, tx, m)
		if err != nil {
			return err
		}
		told, err := listModules(ctx, tx, m.key)
		if err != nil {
			return err
		}
		out, err = s.join(ctx, m.key.tenant, told, list)
		return err
	})
	for i := range out {
		for j := range out[i].Risks {
			if f := &out[i].Risks[j].Finding; !scope.MayRead(f.Class) {
				f.Message = findings.Hidden(f.Class)
			}
		}
	}
	return out, err
}

// checksModule is the name under which checks stand together.
const checksModule = "checks"

func (s *Service) join(ctx context.Context, tenant int32, told []Module, list []Reason) ([]Module, error) {
	at := map[string]int{}
	var out []Module
	for _, m := range told {
		if strings.HasPrefix(m.Name, "check:") {
			m.Name = checksModule
		}
		i, ok := at[m.Name]
		if !ok {
			i = len(out)
			at[m.Name], out = i, append(out, Module{Name: m.Name})
		}
		sum := &out[i]
		sum.Rows += m.Rows
		sum.Messages = append(sum.Messages, m.Messages...)
		sum.code = max(sum.code, m.code)
		if m.ChangedAt.After(sum.ChangedAt) {
			sum.ChangedAt = m.ChangedAt
		}
		if m.SeenAt.After(sum.SeenAt) {
			sum.SeenAt = m.SeenAt
		}
	}
	for _, r := range list {
		names, err := s.Collections(ctx, tenant, r.Finding.Kind, r.Finding.Subject)
		if err != nil {
			return nil, err
		}
		if r.Finding.Kind == findings.KindCheck {
			names = []string{checksModule}
		}
		for _, name := range names {
			if i, ok := at[name]; ok {
				out[i].Risks, out[i].Points = append(out[i].Risks, r), out[i].Points+r.Points
			}
		}
	}
	for i := range out {
		switch m := &out[i]; {
		case m.code != 0:
			m.Status = "failed"
		case len(m.Risks) > 0:
			m.Status = "warning"
		default:
			m.Status = "ok"
		}
	}
	return out, nil
}
