package scanruns

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	sqlCreateScan = `
INSERT INTO scan_runs (tenant_id, id, collections, state, created_by_name, deadline, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $6, $7)`
	sqlCreateLine = `
INSERT INTO scan_run_agents (tenant_id, scan_id, agent_id, public_id, hostname, state, collections, due_at, asked_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, CASE $6 WHEN 'running' THEN $8::timestamptz END, $9, CASE $6 WHEN 'running' THEN NULL ELSE $9::timestamptz END)`
)

// planned is a target with what it is to tell.
type planned struct {
	Target
	collections []string
}

func (p planned) state() string {
	switch {
	case len(p.collections) == 0:
		return "nothing"
	case !p.Online:
		return "offline"
	default:
		return "running"
	}
}

func createScan(ctx context.Context, tx *postgres.Tx, s *Scan, plan []planned) error {
	actor := tx.Scope.Actor
	pipe := &pgx.Batch{}
	pipe.Queue(sqlCreateScan, s.Tenant, s.ID, s.Collections, actor.Name, s.Deadline, actor.String(), s.CreatedAt)
	for _, p := range plan {
		pipe.Queue(sqlCreateLine, p.Tenant, s.ID, p.ID, p.PublicID, p.Hostname, p.state(), p.collections, tx.Now.Add(answerTime), tx.Now)
	}
	if err := tx.SendBatch(ctx, pipe).Close(); err != nil {
		return fmt.Errorf("create scan: %w", err)
	}
	return nil
}

const sqlScans = `
SELECT s.id, s.tenant_id, s.collections, s.state, s.created_by_name, s.created_at, s.deadline,
       count(a.agent_id), count(*) FILTER (WHERE a.state = 'running'), count(*) FILTER (WHERE a.state = 'done'), count(*) FILTER (WHERE a.state = 'failed'),
       count(*) FILTER (WHERE a.state = 'timed_out'), count(*) FILTER (WHERE a.state = 'offline'), count(*) FILTER (WHERE a.state = 'nothing'),
       coalesce(sum(cardinality(a.collections)), 0), coalesce(sum(x.told), 0), coalesce(sum(x.failed), 0)
  FROM (SELECT * FROM scan_runs WHERE tenant_id = ANY($1::int[]) AND ($2::uuid IS NULL OR id = $2) AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4) s
  LEFT JOIN scan_run_agents a ON a.scan_id = s.id
  LEFT JOIN LATERAL (SELECT count(*) AS told, count(*) FILTER (WHERE r.status_code <> 0) AS failed FROM scan_run_results r
                      WHERE r.tenant_id = a.tenant_id AND r.scan_id = a.scan_id AND r.agent_id = a.agent_id) x ON true
 GROUP BY s.id, s.tenant_id, s.collections, s.state, s.created_by_name, s.created_at, s.deadline
 ORDER BY s.id DESC`

// listScans gives scans of the scope's visible tenants, the youngest first; one, where an id is given.
func listScans(ctx context.Context, tx *postgres.Tx, id, before *uuid.UUID, limit int) ([]Scan, error) {
	rows, err := tx.Query(ctx, sqlScans, tx.Scope.Visible, id, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list scans: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Scan, error) {
		var s Scan
		c := &s.Counts
		err := row.Scan(&s.ID, &s.Tenant, &s.Collections, &s.State, &s.CreatedBy, &s.CreatedAt, &s.Deadline,
			&c.Targets, &c.Running, &c.Done, &c.Failed, &c.TimedOut, &c.Offline, &c.Nothing, &c.Expected, &c.Told, &c.ToldError)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("list scans: %w", err)
	}
	return found, nil
}

func findScan(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (Scan, error) {
	found, err := listScans(ctx, tx, &id, nil, 1)
	if err != nil {
		return Scan{}, err
	}
	if len(found) == 0 {
		return Scan{}, fault.New(fault.NotFound, "no such scan")
	}
	return found[0], nil
}

// linePlace is a line's place in lists.
type linePlace struct {
	Tenant     int32  `json:"t"`
	Agent      int32  `json:"a"`
	Collection string `json:"c,omitempty"`
}

const sqlLines = `
SELECT a.public_id, a.hostname, t.slug, a.state, a.attempts, cardinality(a.collections), x.told, x.failed, a.tenant_id, a.agent_id
  FROM scan_run_agents a JOIN tenants t ON t.id = a.tenant_id
  LEFT JOIN LATERAL (SELECT count(*) AS told, count(*) FILTER (WHERE r.status_code <> 0) AS failed FROM scan_run_results r
                      WHERE r.tenant_id = a.tenant_id AND r.scan_id = a.scan_id AND r.agent_id = a.agent_id) x ON true
 WHERE a.tenant_id = ANY($1::int[]) AND a.scan_id = $2 AND (a.tenant_id, a.agent_id) > ($3::int, $4::int)
 ORDER BY a.tenant_id, a.agent_id LIMIT $5`

func listLines(ctx context.Context, tx *postgres.Tx, id uuid.UUID, after linePlace, limit int) ([]AgentLine, error) {
	rows, err := tx.Query(ctx, sqlLines, tx.Scope.Visible, id, after.Tenant, after.Agent, limit)
	if err != nil {
		return nil, fmt.Errorf("list agents of a scan: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (AgentLine, error) {
		var l AgentLine
		err := row.Scan(&l.AgentID, &l.Hostname, &l.Tenant, &l.State, &l.Attempts, &l.Expected, &l.Told, &l.Failed, &l.tenant, &l.agent)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("list agents of a scan: %w", err)
	}
	return found, nil
}

const sqlResults = `
SELECT a.public_id, a.hostname, r.collection, r.status_code, r.execution_log, r.rows, r.duration_ms, r.cpu_ms, r.at, r.tenant_id, r.agent_id
  FROM scan_run_results r JOIN scan_run_agents a ON a.tenant_id = r.tenant_id AND a.scan_id = r.scan_id AND a.agent_id = r.agent_id
 WHERE r.tenant_id = ANY($1::int[]) AND r.scan_id = $2 AND (NOT $3 OR r.status_code <> 0) AND (r.tenant_id, r.agent_id, r.collection) > ($4::int, $5::int, $6)
 ORDER BY r.tenant_id, r.agent_id, r.collection LIMIT $7`

func listResults(ctx context.Context, tx *postgres.Tx, id uuid.UUID, failedOnly bool, after linePlace, limit int) ([]Result, error) {
	rows, err := tx.Query(ctx, sqlResults, tx.Scope.Visible, id, failedOnly, after.Tenant, after.Agent, after.Collection, limit)
	if err != nil {
		return nil, fmt.Errorf("list results of a scan: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Result, error) {
		var r Result
		err := row.Scan(&r.AgentID, &r.Hostname, &r.Collection, &r.StatusCode, &r.Log, &r.Rows, &r.DurationMS, &r.CPUMillis, &r.At, &r.tenant, &r.agent)
		r.Severity = [...]string{"info", "error", "warn"}[min(r.StatusCode, 2)]
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("list results of a scan: %w", err)
	}
	return found, nil
}

const (
	// A result counts only where the agent was asked for the collection and the scan goes on.
	sqlTold = `
INSERT INTO scan_run_results (tenant_id, scan_id, agent_id, collection, status_code, execution_log, rows, duration_ms, cpu_ms, at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
 WHERE EXISTS (SELECT FROM scan_run_agents a WHERE a.tenant_id = $1 AND a.scan_id = $2 AND a.agent_id = $3 AND a.state = 'running' AND $4 = ANY (a.collections))
ON CONFLICT (tenant_id, scan_id, agent_id, collection) DO UPDATE SET status_code = excluded.status_code, execution_log = excluded.execution_log,
       rows = excluded.rows, duration_ms = excluded.duration_ms, cpu_ms = excluded.cpu_ms, at = excluded.at`
	sqlEndLine = `
UPDATE scan_run_agents a SET state = CASE WHEN x.failed > 0 THEN 'failed' ELSE 'done' END, ended_at = $4
  FROM (SELECT count(*) AS told, count(*) FILTER (WHERE status_code <> 0) AS failed FROM scan_run_results WHERE tenant_id = $1 AND scan_id = $2 AND agent_id = $3) x
 WHERE a.tenant_id = $1 AND a.scan_id = $2 AND a.agent_id = $3 AND a.state = 'running' AND x.told >= cardinality(a.collections)`
)

// told keeps how one execution of a scan went, and ends the agent's line with the last one.
func told(ctx context.Context, tx *postgres.Tx, scan uuid.UUID, agent int32, h protocol.BatchHeader) error {
	e := h.Execution
	pipe := &pgx.Batch{}
	pipe.Queue(sqlTold, tx.Scope.Tenant, scan, agent, h.Collection, e.StatusCode, e.Log, e.Rows, e.DurationMS, e.CPUMillis, tx.Now)
	pipe.Queue(sqlEndLine, tx.Scope.Tenant, scan, agent, tx.Now)
	if err := tx.SendBatch(ctx, pipe).Close(); err != nil {
		return fmt.Errorf("keep result of a scan: %w", err)
	}
	return nil
}

const sqlOrders = `
SELECT a.scan_id, ARRAY(SELECT c FROM unnest(a.collections) AS c
                         WHERE NOT EXISTS (SELECT FROM scan_run_results r WHERE r.tenant_id = a.tenant_id AND r.scan_id = a.scan_id AND r.agent_id = a.agent_id AND r.collection = c)
                         ORDER BY c)
  FROM scan_run_agents a WHERE a.tenant_id = $1 AND a.agent_id = $2 AND a.state = 'running' ORDER BY a.scan_id LIMIT 16`

func listOrders(ctx context.Context, tx *postgres.Tx, agent int32) ([]Order, error) {
	rows, err := tx.Query(ctx, sqlOrders, tx.Scope.Tenant, agent)
	if err != nil {
		return nil, fmt.Errorf("list what a scan awaits: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Order])
	if err != nil {
		return nil, fmt.Errorf("list what a scan awaits: %w", err)
	}
	return found, nil
}

// due is a scan that has ended or has an answer that is overdue.
type due struct {
	tenant int32
	id     uuid.UUID
	ended  bool
}

func lookupDue(ctx context.Context, tx pgx.Tx, now time.Time) ([]due, error) {
	rows, err := tx.Query(ctx, `SELECT tenant_id, id, ended FROM keeper.due_scans($1)`, now)
	if err != nil {
		return nil, fmt.Errorf("find due scans: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d due, err error) { return d, row.Scan(&d.tenant, &d.id, &d.ended) })
	if err != nil {
		return nil, fmt.Errorf("find due scans: %w", err)
	}
	return found, nil
}

const (
	sqlFinish  = `UPDATE scan_runs SET state = $3, last_modified_by = $4, last_modified_at = $5 WHERE tenant_id = $1 AND id = $2 AND state = 'running'`
	sqlGiveUp  = `UPDATE scan_run_agents SET state = 'timed_out', ended_at = $2 WHERE scan_id = $1 AND state = 'running'`
	sqlRequeue = `
WITH overdue AS (
    UPDATE scan_run_agents a SET state = CASE WHEN a.attempts >= $3 THEN 'timed_out' ELSE 'running' END, attempts = LEAST(a.attempts + 1, $3),
           due_at = $4, ended_at = CASE WHEN a.attempts >= $3 THEN $2::timestamptz END
     WHERE a.scan_id = $1 AND a.state = 'running' AND a.due_at < $2
    RETURNING a.*)
SELECT o.agent_id, o.tenant_id, o.public_id, t.public_id, o.hostname, o.collections FROM overdue o JOIN tenants t ON t.id = o.tenant_id WHERE o.state = 'running'`
)

// finish ends a scan; it tells whether it was running.
func finish(ctx context.Context, tx *postgres.Tx, id uuid.UUID, state State) (bool, error) {
	tag, err := tx.Exec(ctx, sqlFinish, tx.Scope.Tenant, id, string(state), tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return false, fmt.Errorf("end scan: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return false, nil
	}
	if _, err := tx.Exec(ctx, sqlGiveUp, id, tx.Now); err != nil {
		return false, fmt.Errorf("end scan: %w", err)
	}
	return true, nil
}

// requeue gives up agents that were asked often enough and gives the others whose answer is overdue.
func requeue(ctx context.Context, tx *postgres.Tx, id uuid.UUID, now time.Time) ([]planned, error) {
	rows, err := tx.Query(ctx, sqlRequeue, id, now, attemptsMax, now.Add(answerTime))
	if err != nil {
		return nil, fmt.Errorf("ask agents again: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (planned, error) {
		var p planned
		err := row.Scan(&p.ID, &p.Tenant, &p.PublicID, &p.TenantID, &p.Hostname, &p.collections)
		return p, err
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("ask agents again: %w", err)
	}
	return found, nil
}
