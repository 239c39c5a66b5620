package compliance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

// Findings opens and closes findings. *findings.Service is one.
type Findings interface {
	Raise(ctx context.Context, tx *postgres.Tx, o findings.Observation) error
	Resolve(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject, reason string) error
	Waive(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject, reason string) error
	Unwaive(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject, reason string) error
}

// key names a verdict of the transaction's tenant.
type key struct {
	check string
	agent int32
}

// Judge judges the checks whose collections changed. It is a findings.Judge.
func (s *Service) Judge(ctx context.Context, tx *postgres.Tx, changed []rows.Pending) error {
	var keys []key
	for _, p := range changed {
		check, _, ok := frameworks.OfCollection(p.Name)
		if ok && s.library.Check(check) != nil {
			keys = append(keys, key{check, p.Agent})
		}
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.agent != b.agent {
			return int(a.agent - b.agent)
		}
		return strings.Compare(a.check, b.check)
	})
	keys = slices.Compact(keys) // rows and applicability may both have changed
	if len(keys) == 0 {
		return nil
	}
	known, err := findVerdicts(ctx, tx, keys)
	if err != nil {
		return err
	}
	agents, err := findAgents(ctx, tx, keys)
	if err != nil {
		return err
	}
	held, err := s.settings(ctx, tx.Scope.Tenant)
	if err != nil {
		return err
	}
	var write []change
	for _, k := range keys {
		agent, active := agents[k.agent]
		if !active {
			continue // it was revoked meanwhile: its rows went because of that
		}
		c, err := s.judge(ctx, tx, held, k, agent, known[k])
		if err != nil {
			return fmt.Errorf("judge check %s on agent %d: %w", k.check, k.agent, err)
		}
		if c != nil {
			write = append(write, *c)
		}
	}
	return putVerdicts(ctx, tx, write)
}

// AgentRevoked moves the verdicts on an agent of the transaction's tenant to the past. Call it in the transaction that
// revokes the agent, after the findings' own.
func (s *Service) AgentRevoked(ctx context.Context, tx *postgres.Tx, agent int32) error {
	gone, err := takeAgent(ctx, tx, agent)
	if err != nil {
		return err
	}
	return putPast(ctx, tx, gone)
}

// change is a verdict to write, and the one that it takes the place of.
type change struct {
	now, before *Verdict
}

// judge judges one check on one agent and does what follows for its finding. It gives nil where there is nothing to write.
func (s *Service) judge(ctx context.Context, tx *postgres.Tx, held *settings, k key, agent rules.Agent, before *Verdict) (*change, error) {
	check := s.library.Check(k.check)
	told, err := readAnswer(ctx, tx, check, k.agent)
	if err != nil || told == nil {
		return nil, err
	}
	told.answer.Agent, told.answer.Params = agent, held.params[k.check]
	judgement := check.Judge(told.answer)
	if err := s.follow(ctx, tx, check, k.agent, told, judgement); err != nil {
		return nil, err
	}
	if w := held.waived(k.check, k.agent, agent.Tags, tx.Now); w != nil && judgement.Verdict == frameworks.Fail {
		if err := s.findings.Waive(ctx, tx, k.agent, findings.KindCheck, k.check, w.words()); err != nil {
			return nil, err
		}
	}
	now := &Verdict{Check: k.check, Agent: k.agent, Verdict: judgement.Verdict, Message: judgement.Message, Class: check.Class,
		RuleVersion: check.Version, Since: tx.Now}
	if before != nil {
		if before.Verdict == now.Verdict {
			now.Since = before.Since
		}
		if *before == *now {
			return nil, nil
		}
	}
	return &change{now, before}, nil
}

// follow opens or closes the finding. An error says nothing about the machine, so it leaves the finding as it is.
func (s *Service) follow(ctx context.Context, tx *postgres.Tx, check *frameworks.Check, agent int32, told *told, j frameworks.Judgement) error {
	switch j.Verdict {
	case frameworks.Pass:
		return s.findings.Resolve(ctx, tx, agent, findings.KindCheck, check.ID, "the check passes")
	case frameworks.NotApplicable:
		return s.findings.Resolve(ctx, tx, agent, findings.KindCheck, check.ID, "the check does not apply any more")
	case frameworks.Fail:
		severity, err := findings.ParseSeverity(string(check.Severity))
		if err != nil {
			return err
		}
		fix := ""
		if f := s.library.Fix(check.Fix); f != nil {
			if fix, err = check.FillFix(f, told.answer, j.Failing); err != nil {
				return err
			}
		}
		return s.findings.Raise(ctx, tx, findings.Observation{
			Agent: agent, Kind: findings.KindCheck, Subject: check.ID, Title: check.Title, Severity: severity, Message: j.Message,
			Expected: j.Expected, Fix: fix, RuleVersion: check.Version, Class: check.Class, Evidence: told.evidence(j.Failing),
		})
	}
	return nil
}

// told is what an agent told about a check.
type told struct {
	answer  frameworks.Answer
	columns []string
	values  [][]tables.Value
	ids     []int64 // of the stored rows
}

// readAnswer gives what an agent told about a check, or nil while it has not told enough to judge.
func readAnswer(ctx context.Context, tx *postgres.Tx, check *frameworks.Check, agent int32) (*told, error) {
	t := &told{}
	if check.Applies != "" {
		applies, found, err := t.read(ctx, tx, check.AppliesCollection(), agent)
		if err != nil || !found {
			return nil, err
		}
		t.answer.Applies = applies
		if t.answer.Err == nil && len(applies) == 0 {
			return t, nil // the rows do not matter, and the agent may not have asked for them
		}
	}
	found, ok, err := t.read(ctx, tx, check.Collection(), agent)
	if err != nil || !ok {
		return nil, err
	}
	t.answer.Rows = found
	return t, nil
}

// read gives the current rows of a collection of the agent; ok tells whether the agent has told it at all.
func (t *told) read(ctx context.Context, tx *postgres.Tx, name string, agent int32) (_ []rules.Row, ok bool, err error) {
	collection, found, err := findCollection(ctx, tx, name, agent)
	if err != nil || !found {
		return nil, false, err
	}
	if collection.status != 0 && t.answer.Err == nil {
		t.answer.Err = errors.New(collection.log)
	}
	page, err := rows.Read(ctx, tx, rows.Query{Tenant: tx.Scope.Tenant, Agent: agent, Collection: collection.id, Limit: rowsMax})
	if err != nil {
		return nil, false, err
	}
	if page.Next != nil && t.answer.Err == nil {
		t.answer.Err = fmt.Errorf("the check gives more than %d rows", rowsMax)
	}
	// Rows lie in the order of their ids, which are digests: people are shown them in an order of theirs, the same on
	// every agent and in every tenant.
	slices.SortFunc(page.Rows, func(a, b rows.StoredRow) int {
		return slices.CompareFunc(a.Values, b.Values, func(x, y tables.Value) int { return strings.Compare(x.String(), y.String()) })
	})
	t.columns, t.values, t.ids = page.Columns, nil, nil
	for _, row := range page.Rows {
		for range min(row.Copies, rowsMax-len(t.values)) {
			t.values, t.ids = append(t.values, row.Values), append(t.ids, row.ID)
		}
	}
	return frameworks.RowsOf(t.columns, t.values), true, nil
}

// evidence is the failing rows.
func (t *told) evidence(failing []rules.Blame) findings.Evidence {
	e := findings.Evidence{Columns: t.columns, Total: len(failing)}
	for _, blame := range failing {
		e.Rows = append(e.Rows, t.values[blame.Row])
		e.Failing = append(e.Failing, blame.Columns)
		e.RowIDs = append(e.RowIDs, t.ids[blame.Row])
	}
	return e
}
