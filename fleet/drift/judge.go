package drift

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

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
	kept, err := s.keptPolicy(ctx, tx.Scope.Tenant)
	if err != nil {
		return err
	}
	if err := s.judgePolicy(ctx, tx, kept, changed); err != nil {
		return err
	}
	for _, p := range changed {
		w := kept.policy.Watches[p.Name]
		if w == nil {
			continue
		}
		if err := s.look(ctx, tx, w, p); err != nil {
			return fmt.Errorf("judge drift of %s on agent %d: %w", p.Name, p.Agent, err)
		}
	}
	return nil
}

// judgePolicy opens a finding on the agents that are judged by the product's policy because the tenant's own does not work
// any more, and closes it on those that are judged by a policy that works.
func (s *Service) judgePolicy(ctx context.Context, tx *postgres.Tx, kept keptPolicy, changed []rows.Pending) error {
	var agents []int32
	for _, p := range changed {
		agents = append(agents, p.Agent)
	}
	slices.Sort(agents)
	agents = slices.Compact(agents)
	if kept.broken == nil {
		return s.policyWorks(ctx, tx, agents)
	}
	for _, agent := range agents {
		err := s.Findings.Raise(ctx, tx, findings.Observation{
			Agent: agent, Kind: kindPolicyError, Subject: subjectPolicy, Title: "The drift policy does not work any more", Severity: findings.Medium,
			Message:  "Changes are judged by the product's policy until it is mended: " + kept.broken.Error(),
			Fix:      "Mend the drift policy: take out or correct what it names, or go back to the product's policy.",
			Evidence: findings.Evidence{Columns: []string{}, Rows: [][]tables.Value{}, Failing: [][]string{}, RowIDs: []int64{}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const sqlPolicyErrors = `
SELECT agent_id FROM findings WHERE tenant_id = $1 AND kind = $2 AND state <> 'resolved' AND ($3::int[] IS NULL OR agent_id = ANY($3)) ORDER BY agent_id`

// policyWorks closes the findings about the tenant's policy, on some agents or, for nil, on all.
func (s *Service) policyWorks(ctx context.Context, tx *postgres.Tx, agents []int32) error {
	found, err := tx.Query(ctx, sqlPolicyErrors, tx.Scope.Tenant, kindPolicyError, agents)
	if err != nil {
		return fmt.Errorf("list findings about the drift policy: %w", err)
	}
	open, err := pgx.CollectRows(found, pgx.RowTo[int32])
	if err != nil {
		return fmt.Errorf("list findings about the drift policy: %w", err)
	}
	for _, agent := range open {
		if err := s.Findings.Resolve(ctx, tx, agent, kindPolicyError, subjectPolicy, "the drift policy works"); err != nil {
			return err
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
