package alerts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/jobs"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/packs/alertrules"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

const (
	dueInterval   = 10 * time.Second // between looks for what time brings
	sweepInterval = 30 * time.Second // between looks at agents that are out of order
	dueBatch      = 200
	overBudgetMiB = 150 // of an agent's memory
)

// Tick does what time brings to the alerts of all tenants.
func (s *Service) Tick(ctx context.Context) error {
	var tenants []int32
	err := s.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT keeper.tenants_with_due_alerts($1)`, s.now()).Scan(&tenants)
	})
	if err != nil {
		return fmt.Errorf("list tenants with due alerts: %w", err)
	}
	var failures []error
	for _, tenant := range tenants {
		if err := s.tickTenant(ctx, tenant); err != nil {
			failures = append(failures, fmt.Errorf("tenant %d: %w", tenant, err))
		}
	}
	return errors.Join(failures...)
}

func (s *Service) tickTenant(ctx context.Context, tenant int32) error {
	h, err := s.hold(ctx, tenant)
	if err != nil {
		return err
	}
	for {
		n := 0
		err := s.DB.InScope(ctx, access.System(tenant, "alerts"), func(ctx context.Context, tx *postgres.Tx) error {
			if err := tx.Lock(ctx, postgres.Alerting, tenant); err != nil {
				return err
			}
			tx.Now = s.now().UTC().Truncate(time.Microsecond)
			due, err := listDue(ctx, tx, dueBatch)
			if err != nil {
				return err
			}
			n = len(due)
			for _, a := range due {
				e := h.find(a.Rule)
				ends := passed(a.ResolveAt, tx.Now)
				steps := a.tick(tx.Now, e.policy())
				if ends {
					if err := s.closeFindings(ctx, tx, a, "it was not found again"); err != nil {
						return err
					}
				}
				if err := s.take(ctx, tx, h, e, a, steps); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < dueBatch {
			return err
		}
	}
}

// Sweep judges the rules on agents and on schedules, in all tenants. It looks at agents that are out of order, and at
// those that were when it looked before.
func (s *Service) Sweep(ctx context.Context) error {
	tenants, err := s.DB.Subtree(ctx, postgres.RootTenant)
	if err != nil {
		return err
	}
	var failures []error
	for _, tenant := range tenants {
		if err := s.sweepTenant(ctx, tenant); err != nil {
			failures = append(failures, fmt.Errorf("tenant %d: %w", tenant, err))
		}
	}
	return errors.Join(failures...)
}

// An agent counts as behind once it has had five minutes to take over a configuration.
const sqlOutOfOrder = `
WITH wanted AS (
    SELECT tenant_id, platform, version, changed_at FROM config_versions WHERE tenant_id = $1
), state AS (
    SELECT a.id, p.online, p.last_seen_at, p.spool_dropped, p.spool_batches, p.rss_bytes, a.version,
           (w.version IS NOT NULL AND p.config_version < w.version AND w.changed_at < $2::timestamptz - interval '5 minutes') AS behind,
           EXISTS (SELECT FROM findings f WHERE f.tenant_id = a.tenant_id AND f.agent_id = a.id AND f.kind = 'clone' AND f.state IN ('open', 'acknowledged')) AS cloned
      FROM agents a
      JOIN agent_presence p ON p.tenant_id = a.tenant_id AND p.agent_id = a.id
      LEFT JOIN wanted w ON w.tenant_id = a.tenant_id AND w.platform = a.platform
     WHERE a.tenant_id = $1 AND a.state = 'active'
)
SELECT id, online, last_seen_at, spool_dropped, spool_batches, rss_bytes, version, behind, cloned FROM state
 WHERE NOT online OR behind OR cloned OR spool_dropped > 0 OR rss_bytes > $3::bigint
    OR id IN (SELECT f.agent_id FROM findings f WHERE f.tenant_id = $1 AND f.kind = 'alert' AND f.state <> 'resolved' AND split_part(f.subject, '/', 1) = ANY($4::text[]))
 ORDER BY id`

const sqlFailedSchedules = `
SELECT s.agent_id, c.name, s.status_code, s.execution_log, s.duration_ms, s.cpu_ms, s.rows, s.bytes,
       (extract(epoch FROM $2::timestamptz - s.last_batch_at) / 60)::bigint
  FROM agent_collections s JOIN collections c ON c.tenant_id = s.tenant_id AND c.id = s.collection_id
 WHERE s.tenant_id = $1 AND s.status_code <> 0
 ORDER BY s.agent_id, c.name`

const sqlOpenAgents = `
SELECT DISTINCT f.agent_id FROM findings f
 WHERE f.tenant_id = $1 AND f.kind = 'alert' AND f.state <> 'resolved' AND split_part(f.subject, '/', 1) = ANY($2::text[])`

func (s *Service) sweepTenant(ctx context.Context, tenant int32) error {
	h, err := s.hold(ctx, tenant)
	if err != nil {
		return err
	}
	onAgent, onSchedule := h.working(alertrules.OnAgent), h.working(alertrules.OnSchedule)
	if len(onAgent)+len(onSchedule) == 0 {
		return nil
	}
	return s.DB.InScope(ctx, access.System(tenant, "alerts"), func(ctx context.Context, tx *postgres.Tx) error {
		// Judges write the same findings: one at a time.
		if err := tx.Lock(ctx, postgres.Judging, tenant); err != nil {
			return err
		}
		tx.Now = s.now().UTC().Truncate(time.Microsecond)
		states, err := outOfOrder(ctx, tx, idsOf(onAgent))
		if err != nil {
			return err
		}
		if err := s.judgeEach(ctx, tx, h, onAgent, "agent", alertrules.AgentColumns, states); err != nil {
			return err
		}
		failed, err := failedSchedules(ctx, tx, idsOf(onSchedule))
		if err != nil {
			return err
		}
		return s.judgeEach(ctx, tx, h, onSchedule, "schedule", alertrules.ScheduleColumns, failed)
	})
}

func idsOf(list []Effective) []string {
	ids := make([]string, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	return ids
}

// agentRows are the rows of one agent in a fixed table.
type agentRows struct {
	agent int32
	rows  [][]tables.Value
}

func (s *Service) judgeEach(ctx context.Context, tx *postgres.Tx, h held, working []Effective, table string, columns []string, each []agentRows) error {
	if len(working) == 0 || len(each) == 0 {
		return nil
	}
	ids := make([]int32, len(each))
	for i, r := range each {
		ids[i] = r.agent
	}
	agents, err := findAgents(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, r := range each {
		agent, active := agents[r.agent]
		if !active {
			continue
		}
		on := &subject{id: r.agent}
		in := alertrules.Input{Agent: agent, Tables: map[string]alertrules.Table{table: {Columns: columns, Rows: r.rows}}}
		for i := range working {
			if !working[i].fits(agent) {
				continue
			}
			if err := s.judge(ctx, tx, h, &working[i], on, in, true); err != nil {
				return fmt.Errorf("judge %s on agent %d: %w", &working[i], r.agent, err)
			}
		}
	}
	return nil
}

func outOfOrder(ctx context.Context, tx *postgres.Tx, rulesOn []string) ([]agentRows, error) {
	found, err := tx.Query(ctx, sqlOutOfOrder, tx.Scope.Tenant, tx.Now, int64(overBudgetMiB)<<20, rulesOn)
	if err != nil {
		return nil, fmt.Errorf("list agents that are out of order: %w", err)
	}
	var out []agentRows
	var id int32
	var online, behind, cloned bool
	var seen time.Time
	var dropped, batches, rss int64
	var version string
	_, err = pgx.ForEachRow(found, []any{&id, &online, &seen, &dropped, &batches, &rss, &version, &behind, &cloned}, func() error {
		status, silent := "online", int64(0)
		if !online {
			status, silent = "offline", int64(tx.Now.Sub(seen)/time.Minute)
		}
		out = append(out, agentRows{id, [][]tables.Value{{
			tables.TextValue(status), tables.IntValue(silent), truth(behind), truth(cloned), truth(rss > overBudgetMiB<<20), tables.IntValue(dropped),
			tables.IntValue(batches), tables.IntValue(rss >> 20), tables.TextValue(version),
		}}})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list agents that are out of order: %w", err)
	}
	return out, nil
}

func truth(b bool) tables.Value {
	if b {
		return tables.IntValue(1)
	}
	return tables.IntValue(0)
}

// failedSchedules gives the queries that did not run well, by agent, and agents without any that a rule fired for before.
func failedSchedules(ctx context.Context, tx *postgres.Tx, rulesOn []string) ([]agentRows, error) {
	found, err := tx.Query(ctx, sqlFailedSchedules, tx.Scope.Tenant, tx.Now)
	if err != nil {
		return nil, fmt.Errorf("list failed schedules: %w", err)
	}
	var out []agentRows
	at := map[int32]int{}
	var id int32
	var name, log string
	var code int16
	var duration, cpu, count, bytes, age int64
	_, err = pgx.ForEachRow(found, []any{&id, &name, &code, &log, &duration, &cpu, &count, &bytes, &age}, func() error {
		i, ok := at[id]
		if !ok {
			i = len(out)
			at[id], out = i, append(out, agentRows{agent: id})
		}
		out[i].rows = append(out[i].rows, []tables.Value{tables.TextValue(name), tables.IntValue(int64(code)), tables.TextValue(log), tables.IntValue(duration),
			tables.IntValue(cpu), tables.IntValue(count), tables.IntValue(bytes), tables.IntValue(age)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list failed schedules: %w", err)
	}
	open, err := tx.Query(ctx, sqlOpenAgents, tx.Scope.Tenant, rulesOn)
	if err != nil {
		return nil, fmt.Errorf("list agents with failed schedules: %w", err)
	}
	_, err = pgx.ForEachRow(open, []any{&id}, func() error {
		if _, fails := at[id]; !fails {
			out = append(out, agentRows{agent: id})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list agents with failed schedules: %w", err)
	}
	return out, nil
}

// settleArgs asks for a tenant to be judged anew, after its rules have changed.
type settleArgs struct {
	Tenant int32 `json:"tenant"`
	Below  bool  `json:"below"` // and every tenant below
}

// Kind is part of jobs.Args.
func (settleArgs) Kind() string { return "alert-rules-changed" }

// JobTenant is part of jobs.Args.
func (a settleArgs) JobTenant() int32 { return a.Tenant }

const sqlOpenRules = `
SELECT DISTINCT a.rule FROM alerts a WHERE a.tenant_id = $1 AND a.state <> 'resolved' ORDER BY a.rule`

const sqlAlertsOfRule = sqlColumns + ` WHERE a.tenant_id = $1 AND a.rule = $2 AND a.state <> 'resolved' ORDER BY a.id`

// settleTenant closes what rules that hold no more have opened, and has the collections of those that hold judged anew.
func (s *Service) settleTenant(ctx context.Context, scope access.Scope, args settleArgs, _ jobs.Attempt) error {
	s.known.forget()
	if args.Below {
		below, err := s.DB.Subtree(ctx, args.Tenant)
		if err != nil {
			return err
		}
		for _, tenant := range below {
			if tenant == args.Tenant {
				continue
			}
			err := s.DB.InScope(ctx, access.System(tenant, "alerts"), func(ctx context.Context, tx *postgres.Tx) error {
				return s.Jobs.Put(ctx, tx, settleArgs{Tenant: tenant}, jobs.Options{})
			})
			if err != nil {
				return err
			}
		}
	}
	h, err := s.hold(ctx, args.Tenant)
	if err != nil {
		return err
	}
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := tx.Lock(ctx, postgres.Alerting, args.Tenant); err != nil {
			return err
		}
		found, err := tx.Query(ctx, sqlOpenRules, args.Tenant)
		if err != nil {
			return fmt.Errorf("list rules with alerts: %w", err)
		}
		open, err := pgx.CollectRows(found, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("list rules with alerts: %w", err)
		}
		for _, id := range open {
			if e := h.find(id); e != nil && e.Enabled && h.on {
				continue
			}
			if err := s.closeRule(ctx, tx, h, id); err != nil {
				return err
			}
		}
		var again []string
		for _, e := range h.working(alertrules.OnCollection) {
			again = append(again, e.Collections...)
		}
		return rows.Rejudge(ctx, tx, again)
	})
}

func (s *Service) closeRule(ctx context.Context, tx *postgres.Tx, h held, id string) error {
	found, err := tx.Query(ctx, sqlAlertsOfRule, tx.Scope.Tenant, id)
	if err != nil {
		return fmt.Errorf("list alerts of rule: %w", err)
	}
	alerts, err := pgx.CollectRows(found, scan)
	if err != nil {
		return fmt.Errorf("list alerts of rule: %w", err)
	}
	for _, a := range alerts {
		if err := s.closeFindings(ctx, tx, a, "the rule is off or was removed"); err != nil {
			return err
		}
		if err := s.take(ctx, tx, h, nil, a, a.settle(tx.Now, "the rule is off or was removed")); err != nil {
			return err
		}
	}
	return nil
}

// Drift judges the rules on drift on what changed in a collection of an agent of the transaction's tenant.
func (s *Service) Drift(ctx context.Context, tx *postgres.Tx, agent int32, collection string, changes alertrules.Table) error {
	h, err := s.hold(ctx, tx.Scope.Tenant)
	if err != nil {
		return err
	}
	var who *rules.Agent
	on := &subject{id: agent}
	working := h.working(alertrules.OnDrift)
	for i := range working {
		e := &working[i]
		if e.Collections[0] != collection {
			continue
		}
		if who == nil {
			agents, err := findAgents(ctx, tx, []int32{agent})
			if err != nil {
				return err
			}
			a, active := agents[agent]
			if !active {
				return nil
			}
			who = &a
		}
		if !e.fits(*who) {
			continue
		}
		in := alertrules.Input{Agent: *who, Tables: map[string]alertrules.Table{alertrules.TableOf(collection): changes}}
		if err := s.judge(ctx, tx, h, e, on, in, false); err != nil {
			return fmt.Errorf("judge %s on agent %d: %w", e, agent, err)
		}
	}
	return nil
}
