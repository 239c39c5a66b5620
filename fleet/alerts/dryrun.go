package alerts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

// The bounds of a dry run.
const (
	dryMoments = 2000 // evaluations
	dryTime    = 20 * time.Second
	dryPeriod  = 31 * 24 * time.Hour
	dryFirings = 200 // shown
)

// DryRun says what a rule would have done over stored history.
type DryRun struct {
	From, To  time.Time
	Basis     string // history, or now where no history is kept of what the rule looks at
	Moments   int    // at which the rule was judged
	Fired     int    // how often it began to fire
	Firing    int    // groups for which it fires at the end
	Agents    []DryAgent
	Days      []DryDay    // on which it began to fire, the oldest first
	Firings   []DryFiring // the youngest first, a few
	Truncated bool        // it ended at a limit, and there is more
	Errors    int         // moments at which it could not be judged
	LastError string
}

// DryAgent is how often a rule would have begun to fire on an agent.
type DryAgent struct {
	AgentID  uuid.UUID
	Hostname string
	Fired    int
}

// DryDay is how often a rule would have begun to fire on a day.
type DryDay struct {
	Day   time.Time // its start in UTC
	Fired int
}

// DryFiring is one time that a rule would have begun to fire.
type DryFiring struct {
	At       time.Time
	AgentID  uuid.UUID
	Hostname string
	Group    string
	Message  string
}

// moment is a time at which rows that a rule looks at changed on an agent.
type moment struct {
	agent int32
	at    time.Time
}

const sqlMoments = `
WITH looked AS (SELECT id FROM collections WHERE tenant_id = $1 AND name = ANY($2::text[]))
SELECT agent_id, at FROM (
    SELECT r.agent_id, r.seen_from AS at FROM agent_rows r WHERE r.tenant_id = $1 AND r.collection_id IN (SELECT id FROM looked) AND r.seen_from BETWEEN $3 AND $4
    UNION SELECT r.agent_id, r.seen_from FROM agent_rows_past r WHERE r.tenant_id = $1 AND r.collection_id IN (SELECT id FROM looked) AND r.seen_to > $3 AND r.seen_from BETWEEN $3 AND $4
    UNION SELECT r.agent_id, r.seen_to FROM agent_rows_past r WHERE r.tenant_id = $1 AND r.collection_id IN (SELECT id FROM looked) AND r.seen_to BETWEEN $3 AND $4
    UNION SELECT s.agent_id, $3 FROM agent_collections s WHERE s.tenant_id = $1 AND s.collection_id IN (SELECT id FROM looked)
) m ORDER BY agent_id, at LIMIT $5`

const sqlOpenings = `
SELECT f.agent_id, x.at, f.kind, f.subject, f.title, f.severity
  FROM finding_transitions x JOIN findings f ON f.tenant_id = x.tenant_id AND f.id = x.finding_id
 WHERE x.tenant_id = $1 AND x.state = 'open' AND x.at BETWEEN $2 AND $3 AND f.kind NOT IN ('alert', 'rule_error') ORDER BY f.agent_id, x.at LIMIT $4`

// DryRun judges a rule over what is stored of the scope's tenant from one time to another. It writes nothing.
func (s *Service) DryRun(ctx context.Context, scope access.Scope, r *alertrules.Rule, from, to time.Time) (out DryRun, err error) {
	if !to.After(from) || to.Sub(from) > dryPeriod {
		return out, fault.Field(fault.Invalid, "body.from", "a dry run is over at most 31 days, and ends after it begins")
	}
	ctx, cancel := context.WithTimeout(ctx, dryTime)
	defer cancel()
	deadline, _ := ctx.Deadline()
	err = s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		d := &drying{s: s, tx: tx, e: &Effective{Rule: r, ID: r.ID}, deadline: deadline.Add(-time.Second), agents: map[int32]rules.Agent{}, fired: map[int32]int{}, days: map[time.Time]int{}}
		d.out = DryRun{From: from, To: to, Basis: "history"}
		switch r.On {
		case alertrules.OnCollection:
			err = d.collections(ctx)
		case alertrules.OnFinding:
			err = d.findings(ctx)
		case alertrules.OnDrift:
			err = d.drift(ctx)
		default:
			d.out.Basis = "now" // of agents and schedules only the present state is kept
			err = d.present(ctx)
		}
		out = d.finish()
		return err
	})
	return out, err
}

// drying is a dry run that goes on.
type drying struct {
	s        *Service
	tx       *postgres.Tx
	e        *Effective
	deadline time.Time
	agents   map[int32]rules.Agent
	fired    map[int32]int
	days     map[time.Time]int
	order    []int32 // of agents for which it fired, as found
	now      map[string]bool
	out      DryRun
}

// agent gives what rules may know of an agent; false where the rule is not for it.
func (d *drying) agent(ctx context.Context, id int32) (rules.Agent, bool, error) {
	a, ok := d.agents[id]
	if !ok {
		found, err := findAgents(ctx, d.tx, []int32{id})
		if err != nil {
			return a, false, err
		}
		a = found[id]
		d.agents[id] = a
	}
	return a, a.ID != "" && d.e.fits(a), nil
}

// more tells whether another evaluation is within the limits.
func (d *drying) more() bool {
	if d.out.Moments < dryMoments && time.Now().Before(d.deadline) {
		return true
	}
	d.out.Truncated = true
	return false
}

// judge evaluates the rule at a moment, and counts the groups that did not fire the moment before.
func (d *drying) judge(ctx context.Context, id int32, at time.Time, in alertrules.Input, events bool) {
	d.out.Moments++
	fired, err := d.e.Evaluate(ctx, in)
	if err != nil {
		d.out.Errors++
		d.out.LastError = err.Error()
		return
	}
	now := map[string]bool{}
	for _, f := range fired {
		key := fmt.Sprintf("%q", f.Group)
		now[key] = true
		if d.now[key] && !events {
			continue
		}
		d.out.Fired++
		if d.fired[id] == 0 {
			d.order = append(d.order, id)
		}
		d.fired[id]++
		d.days[at.UTC().Truncate(24*time.Hour)]++
		public, _ := uuid.Parse(in.Agent.ID) // it is one that the database gave
		d.out.Firings = append(d.out.Firings, DryFiring{at, public, in.Agent.Hostname, d.e.RowGroup(f), f.Message})
	}
	d.now = now
}

func (d *drying) collections(ctx context.Context) error {
	found, err := d.tx.Query(ctx, sqlMoments, d.tx.Scope.Tenant, d.e.Collections, d.out.From, d.out.To, dryMoments+1)
	if err != nil {
		return fmt.Errorf("list moments of change: %w", err)
	}
	var moments []moment
	var m moment
	if _, err := pgx.ForEachRow(found, []any{&m.agent, &m.at}, func() error { moments = append(moments, m); return nil }); err != nil {
		return fmt.Errorf("list moments of change: %w", err)
	}
	last := int32(0)
	for _, m := range moments {
		if !d.more() {
			break
		}
		agent, ok, err := d.agent(ctx, m.agent)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if m.agent != last {
			d.out.Firing += len(d.now)
			last, d.now = m.agent, nil
		}
		read := reader{tx: d.tx, agent: m.agent, tables: map[string]alertrules.Table{}}
		in, err := read.input(ctx, d.e, agent, m.at)
		if err != nil {
			return err
		}
		d.judge(ctx, m.agent, m.at, in, false)
	}
	d.out.Firing += len(d.now)
	return nil
}

func (d *drying) findings(ctx context.Context) error {
	found, err := d.tx.Query(ctx, sqlOpenings, d.tx.Scope.Tenant, d.out.From, d.out.To, dryMoments+1)
	if err != nil {
		return fmt.Errorf("list findings that opened: %w", err)
	}
	type opening struct {
		moment
		row []tables.Value
	}
	var openings []opening
	var m moment
	var kind, subject, title string
	var severity findings.Severity
	if _, err := pgx.ForEachRow(found, []any{&m.agent, &m.at, &kind, &subject, &title, &severity}, func() error {
		openings = append(openings, opening{m, []tables.Value{tables.TextValue(kind), tables.TextValue(subject), tables.TextValue(title), tables.TextValue(severity.String()), tables.TextValue("open")}})
		return nil
	}); err != nil {
		return fmt.Errorf("list findings that opened: %w", err)
	}
	for _, o := range openings {
		if !d.more() {
			break
		}
		agent, ok, err := d.agent(ctx, o.agent)
		if err != nil {
			return err
		}
		if ok {
			table := alertrules.Table{Columns: alertrules.FindingColumns, Rows: [][]tables.Value{o.row}}
			d.judge(ctx, o.agent, o.at, alertrules.Input{Agent: agent, Tables: map[string]alertrules.Table{"finding": table}}, true)
		}
	}
	return nil
}

func (d *drying) drift(ctx context.Context) error {
	changes, err := d.s.Changes(ctx, d.tx, d.e.Collections[0], d.out.From, d.out.To)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if !d.more() {
			break
		}
		agent, ok, err := d.agent(ctx, c.Agent)
		if err != nil {
			return err
		}
		if ok {
			in := alertrules.Input{Agent: agent, Tables: map[string]alertrules.Table{alertrules.TableOf(d.e.Collections[0]): c.Table}}
			d.judge(ctx, c.Agent, c.At, in, true)
		}
	}
	return nil
}

func (d *drying) present(ctx context.Context) error {
	list, table, columns := outOfOrder, "agent", alertrules.AgentColumns
	if d.e.On == alertrules.OnSchedule {
		list, table, columns = failedSchedules, "schedule", alertrules.ScheduleColumns
	}
	each, err := list(ctx, d.tx, []string{})
	if err != nil {
		return err
	}
	for _, r := range each {
		if !d.more() {
			break
		}
		agent, ok, err := d.agent(ctx, r.agent)
		if err != nil {
			return err
		}
		if ok {
			d.now = nil
			in := alertrules.Input{Agent: agent, Tables: map[string]alertrules.Table{table: {Columns: columns, Rows: r.rows}}}
			d.judge(ctx, r.agent, d.tx.Now, in, false)
			d.out.Firing += len(d.now)
		}
	}
	return nil
}

func (d *drying) finish() DryRun {
	for _, id := range d.order {
		a := d.agents[id]
		public, _ := uuid.Parse(a.ID)
		d.out.Agents = append(d.out.Agents, DryAgent{public, a.Hostname, d.fired[id]})
	}
	for day, fired := range d.days {
		d.out.Days = append(d.out.Days, DryDay{day, fired})
	}
	slices.SortFunc(d.out.Days, func(a, b DryDay) int { return a.Day.Compare(b.Day) })
	slices.SortStableFunc(d.out.Agents, func(a, b DryAgent) int { return b.Fired - a.Fired })
	slices.SortStableFunc(d.out.Firings, func(a, b DryFiring) int { return b.At.Compare(a.At) })
	d.out.Firings = d.out.Firings[:min(len(d.out.Firings), dryFirings)]
	return d.out
}
