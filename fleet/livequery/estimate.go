package livequery

import (
	"context"
	"fmt"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// historyAge is how old the campaigns may be from which an estimate is made.
const historyAge = 90 * 24 * time.Hour

// Basis says what an estimate is made from, the best first.
type Basis string

// The bases.
const (
	FromHistory Basis = "history" // the same statement was asked before
	FromModules Basis = "modules" // the tables that it reads are collected
	FromClasses Basis = "classes" // only the cost class of the tables is known
)

// Estimate says what a live query will cost before it is sent. Costs are those of one agent, typical (p50) and bad (p95).
type Estimate struct {
	Targets  int64       `json:"targets"`
	Online   int64       `json:"online"`
	Basis    Basis       `json:"basis" enum:"history,modules,classes"`
	Samples  int64       `json:"samples" doc:"Executions on agents that the estimate is made from."`
	PerAgent AgentCost   `json:"per_agent"`
	Fleet    FleetCost   `json:"fleet"`
	Tables   []TableCost `json:"tables"`
	Warnings []string    `json:"warnings"`
}

// AgentCost is what one agent spends.
type AgentCost struct {
	CPUMillisP50 int64 `json:"cpu_ms_p50"`
	CPUMillisP95 int64 `json:"cpu_ms_p95"`
	DurationP50  int64 `json:"duration_ms_p50"`
	DurationP95  int64 `json:"duration_ms_p95"`
	Rows         int64 `json:"rows"`
}

// FleetCost is what all targets spend together.
type FleetCost struct {
	CPUMillis int64 `json:"cpu_ms"`
	Rows      int64 `json:"rows"`
}

// TableCost is what is known of one table that the statement reads.
type TableCost struct {
	Table   string `json:"table"`
	Class   string `json:"class" enum:"cheap,moderate,expensive"`
	Samples int64  `json:"samples"`
	CPUP50  int64  `json:"cpu_ms_p50"`
	CPUP95  int64  `json:"cpu_ms_p95"`

	durationP50, durationP95, rows int64
}

// classCost is what a full scan of a table of a class costs on a usual machine, in milliseconds of CPU (tables.Cost).
var classCost = [...]int64{tables.Cheap: 10, tables.Moderate: 200, tables.Expensive: 5_000}

// EstimateCost tells what a question would cost. It is checked as if it were asked; nothing is sent.
func (s *Service) EstimateCost(ctx context.Context, scope access.Scope, r Request) (*Estimate, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	if err := s.Permit(scope, r.SQL); err != nil {
		return nil, err
	}
	analysis, err := s.Check(r.SQL)
	if err != nil {
		return nil, err
	}
	target, err := s.narrow(ctx, scope, r.Target)
	if err != nil {
		return nil, err
	}
	var out *Estimate
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		targets, err := s.resolve(ctx, tx, target)
		if err != nil {
			return err
		}
		out = &Estimate{Targets: int64(len(targets)), Tables: []TableCost{}, Warnings: []string{}}
		for _, t := range targets {
			if t.Online {
				out.Online++
			}
		}
		h, err := readHistory(ctx, tx, r.SQL, tx.Now.Add(-historyAge))
		if err != nil {
			return err
		}
		known, err := readTableCosts(ctx, tx, analysis.Reads)
		if err != nil {
			return err
		}
		out.fill(h, known, r.Timeout)
		return nil
	})
	return out, err
}

// fill chooses the best basis and adds up.
func (e *Estimate) fill(h history, known []TableCost, timeout time.Duration) {
	e.Tables = append(e.Tables, known...)
	if h.samples > 0 {
		e.Basis, e.Samples, e.PerAgent = FromHistory, h.samples, h.cost
	} else {
		e.Basis = FromModules
		if len(known) == 0 {
			e.Basis = FromClasses
		}
		for _, t := range known {
			if t.Samples == 0 {
				e.Basis = FromClasses
			}
			e.Samples = max(e.Samples, t.Samples)
			e.PerAgent.CPUMillisP50 += t.CPUP50
			e.PerAgent.CPUMillisP95 += t.CPUP95
			e.PerAgent.DurationP50 += t.durationP50
			e.PerAgent.DurationP95 += t.durationP95
			e.PerAgent.Rows = max(e.PerAgent.Rows, t.rows)
		}
	}
	e.Fleet = FleetCost{CPUMillis: e.PerAgent.CPUMillisP50 * e.Targets, Rows: e.PerAgent.Rows * e.Targets}
	for _, t := range known {
		if t.Class == tables.Expensive.String() {
			e.Warnings = append(e.Warnings, fmt.Sprintf("table %s walks file trees, hashes or runs commands: narrow it by path", t.Table))
		}
	}
	if limit := timeout.Milliseconds(); e.PerAgent.DurationP95 > limit {
		e.Warnings = append(e.Warnings, fmt.Sprintf("one agent in twenty takes longer than the time limit of %v", timeout))
	}
	if h.late > 0 {
		e.Warnings = append(e.Warnings, fmt.Sprintf("the same statement was not answered in time by %d of %d agents before", h.late, h.late+h.samples))
	}
	if e.Fleet.Rows > 1_000_000 {
		e.Warnings = append(e.Warnings, fmt.Sprintf("about %d rows will come: aggregate in the statement where you can", e.Fleet.Rows))
	}
}

// history is what the same statement did before.
type history struct {
	samples, late int64
	cost          AgentCost
}

const sqlHistory = `
SELECT count(*) FILTER (WHERE a.outcome IN ('with_rows', 'no_rows')), count(*) FILTER (WHERE a.outcome = 'timed_out' AND a.cpu_ms > 0),
       coalesce(percentile_cont(0.5)  WITHIN GROUP (ORDER BY a.cpu_ms)      FILTER (WHERE a.outcome IN ('with_rows', 'no_rows')), 0)::bigint,
       coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY a.cpu_ms)      FILTER (WHERE a.outcome IN ('with_rows', 'no_rows')), 0)::bigint,
       coalesce(percentile_cont(0.5)  WITHIN GROUP (ORDER BY a.duration_ms) FILTER (WHERE a.outcome IN ('with_rows', 'no_rows')), 0)::bigint,
       coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY a.duration_ms) FILTER (WHERE a.outcome IN ('with_rows', 'no_rows')), 0)::bigint,
       coalesce(avg(a.row_count) FILTER (WHERE a.outcome IN ('with_rows', 'no_rows')), 0)::bigint
  FROM (SELECT id FROM live_queries WHERE tenant_id = ANY($1::int[]) AND md5(sql) = md5($2) AND sql = $2 AND created_at > $3 ORDER BY id DESC LIMIT 20) q
  JOIN live_query_agents a ON a.query_id = q.id AND a.tenant_id = ANY($1::int[])`

func readHistory(ctx context.Context, tx *postgres.Tx, sql string, since time.Time) (h history, err error) {
	err = tx.QueryRow(ctx, sqlHistory, tx.Scope.Visible, sql, since).Scan(&h.samples, &h.late,
		&h.cost.CPUMillisP50, &h.cost.CPUMillisP95, &h.cost.DurationP50, &h.cost.DurationP95, &h.cost.Rows)
	if err != nil {
		return h, fmt.Errorf("read history of a statement: %w", err)
	}
	return h, nil
}

const sqlTableCost = `
SELECT count(*),
       coalesce(percentile_cont(0.5)  WITHIN GROUP (ORDER BY s.cpu_ms), 0)::bigint,      coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY s.cpu_ms), 0)::bigint,
       coalesce(percentile_cont(0.5)  WITHIN GROUP (ORDER BY s.duration_ms), 0)::bigint, coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY s.duration_ms), 0)::bigint,
       coalesce(avg(s.rows), 0)::bigint
  FROM collections c JOIN agent_collections s ON s.tenant_id = c.tenant_id AND s.collection_id = c.id
 WHERE c.tenant_id = ANY($1::int[]) AND c.name = $2 AND s.status_code = 0`

// readTableCosts gives what the collection of each table costs, by its class where it is not collected.
func readTableCosts(ctx context.Context, tx *postgres.Tx, reads []engine.TableRef) ([]TableCost, error) {
	var costs []TableCost
	for _, read := range reads {
		t := TableCost{Table: read.Table.Name, Class: read.Table.Cost.String()}
		module := modules.Module{Table: read.Table}
		err := tx.QueryRow(ctx, sqlTableCost, tx.Scope.Visible, module.Collection()).Scan(&t.Samples, &t.CPUP50, &t.CPUP95, &t.durationP50, &t.durationP95, &t.rows)
		if err != nil {
			return nil, fmt.Errorf("read cost of table %s: %w", t.Table, err)
		}
		if t.Samples == 0 {
			t.CPUP50 = classCost[read.Table.Cost]
			t.CPUP95, t.durationP50, t.durationP95 = 4*t.CPUP50, t.CPUP50, 4*t.CPUP50
		}
		costs = append(costs, t)
	}
	return costs, nil
}
