package livequery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlCreateQuery = `
INSERT INTO live_queries (tenant_id, id, sql, timeout_seconds, state, created_by, created_by_name, created_at,
                          last_modified_by, last_modified_at, deadline, wait_seconds, target)
VALUES ($1, $2, $3, $4, 'running', $5, $6, $7, $5, $7, $8, $9, $10)`

const sqlCreateAgents = `
INSERT INTO live_query_agents (tenant_id, query_id, agent_id, public_id, hostname, outcome, asked_at, due_at, attempts)
SELECT s.tenant_id, $1, s.agent_id, s.public_id, s.hostname, s.outcome, $2,
       CASE s.outcome WHEN 'running' THEN $8::timestamptz END, CASE s.outcome WHEN 'running' THEN 1 ELSE 0 END
  FROM unnest($3::int[], $4::int[], $5::uuid[], $6::text[], $7::text[]) AS s(tenant_id, agent_id, public_id, hostname, outcome)`

// createQuery stores a campaign and its ledger.
func createQuery(ctx context.Context, tx *postgres.Tx, q *Query, targets []TargetAgent) error {
	actor := tx.Scope.Actor
	if _, err := tx.Exec(ctx, sqlCreateQuery, q.Tenant, q.ID, q.SQL, int(q.Timeout/time.Second), actor.String(), actor.Name,
		q.CreatedAt, q.Deadline, int(q.Wait/time.Second), q.Target); err != nil {
		return fmt.Errorf("create live query: %w", err)
	}
	var tenants, agents []int32
	var ids []uuid.UUID
	var names, outcomes []string
	for _, t := range targets {
		tenants, agents, ids = append(tenants, t.Tenant), append(agents, t.ID), append(ids, t.PublicID)
		names, outcomes = append(names, t.Hostname), append(outcomes, string(q.first(t)))
	}
	if _, err := tx.Exec(ctx, sqlCreateAgents, q.ID, tx.Now, tenants, agents, ids, names, outcomes,
		tx.Now.Add(q.Timeout+grace)); err != nil {
		return fmt.Errorf("create ledger: %w", err)
	}
	return nil
}

const sqlCounts = `
       count(a.agent_id),
       count(a.agent_id) FILTER (WHERE a.outcome = 'with_rows'),
       count(a.agent_id) FILTER (WHERE a.outcome = 'no_rows'),
       count(a.agent_id) FILTER (WHERE a.outcome = 'failed'),
       count(a.agent_id) FILTER (WHERE a.outcome = 'timed_out'),
       count(a.agent_id) FILTER (WHERE a.outcome = 'waiting'),
       count(a.agent_id) FILTER (WHERE a.outcome = 'running'),
       count(a.agent_id) FILTER (WHERE a.outcome = 'offline'),
       count(a.agent_id) FILTER (WHERE a.outcome = 'refused'),
       coalesce(sum(a.row_count), 0)`

const sqlFindQuery = `
SELECT q.id, q.tenant_id, q.sql, q.timeout_seconds, q.state, q.created_by_name, q.created_at, q.deadline, q.wait_seconds, q.target,` + sqlCounts + `
  FROM live_queries q
  LEFT JOIN live_query_agents a ON a.query_id = q.id
 WHERE q.id = $1
 GROUP BY q.tenant_id, q.id`

// findQuery gives a campaign with its counts, as far as the scope sees the agents.
func findQuery(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (*Query, error) {
	q, err := scanQuery(tx.QueryRow(ctx, sqlFindQuery, id))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "there is no such live query")
	}
	if err != nil {
		return nil, fmt.Errorf("find live query: %w", err)
	}
	return q, nil
}

func scanQuery(row pgx.Row) (*Query, error) {
	var q Query
	var seconds, wait int
	err := row.Scan(&q.ID, &q.Tenant, &q.SQL, &seconds, &q.State, &q.CreatedBy, &q.CreatedAt, &q.Deadline, &wait, &q.Target,
		&q.Counts.Targets, &q.Counts.WithRows, &q.Counts.NoRows, &q.Counts.Failed, &q.Counts.TimedOut, &q.Counts.Waiting, &q.Counts.Running,
		&q.Counts.Offline, &q.Counts.Refused, &q.Rows)
	q.Timeout, q.Wait = time.Duration(seconds)*time.Second, time.Duration(wait)*time.Second
	return &q, err
}

// A page of campaigns is chosen before their ledgers are summed up. UUIDv7 ids sort by time.
const sqlListQueries = `
SELECT q.id, q.tenant_id, q.sql, q.timeout_seconds, q.state, q.created_by_name, q.created_at, q.deadline, q.wait_seconds, q.target,` + sqlCounts + `
  FROM (SELECT * FROM live_queries WHERE id < $1 ORDER BY id DESC LIMIT $2) q
  LEFT JOIN live_query_agents a ON a.query_id = q.id
 GROUP BY q.id, q.tenant_id, q.sql, q.timeout_seconds, q.state, q.created_by_name, q.created_at, q.deadline, q.wait_seconds, q.target
 ORDER BY q.id DESC`

// listQueries gives campaigns younger ones first, those before an id.
func listQueries(ctx context.Context, tx *postgres.Tx, before uuid.UUID, limit int) ([]*Query, error) {
	rows, err := tx.Query(ctx, sqlListQueries, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list live queries: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Query, error) { return scanQuery(row) })
}

const sqlListAgents = `
SELECT a.public_id, a.hostname, t.name, a.outcome, a.row_count, a.duration_ms, a.error, a.tenant_id, a.agent_id
  FROM live_query_agents a
  JOIN tenants t ON t.id = a.tenant_id
 WHERE a.query_id = $1 AND ($2 = '' OR a.outcome = $2) AND (a.tenant_id, a.agent_id) > ($3::int, $4::int)
 ORDER BY a.tenant_id, a.agent_id
 LIMIT $5`

// listAgents gives ledger lines after a position, optionally of one outcome.
func listAgents(ctx context.Context, tx *postgres.Tx, id uuid.UUID, outcome Outcome, after position, limit int) ([]AgentLine, error) {
	rows, err := tx.Query(ctx, sqlListAgents, id, outcome, after.Tenant, after.Agent, limit)
	if err != nil {
		return nil, fmt.Errorf("list ledger: %w", err)
	}
	return pgx.CollectRows(rows, scanAgent)
}

// position is a place in the order of answers: tenant, agent, part, and rows of the part already read.
type position struct {
	Tenant, Agent int32
	Part, Row     int
}

// A page is of one tenant, the first that has answers from the position on: so the primary key gives its order and nothing
// is sorted, however much is left. Agents are looked up one by one: a join took all of the campaign for each page. The
// length of a text is known without reading it.
const sqlListParts = `
WITH first AS (
    SELECT t, CASE t WHEN $2 THEN $3::int ELSE 0 END AS agent, CASE t WHEN $2 THEN $4::int ELSE 0 END AS part
      FROM unnest($7::int[]) AS t
     WHERE t >= $2::int
       AND EXISTS (SELECT FROM live_query_parts p WHERE p.tenant_id = t AND p.query_id = $1
                      AND (p.agent_id, p.part) >= (CASE t WHEN $2 THEN $3::int ELSE 0 END, CASE t WHEN $2 THEN $4::int ELSE 0 END)
                      AND ($8::uuid[] IS NULL OR EXISTS (SELECT FROM live_query_agents a
                            WHERE a.tenant_id = t AND a.query_id = $1 AND a.agent_id = p.agent_id AND a.public_id = ANY($8))))
     ORDER BY t
     LIMIT 1)
SELECT p.public_id, p.hostname, (SELECT slug FROM tenants x WHERE x.id = p.tenant_id), p.columns, p.rows, p.row_count, p.tenant_id, p.agent_id, p.part
  FROM (SELECT p.tenant_id, p.agent_id, p.part, p.columns, p.rows, p.row_count, a.public_id, a.hostname,
               sum(octet_length(p.rows)) OVER (ORDER BY p.agent_id, p.part) - octet_length(p.rows) AS before
          FROM first,
               live_query_parts p,
               LATERAL (SELECT public_id, hostname FROM live_query_agents x
                         WHERE x.tenant_id = p.tenant_id AND x.query_id = p.query_id AND x.agent_id = p.agent_id LIMIT 1) a
         WHERE p.tenant_id = first.t AND p.query_id = $1 AND (p.agent_id, p.part) >= (first.agent, first.part)
           AND ($8::uuid[] IS NULL OR a.public_id = ANY($8))
         ORDER BY p.agent_id, p.part
         LIMIT $5) p
 WHERE before < $6
 ORDER BY p.agent_id, p.part`

// listParts gives a page of answers from a position on, the part at the position included: at most bytes of rows and one
// part more. Only an empty page is the end. Agents narrows where it is not nil.
func listParts(ctx context.Context, tx *postgres.Tx, id uuid.UUID, agents []uuid.UUID, from position) ([]Part, error) {
	rows, err := tx.Query(ctx, sqlListParts, id, from.Tenant, from.Agent, from.Part, partsAtOnce, bytesAtOnce, tx.Scope.Visible, agents)
	if err != nil {
		return nil, fmt.Errorf("list answers: %w", err)
	}
	return pgx.CollectRows(rows, scanPart)
}

const sqlCountParts = `SELECT count(*) FROM live_query_parts WHERE tenant_id = ANY($1::int[]) AND query_id = $2`

// countParts tells how many parts of answers are stored, as far as the scope sees them.
func countParts(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (n int, err error) {
	if err := tx.QueryRow(ctx, sqlCountParts, tx.Scope.Visible, id).Scan(&n); err != nil {
		return 0, fmt.Errorf("count answers: %w", err)
	}
	return n, nil
}

const sqlListShapes = `SELECT DISTINCT columns FROM live_query_parts WHERE tenant_id = ANY($1::int[]) AND query_id = $2 ORDER BY columns LIMIT 1000`

// listShapes gives the different lists of columns of a campaign's answers.
func listShapes(ctx context.Context, tx *postgres.Tx, id uuid.UUID) ([][]string, error) {
	rows, err := tx.Query(ctx, sqlListShapes, tx.Scope.Visible, id)
	if err != nil {
		return nil, fmt.Errorf("list columns of answers: %w", err)
	}
	shapes, err := pgx.CollectRows(rows, pgx.RowTo[[]string])
	if err != nil {
		return nil, fmt.Errorf("list columns of answers: %w", err)
	}
	return shapes, nil
}

const sqlFinish = `
UPDATE live_queries SET state = $2, last_modified_by = $3, last_modified_at = $4
 WHERE id = $1 AND state = 'running'`

const sqlGiveUp = `
UPDATE live_query_agents SET outcome = CASE outcome WHEN 'waiting' THEN 'offline' ELSE $2 END,
       error = CASE outcome WHEN 'waiting' THEN $4 ELSE $3 END, answered_at = $5
 WHERE query_id = $1 AND outcome IN ('waiting', 'running')`

// finishQuery ends a campaign. Agents that are still running get the outcome, those that did not come are offline; it tells
// whether the campaign was running.
func finishQuery(ctx context.Context, tx *postgres.Tx, id uuid.UUID, state State, outcome Outcome, why string) (bool, error) {
	tag, err := tx.Exec(ctx, sqlFinish, id, state, tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return false, fmt.Errorf("finish live query: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return false, nil
	}
	away := "did not connect in time"
	if state == Cancelled {
		away = "cancelled before it connected"
	}
	if _, err := tx.Exec(ctx, sqlGiveUp, id, outcome, why, away, tx.Now); err != nil {
		return false, fmt.Errorf("finish live query: %w", err)
	}
	return true, nil
}

// dueQuery is a campaign that has ended, or that has an answer that is overdue.
type dueQuery struct {
	tenant int32
	id     uuid.UUID
	ended  bool
}

const sqlDue = `SELECT tenant_id, id, ended FROM keeper.due_live_queries($1)`

func lookupDue(ctx context.Context, tx pgx.Tx, now time.Time) ([]dueQuery, error) {
	rows, err := tx.Query(ctx, sqlDue, now)
	if err != nil {
		return nil, fmt.Errorf("find due live queries: %w", err)
	}
	due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d dueQuery, err error) {
		return d, row.Scan(&d.tenant, &d.id, &d.ended)
	})
	if err != nil {
		return nil, fmt.Errorf("find due live queries: %w", err)
	}
	return due, nil
}

// An agent that is heard of is asked again at once, one that is away when it comes.
const sqlRequeue = `
WITH overdue AS (
    UPDATE live_query_agents a
       SET outcome = CASE WHEN a.attempts >= $3 THEN 'timed_out' WHEN p.online THEN 'running' ELSE 'waiting' END,
           error = CASE WHEN a.attempts >= $3 THEN 'was asked ' || a.attempts || ' times and did not answer' ELSE '' END,
           answered_at = CASE WHEN a.attempts >= $3 THEN $2::timestamptz END,
           due_at = CASE WHEN a.attempts < $3 AND p.online THEN $2::timestamptz + make_interval(secs => q.timeout_seconds + $4) END,
           attempts = a.attempts + CASE WHEN a.attempts < $3 AND p.online THEN 1 ELSE 0 END
      FROM live_queries q, agent_presence p
     WHERE q.id = $1 AND a.query_id = $1 AND a.outcome = 'running' AND a.due_at < $2
       AND p.tenant_id = a.tenant_id AND p.agent_id = a.agent_id
    RETURNING a.agent_id, a.tenant_id, a.public_id, a.hostname, a.outcome)
SELECT o.agent_id, o.tenant_id, o.public_id, t.public_id, o.hostname FROM overdue o JOIN tenants t ON t.id = o.tenant_id WHERE o.outcome = 'running'`

// requeue has agents whose answer is overdue asked again, and gives those to be asked at once.
func requeue(ctx context.Context, tx *postgres.Tx, id uuid.UUID, now time.Time) ([]TargetAgent, error) {
	rows, err := tx.Query(ctx, sqlRequeue, id, now, attemptsMax, int(grace/time.Second))
	if err != nil {
		return nil, fmt.Errorf("ask agents again: %w", err)
	}
	return pgx.CollectRows(rows, scanTarget)
}

const sqlQuestionsFor = `SELECT id, sql, timeout_seconds FROM keeper.questions_for($1, $2, $3)`

const sqlMarkArrived = `
UPDATE live_query_agents a
   SET outcome = 'running', due_at = $3::timestamptz + make_interval(secs => x.seconds + $6), attempts = a.attempts + 1
  FROM unnest($4::uuid[], $5::int[]) AS x(id, seconds)
 WHERE a.tenant_id = $1 AND a.agent_id = $2 AND a.query_id = x.id AND a.outcome IN ('waiting', 'running')`

// markArrived gives the questions that are open for an agent of the scope's tenant, which are asked from now on.
func markArrived(ctx context.Context, tx *postgres.Tx, agent int32) ([]*Query, error) {
	rows, err := tx.Query(ctx, sqlQuestionsFor, tx.Scope.Tenant, agent, tx.Now)
	if err != nil {
		return nil, fmt.Errorf("find open questions: %w", err)
	}
	var ids []uuid.UUID
	var seconds []int
	open, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Query, error) {
		q, timeout := &Query{}, 0
		err := row.Scan(&q.ID, &q.SQL, &timeout)
		q.Timeout = time.Duration(timeout) * time.Second
		ids, seconds = append(ids, q.ID), append(seconds, timeout)
		return q, err
	})
	if err != nil {
		return nil, fmt.Errorf("find open questions: %w", err)
	}
	if len(open) == 0 {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, sqlMarkArrived, tx.Scope.Tenant, agent, tx.Now, ids, seconds, int(grace/time.Second)); err != nil {
		return nil, fmt.Errorf("ask open questions: %w", err)
	}
	return open, nil
}

const sqlListOpen = `
SELECT a.agent_id, a.tenant_id, a.public_id, t.public_id, a.hostname
  FROM live_query_agents a
  JOIN tenants t ON t.id = a.tenant_id
 WHERE a.query_id = $1 AND a.outcome IN ('waiting', 'running')`

// listOpen gives the agents whose answer is awaited.
func listOpen(ctx context.Context, tx *postgres.Tx, id uuid.UUID) ([]TargetAgent, error) {
	rows, err := tx.Query(ctx, sqlListOpen, id)
	if err != nil {
		return nil, fmt.Errorf("list running agents: %w", err)
	}
	return pgx.CollectRows(rows, scanTarget)
}

func scanTarget(row pgx.CollectableRow) (t TargetAgent, err error) {
	err = row.Scan(&t.ID, &t.Tenant, &t.PublicID, &t.TenantID, &t.Hostname)
	return t, err
}

func scanPart(row pgx.CollectableRow) (p Part, err error) {
	err = row.Scan(&p.AgentID, &p.Hostname, &p.Tenant, &p.Columns, &p.Rows, &p.RowCount, &p.tenant, &p.agent, &p.part)
	return p, err
}

func scanAgent(row pgx.CollectableRow) (l AgentLine, err error) {
	err = row.Scan(&l.AgentID, &l.Hostname, &l.TenantName, &l.Outcome, &l.Rows, &l.DurationMS, &l.Error, &l.tenant, &l.agent)
	return l, err
}
