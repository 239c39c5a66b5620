package drift

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/packs/alertrules"
	policies "github.com/tenantra/tenantra/packs/drift"
	"github.com/tenantra/tenantra/tables"
)

// eventsMost is how many changes of one look are kept one by one. More are a new installation, not a change.
const eventsMost = 5000

// Judge looks at watched collections that changed. It is a findings.Judge.
func (s *Service) Judge(ctx context.Context, tx *postgres.Tx, changed []rows.Pending) error {
	policy, err := s.policy(ctx, tx.Scope.Tenant)
	if err != nil {
		return err
	}
	for _, p := range changed {
		w := policy.Watches[p.Name]
		if w == nil {
			continue
		}
		if err := s.look(ctx, tx, w, p); err != nil {
			return fmt.Errorf("judge drift of %s on agent %d: %w", p.Name, p.Agent, err)
		}
	}
	return nil
}

// look brings what is known of an agent's collection up to date, and does what follows from the changes.
func (s *Service) look(ctx context.Context, tx *postgres.Tx, w *policies.Watch, p rows.Pending) error {
	page, err := rows.Read(ctx, tx, rows.Query{Tenant: tx.Scope.Tenant, Agent: p.Agent, Collection: p.Collection})
	if err != nil {
		return err
	}
	cells := make([][]tables.Value, len(page.Rows))
	for i, row := range page.Rows {
		cells[i] = row.Values
	}
	now := w.Reduce(page.Columns, cells)
	before, known, err := held(ctx, tx, p.Agent, p.Collection, watchOf(w))
	if err != nil {
		return err
	}
	if err := putMark(ctx, tx, p.Agent, p.Collection, watchOf(w)); err != nil {
		return err
	}
	changes := w.Compare(before, now)
	if !known {
		if err := forgetValues(ctx, tx, p.Agent, p.Collection); err != nil {
			return err
		}
		changes = w.Compare(nil, now)
	}
	if len(changes) == 0 {
		return nil
	}
	counts, err := store(ctx, tx, w.Collection, p.Agent, p.Collection, changes)
	if err != nil {
		return err
	}
	if known && len(changes) <= eventsMost {
		if err := countPeers(ctx, tx, w.Collection, p.Agent, p.Collection, changes, counts); err != nil {
			return err
		}
		if err := addEvents(ctx, tx, w.Collection, p.Agent, p.Collection, changes, counts); err != nil {
			return err
		}
		if err := s.Alerts.Drift(ctx, tx, p.Agent, w.Collection, tableOf(w, changes, counts)); err != nil {
			return err
		}
	}
	return s.judgeBaselines(ctx, tx, w, p.Agent, p.Collection)
}

// counted is what is known of a value beside the agent that it is looked at on.
type counted struct {
	isNew         bool
	others, fleet int
	peers         int
	peersWith     int
}

// tableOf gives changes as rules on drift see them.
func tableOf(w *policies.Watch, changes []policies.Change, counts []counted) alertrules.Table {
	t := alertrules.Table{Columns: slices.Concat(alertrules.DriftColumns, w.Columns)}
	for i, c := range changes {
		isNew := int64(0)
		if counts[i].isNew {
			isNew = 1
		}
		t.Rows = append(t.Rows, slices.Concat([]tables.Value{
			tables.TextValue(c.Kind), tables.IntValue(isNew), tables.IntValue(int64(counts[i].others)), tables.IntValue(int64(counts[i].fleet)),
		}, c.Value.Cells))
	}
	return t
}

// judgeBaselines opens and closes the findings of what an agent has that is not expected of it.
func (s *Service) judgeBaselines(ctx context.Context, tx *postgres.Tx, w *policies.Watch, agent, collection int32) error {
	list, err := baselinesOf(ctx, tx, agent, collection)
	if err != nil {
		return err
	}
	for _, b := range list {
		strange, err := deviations(ctx, tx, b, agent)
		if err != nil {
			return err
		}
		if len(strange) == 0 {
			if err := s.Findings.Resolve(ctx, tx, agent, KindDrift, b.Name, "it is as expected again"); err != nil {
				return err
			}
			continue
		}
		class, err := s.Class(ctx, tx.Scope, w.Collection)
		if err != nil {
			return err
		}
		e := findings.Evidence{Columns: w.Columns, Rows: [][]tables.Value{}, Failing: [][]string{}, RowIDs: []int64{}, Total: len(strange)}
		for _, v := range strange[:min(len(strange), 100)] {
			if len(v.Cells) == len(w.Columns) {
				e.Rows, e.Failing, e.RowIDs = append(e.Rows, v.Cells), append(e.Failing, w.Columns), append(e.RowIDs, 0)
			}
		}
		err = s.Findings.Raise(ctx, tx, findings.Observation{
			Agent: agent, Kind: KindDrift, Subject: b.Name, Title: "Not as expected: " + b.Name, Severity: findings.Medium, Class: class, Evidence: e,
			Message: fmt.Sprintf("%d values of %s are not in the baseline: %s", len(strange), w.Collection, textOf(strange[0])), Expected: "only what the baseline has", RuleVersion: b.LearnedTo.UTC().Format(time.RFC3339),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func textOf(v policies.Value) string {
	words := make([]string, len(v.Cells))
	for i, cell := range v.Cells {
		words[i] = cell.String()
	}
	return strings.Join(words, " · ")
}

// sortValues brings values into an order that is the same everywhere.
func sortValues(list []policies.Value) {
	slices.SortFunc(list, func(a, b policies.Value) int { return cmp.Compare(a.Text, b.Text) })
}
