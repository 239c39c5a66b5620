package alerts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

// Findings opens and closes findings. *findings.Service is one.
type Findings interface {
	RaiseFinding(ctx context.Context, tx *postgres.Tx, o findings.Observation) (uuid.UUID, error)
	Resolve(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject, reason string) error
	OpenSubjects(ctx context.Context, tx *postgres.Tx, agent int32, kind, begin string) ([]string, error)
}

// kindRuleError is the kind of findings that say that a rule cannot be judged on an agent.
const kindRuleError = "rule_error"

// rowsRead is how many rows of a collection a rule sees at most.
const rowsRead = 50_000

// Judge judges the rules on collections that changed. It is a findings.Judge.
func (s *Service) Judge(ctx context.Context, tx *postgres.Tx, changed []rows.Pending) error {
	h, err := s.hold(ctx, tx.Scope.Tenant)
	if err != nil {
		return err
	}
	working := h.working(alertrules.OnCollection)
	if len(working) == 0 {
		return nil
	}
	byAgent := map[int32][]string{}
	for _, p := range changed {
		byAgent[p.Agent] = append(byAgent[p.Agent], p.Name)
	}
	ids := slices.Sorted(maps.Keys(byAgent))
	agents, err := findAgents(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		agent, active := agents[id]
		if !active {
			continue
		}
		read := reader{tx: tx, agent: id, tables: map[string]alertrules.Table{}}
		subject := &subject{id: id}
		for i := range working {
			e := &working[i]
			concerned := slices.ContainsFunc(e.Collections, func(name string) bool { return slices.Contains(byAgent[id], name) })
			if !concerned || !e.fits(agent) {
				continue
			}
			in, err := read.input(ctx, e, agent, time.Time{})
			if err != nil {
				return err
			}
			if err := s.judge(ctx, tx, h, e, subject, in, true); err != nil {
				return fmt.Errorf("judge rule %s on agent %d: %w", e.ID, id, err)
			}
		}
	}
	return nil
}

// fits tells whether a rule is for the platform of an agent.
func (e *Effective) fits(agent rules.Agent) bool {
	platform, err := tables.ParsePlatforms(agent.Platform)
	return err == nil && e.Platforms.Has(platform)
}

// judge evaluates a rule on an agent, and opens and closes its findings there. Without closes, findings stay that are not
// found this time: what happened once is over when its time has passed.
func (s *Service) judge(ctx context.Context, tx *postgres.Tx, h held, e *Effective, on *subject, in alertrules.Input, closes bool) error {
	agent := on.id
	fired, err := s.evaluate(ctx, tx, e, on, in)
	if err != nil || fired == nil && !closes {
		return err
	}
	severity, err := severityOf(e.Severity)
	if err != nil {
		return err
	}
	var now []string
	for _, f := range fired {
		subject := subjectOf(e.Rule, f)
		now = append(now, subject)
		id, err := s.Findings.RaiseFinding(ctx, tx, findings.Observation{
			Agent: agent, Kind: KindAlert, Subject: subject, Title: e.Title, Severity: severity, Message: f.Message, RuleVersion: e.Version, Class: e.Class,
			Evidence: evidenceOf(e.Rule, f),
		})
		if err != nil {
			return err
		}
		if err := s.fire(ctx, tx, h, e, found{id, agent, f.Group, f.Message}); err != nil {
			return err
		}
	}
	if !closes {
		return nil
	}
	open, err := s.Findings.OpenSubjects(ctx, tx, agent, KindAlert, e.ID)
	if err != nil {
		return err
	}
	for _, subject := range open {
		if (subject == e.ID || strings.HasPrefix(subject, e.ID+"/")) && !slices.Contains(now, subject) {
			if err := s.Findings.Resolve(ctx, tx, agent, KindAlert, subject, "the rule does not fire any more"); err != nil {
				return err
			}
		}
	}
	return nil
}

// subject is an agent that rules are judged on.
type subject struct {
	id     int32
	listed bool
	broken []string // rules that could not be judged on it so far
}

// evaluate runs a rule. One that cannot be judged is a finding, and fires for nothing; the finding goes once it can.
func (s *Service) evaluate(ctx context.Context, tx *postgres.Tx, e *Effective, on *subject, in alertrules.Input) ([]alertrules.Firing, error) {
	in.Threshold, in.Params = e.Threshold, e.Params
	fired, failure := e.Evaluate(ctx, in)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if failure != nil {
		_, err := s.Findings.RaiseFinding(ctx, tx, findings.Observation{
			Agent: on.id, Kind: kindRuleError, Subject: e.ID, Title: "An alert rule cannot be judged", Severity: findings.Low, Message: failure.Error(),
			RuleVersion: e.Version, Class: e.Class, Evidence: findings.Evidence{Columns: []string{}, Rows: [][]tables.Value{}, Failing: [][]string{}, RowIDs: []int64{}},
		})
		return nil, err
	}
	if !on.listed {
		var err error
		if on.broken, err = s.Findings.OpenSubjects(ctx, tx, on.id, kindRuleError, ""); err != nil {
			return nil, err
		}
		on.listed = true
	}
	if slices.Contains(on.broken, e.ID) {
		if err := s.Findings.Resolve(ctx, tx, on.id, kindRuleError, e.ID, "the rule can be judged again"); err != nil {
			return nil, err
		}
	}
	return fired, nil
}

// subjectOf names what a rule found on an agent: the rule, and the group where rows make one.
func subjectOf(r *alertrules.Rule, f alertrules.Firing) string {
	group := r.RowGroup(f)
	if group == "" {
		return r.ID
	}
	subject := r.ID + "/" + strings.ToValidUTF8(group, "�")
	if len(subject) <= 160 {
		return subject
	}
	sum := sha256.Sum256([]byte(group))
	return r.ID + "/" + hex.EncodeToString(sum[:16])
}

func evidenceOf(r *alertrules.Rule, f alertrules.Firing) findings.Evidence {
	e := findings.Evidence{Columns: f.Columns, Rows: [][]tables.Value{}, Failing: [][]string{}, RowIDs: []int64{}, Total: len(f.Rows)}
	read := slices.DeleteFunc(slices.Clone(r.When.Columns()), func(name string) bool { return !slices.Contains(f.Columns, name) })
	for _, row := range f.Rows[:min(len(f.Rows), 100)] {
		e.Rows, e.Failing, e.RowIDs = append(e.Rows, row), append(e.Failing, read), append(e.RowIDs, 0)
	}
	return e
}

// reader reads the collections of one agent, each once.
type reader struct {
	tx     *postgres.Tx
	agent  int32
	tables map[string]alertrules.Table
}

// input gives what a rule on collections is judged on, now or as of a time.
func (r *reader) input(ctx context.Context, e *Effective, agent rules.Agent, at time.Time) (alertrules.Input, error) {
	in := alertrules.Input{Agent: agent, Tables: map[string]alertrules.Table{}}
	for _, name := range e.Collections {
		t, ok := r.tables[name]
		if !ok {
			var err error
			if t, err = readTable(ctx, r.tx, r.agent, name, at); err != nil {
				return in, err
			}
			r.tables[name] = t
		}
		in.Tables[alertrules.TableOf(name)] = t
	}
	return in, nil
}

// readTable gives the rows of a collection of an agent, in an order of theirs; none where it never told it.
func readTable(ctx context.Context, tx *postgres.Tx, agent int32, name string, at time.Time) (alertrules.Table, error) {
	c, err := rows.FindCollection(ctx, tx, tx.Scope.Tenant, agent, name)
	if fault.CodeOf(err) == fault.NotFound {
		return alertrules.Table{}, nil
	}
	if err != nil {
		return alertrules.Table{}, err
	}
	page, err := rows.Read(ctx, tx, rows.Query{Tenant: tx.Scope.Tenant, Agent: agent, Collection: c.ID, At: at, Limit: rowsRead})
	if err != nil {
		return alertrules.Table{}, err
	}
	// Rows lie in the order of their ids, which are digests: people are shown them in an order that means something.
	slices.SortFunc(page.Rows, func(a, b rows.StoredRow) int {
		return slices.CompareFunc(a.Values, b.Values, func(x, y tables.Value) int { return cmp.Compare(x.String(), y.String()) })
	})
	t := alertrules.Table{Columns: page.Columns}
	for _, row := range page.Rows {
		for range min(row.Copies, rowsRead-len(t.Rows)) {
			t.Rows = append(t.Rows, row.Values)
		}
	}
	return t, nil
}
