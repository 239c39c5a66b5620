package drift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/packs/alertrules"
	policies "github.com/tenantra/tenantra/packs/drift"
	"github.com/tenantra/tenantra/tables"
)

const (
	policyAge    = 10 * time.Second
	policyMax    = 10_000 // tenants kept
	baselinesMax = 200
)

// Filter narrows a list of changes. Zero values do not filter.
type Filter struct {
	Collection string
	Agent      uuid.UUID
	From, To   time.Time
}

func (s *Service) policy(ctx context.Context, tenant int32) (*policies.Policy, error) {
	kept, err := s.keptPolicy(ctx, tenant)
	return kept.policy, err
}

func (s *Service) keptPolicy(ctx context.Context, tenant int32) (keptPolicy, error) {
	s.mu.Lock()
	kept, ok := s.policies[tenant]
	s.mu.Unlock()
	if ok && s.Now().Sub(kept.at) < policyAge {
		return kept, nil
	}
	kept = keptPolicy{at: s.Now(), policy: s.Default}
	var text string
	err := s.DB.InScope(ctx, access.System(tenant, "drift"), func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT yaml FROM drift_policies WHERE tenant_id = $1`, tenant).Scan(&text)
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return kept, fmt.Errorf("read drift policy: %w", err)
	default:
		columns, err := s.Columns(ctx, tenant)
		if err != nil {
			return kept, err
		}
		kept.own, kept.text = true, text
		if kept.policy, kept.broken = policies.Parse("drift.yaml", []byte(text), columns); kept.broken != nil {
			// A pack that it names is gone. What is left of it cannot be guessed: the product's holds until it is mended, and a
			// finding on each agent that is judged so says it.
			s.Log.WarnContext(ctx, "a drift policy does not work any more", "tenant", tenant, "err", kept.broken)
			kept.policy = s.Default
		}
	}
	s.mu.Lock()
	if len(s.policies) >= policyMax {
		s.policies = map[int32]keptPolicy{}
	}
	s.policies[tenant] = kept
	s.mu.Unlock()
	return kept, nil
}

// Watched gives the policy that holds for a tenant: its own, or the product's.
func (s *Service) Watched(ctx context.Context, tenant int32) (*policies.Policy, error) {
	return s.policy(ctx, tenant)
}

// PutPolicy stores a policy of the scope's tenant; "" goes back to the product's.
func (s *Service) PutPolicy(ctx context.Context, scope access.Scope, text string) error {
	columns, err := s.Columns(ctx, scope.Tenant)
	if err != nil {
		return err
	}
	if text != "" {
		policy, err := policies.Parse("drift.yaml", []byte(text), columns)
		if err != nil {
			return fault.Field(fault.Invalid, "body.yaml", "%v", err)
		}
		for name := range policy.Watches {
			class, err := s.Class(ctx, scope, name)
			if err != nil {
				return err
			}
			if !scope.MayRead(class) {
				return fault.Field(fault.Forbidden, "body.yaml", "%s is of class %s, which your role may not read", name, class)
			}
		}
	}
	return s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		const put = `
INSERT INTO drift_policies (tenant_id, yaml, created_by, created_at, last_modified_by, last_modified_at) VALUES ($1, $2, $3, $4, $3, $4)
ON CONFLICT (tenant_id) DO UPDATE SET yaml = excluded.yaml, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`
		var err error
		if text == "" {
			_, err = tx.Exec(ctx, `DELETE FROM drift_policies WHERE tenant_id = $1`, tx.Scope.Tenant)
		} else {
			_, err = tx.Exec(ctx, put, tx.Scope.Tenant, text, tx.Scope.Actor.String(), tx.Now)
		}
		if err != nil {
			return fmt.Errorf("store drift policy: %w", err)
		}
		if err := s.policyWorks(ctx, tx, nil); err != nil {
			return err
		}
		tenant := tx.Scope.Tenant
		tx.AfterCommit(func() {
			s.mu.Lock()
			delete(s.policies, tenant)
			s.mu.Unlock()
		})
		return audit.Record(ctx, tx, audit.Entry{Action: "drift.policy", Object: "drift:policy", Detail: map[string]any{"own": text != ""}})
	})
}

// Events gives what changed, the youngest first, those before a place.
func (s *Service) Events(ctx context.Context, scope access.Scope, f Filter, before place, limit int) (out []Event, err error) {
	if f.To.IsZero() {
		f.To = s.Now()
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		out, err = listEvents(ctx, tx, f, before, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.describe(ctx, scope, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// describe names an event's columns, and leaves out what the reader may not read.
func (s *Service) describe(ctx context.Context, scope access.Scope, e *Event) error {
	policy, err := s.policy(ctx, e.tenant)
	if err != nil {
		return err
	}
	if w := policy.Watches[e.Collection]; w != nil && len(w.Columns) == len(e.Value) {
		e.Columns = w.Columns
	}
	class, err := s.Class(ctx, scope, e.Collection)
	if err != nil {
		return err
	}
	if !scope.MayRead(class) {
		e.Hidden, e.Value, e.Was = class, nil, nil
	}
	return nil
}

// start is the place before all events.
func start() place {
	return place{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32}
}

// Changes gives what changed in a collection of the transaction's tenant, as rules on drift saw it, the oldest first.
func (s *Service) Changes(ctx context.Context, tx *postgres.Tx, collection string, from, to time.Time) ([]alerts.AgentChange, error) {
	policy, err := s.policy(ctx, tx.Scope.Tenant)
	if err != nil {
		return nil, err
	}
	w := policy.Watches[collection]
	if w == nil {
		return nil, nil
	}
	found, err := listEvents(ctx, tx, Filter{Collection: collection, From: from, To: to}, start(), 20_000)
	if err != nil {
		return nil, err
	}
	var out []alerts.AgentChange
	for i := len(found) - 1; i >= 0; i-- {
		e := found[i]
		if len(e.Value) != len(w.Columns) {
			continue // of an older policy
		}
		if n := len(out); n == 0 || out[n-1].Agent != e.agent || !out[n-1].At.Equal(e.At) {
			out = append(out, alerts.AgentChange{Agent: e.agent, At: e.At})
		}
		last := &out[len(out)-1]
		t := tableOf(w, []policies.Change{{Kind: e.Change, Value: policies.Value{Cells: e.Value}}}, []counted{{isNew: e.New, others: e.Others, fleet: e.Fleet}})
		last.Table = alertrules.Table{Columns: t.Columns, Rows: append(last.Table.Rows, t.Rows...)}
	}
	return out, nil
}

// Side is a collection of an agent at a time; zero is now.
type Side struct {
	Agent uuid.UUID
	At    time.Time
}

// Comparison is what is different between two sides, as far as it counts.
type Comparison struct {
	Columns []string
	Changes []policies.Change
	Same    int // values on both sides
}

// Compare tells what is different in a collection between two agents, or two times, or both.
func (s *Service) Compare(ctx context.Context, scope access.Scope, collection string, a, b Side) (out Comparison, err error) {
	class, err := s.Class(ctx, scope, collection)
	if err != nil {
		return out, err
	}
	if !scope.MayRead(class) {
		return out, fault.New(fault.Forbidden, "%s is of class %s, which your role may not read", collection, class)
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		out = Comparison{}
		policy, err := s.policy(ctx, scope.Tenant)
		if err != nil {
			return err
		}
		left, err := readSide(ctx, tx, collection, a)
		if err != nil {
			return err
		}
		right, err := readSide(ctx, tx, collection, b)
		if err != nil {
			return err
		}
		w := policy.Watches[collection]
		if w == nil { // nothing says what counts: everything does
			w = &policies.Watch{Collection: collection, Columns: right.Columns}
			if len(w.Columns) == 0 {
				w.Columns = left.Columns
			}
		}
		before, after := w.Reduce(left.Columns, valuesOf(left)), w.Reduce(right.Columns, valuesOf(right))
		out.Columns, out.Changes = w.Columns, w.Compare(before, after)
		out.Same = len(after)
		for _, c := range out.Changes {
			if c.Kind != "removed" {
				out.Same--
			}
		}
		return nil
	})
	return out, err
}

func valuesOf(p rows.Page) [][]tables.Value {
	out := make([][]tables.Value, len(p.Rows))
	for i, row := range p.Rows {
		out[i] = row.Values
	}
	return out
}

func readSide(ctx context.Context, tx *postgres.Tx, collection string, side Side) (rows.Page, error) {
	var tenant, agent int32
	err := tx.QueryRow(ctx, `SELECT tenant_id, id FROM agents WHERE public_id = $1`, side.Agent).Scan(&tenant, &agent)
	if errors.Is(err, pgx.ErrNoRows) {
		return rows.Page{}, fault.New(fault.NotFound, "there is no such agent")
	}
	if err != nil {
		return rows.Page{}, fmt.Errorf("find agent: %w", err)
	}
	c, err := rows.FindCollection(ctx, tx, tenant, agent, collection)
	if err != nil {
		return rows.Page{}, err
	}
	page, err := rows.Read(ctx, tx, rows.Query{Tenant: tenant, Agent: agent, Collection: c.ID, At: side.At})
	if err != nil {
		return page, err
	}
	if page.Next != nil {
		return page, fault.New(fault.TooLarge, "the collection has more than %d rows", rows.PageMax)
	}
	return page, nil
}

// Rare gives the values of a watched collection that few machines have, the rarest first, of the scope's tenants together.
func (s *Service) Rare(ctx context.Context, scope access.Scope, collection string, most int, since time.Time, limit int) (columns []string, out []Rarity, err error) {
	policy, err := s.policy(ctx, scope.Tenant)
	if err != nil {
		return nil, nil, err
	}
	w := policy.Watches[collection]
	if w == nil {
		return nil, nil, fault.Field(fault.Invalid, "query.collection", "no changes of %s are kept: name it in the drift policy first", collection)
	}
	class, err := s.Class(ctx, scope, collection)
	if err != nil {
		return nil, nil, err
	}
	if !scope.MayRead(class) {
		return nil, nil, fault.New(fault.Forbidden, "%s is of class %s, which your role may not read", collection, class)
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		out, err = listRare(ctx, tx, collection, most, since, limit)
		return err
	})
	return w.Columns, out, err
}

// Anomalies gives the strangest changes from one time to another, those of at least a score, the strangest first.
func (s *Service) Anomalies(ctx context.Context, scope access.Scope, f Filter, least float64, limit int) (out []Anomaly, err error) {
	if f.To.IsZero() {
		f.To = s.Now()
	}
	if f.From.IsZero() {
		f.From = f.To.Add(-7 * 24 * time.Hour)
	}
	if f.To.Sub(f.From) > patternOver {
		return nil, fault.Field(fault.Invalid, "query.from", "at most 28 days")
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		out = nil
		hours, err := hoursOf(ctx, tx, f.From.Add(-patternOver), f.From)
		if err != nil {
			return err
		}
		events, err := listEvents(ctx, tx, f, start(), anomaliesOver)
		if err != nil {
			return err
		}
		for _, e := range events {
			h := hours[[2]int32{e.tenant, e.collection}]
			if h == nil {
				h = &Hours{}
			}
			if score, reasons := Strangeness(e, h); score >= least {
				out = append(out, Anomaly{e, score, reasons})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b Anomaly) int { return cmp.Compare(b.Score, a.Score) })
	out = out[:min(len(out), limit)]
	for i := range out {
		if err := s.describe(ctx, scope, &out[i].Event); err != nil {
			return nil, err
		}
	}
	return out, nil
}
