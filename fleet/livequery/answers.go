package livequery

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
)

// An answer counts only where a ledger line awaits it. An agent that was asked again answers from its first part on: what
// it says later counts.
const sqlStoreParts = `
INSERT INTO live_query_parts AS p (tenant_id, query_id, agent_id, part, columns, row_count, rows, received_at)
SELECT s.t, s.q, s.a, s.part, ARRAY(SELECT jsonb_array_elements_text(s.columns::jsonb)), s.n, s.rows, $8
  FROM unnest($1::int[], $2::uuid[], $3::int[], $4::int[], $5::text[], $6::int[], $7::text[]) AS s(t, q, a, part, columns, n, rows)
 WHERE EXISTS (SELECT FROM live_query_agents a
                WHERE a.tenant_id = s.t AND a.query_id = s.q AND a.agent_id = s.a AND a.outcome IN ('waiting', 'running'))
ON CONFLICT (tenant_id, query_id, agent_id, part) DO UPDATE
   SET columns = excluded.columns, row_count = excluded.row_count, rows = excluded.rows, received_at = excluded.received_at
 WHERE p.rows <> excluded.rows OR p.columns <> excluded.columns`

// Parts of an earlier try that the last one did not overwrite.
const sqlDropParts = `
DELETE FROM live_query_parts p USING unnest($1::int[], $2::uuid[], $3::int[], $4::int[]) AS s(t, q, a, kept)
 WHERE p.tenant_id = s.t AND p.query_id = s.q AND p.agent_id = s.a AND p.part >= s.kept
   AND EXISTS (SELECT FROM live_query_agents a
                WHERE a.tenant_id = s.t AND a.query_id = s.q AND a.agent_id = s.a AND a.outcome IN ('waiting', 'running'))`

const sqlCloseAgents = `
UPDATE live_query_agents x
   SET outcome = s.outcome, row_count = (SELECT coalesce(sum(p.row_count), 0) FROM live_query_parts p
                                          WHERE p.tenant_id = s.t AND p.query_id = s.q AND p.agent_id = s.a),
       duration_ms = s.duration, cpu_ms = s.cpu, error = s.error, answered_at = $8
  FROM unnest($1::int[], $2::uuid[], $3::int[], $4::text[], $5::bigint[], $6::bigint[], $7::text[]) AS s(t, q, a, outcome, duration, cpu, error)
 WHERE x.tenant_id = s.t AND x.query_id = s.q AND x.agent_id = s.a AND x.outcome IN ('waiting', 'running')`

// line names a line of a ledger.
type line struct {
	tenant, agent int32
	query         uuid.UUID
}

func (a *answer) line() line { return line{a.from.Tenant, a.from.Agent, a.query} }

// rounds splits a group into what one set of statements may store: of one line no part twice, and nothing after its last part.
// What an agent says later is in a later round.
func rounds(group []*answer) [][]*answer {
	type state struct {
		round  int
		parts  map[int]bool
		closed bool
	}
	var out [][]*answer
	lines := map[line]*state{}
	for _, a := range group {
		s := lines[a.line()]
		if s == nil {
			s = &state{parts: map[int]bool{}}
			lines[a.line()] = s
		}
		if s.closed || s.parts[a.header.Part] {
			s.round, s.parts = s.round+1, map[int]bool{}
		}
		s.parts[a.header.Part], s.closed = true, a.header.Final
		for len(out) <= s.round {
			out = append(out, nil)
		}
		out[s.round] = append(out[s.round], a)
	}
	return out
}

// queueAnswers adds the statements that store a round of answers to a pipeline.
func queueAnswers(pipe *pgx.Batch, round []*answer, now time.Time) error {
	var parts, finals struct {
		t, a []int32
		q    []uuid.UUID
	}
	var number, count, kept []int32
	var columns, rows, outcomes, errors []string
	var duration, cpu []int64
	for _, a := range round {
		if a.rowCount > 0 {
			names, err := json.Marshal(a.header.Columns)
			if err != nil {
				return fmt.Errorf("encode columns: %w", err)
			}
			parts.t, parts.q, parts.a = append(parts.t, a.from.Tenant), append(parts.q, a.query), append(parts.a, a.from.Agent)
			number, count = append(number, int32(a.header.Part)), append(count, int32(a.rowCount)) // #nosec G115 -- newAnswer bounds both
			columns, rows = append(columns, string(names)), append(rows, a.rows)
		}
		if a.header.Final {
			last := int32(a.header.Part) // #nosec G115 -- newAnswer bounds it
			if a.rowCount > 0 {
				last++
			}
			finals.t, finals.q, finals.a = append(finals.t, a.from.Tenant), append(finals.q, a.query), append(finals.a, a.from.Agent)
			kept, outcomes, errors = append(kept, last), append(outcomes, string(a.outcome)), append(errors, a.header.Error)
			duration, cpu = append(duration, a.header.Execution.DurationMS), append(cpu, a.header.Execution.CPUMillis)
		}
	}
	if len(parts.t) > 0 {
		pipe.Queue(sqlStoreParts, parts.t, parts.q, parts.a, number, columns, count, rows, now)
	}
	if len(finals.t) > 0 {
		pipe.Queue(sqlDropParts, finals.t, finals.q, finals.a, kept)
		pipe.Queue(sqlCloseAgents, finals.t, finals.q, finals.a, outcomes, duration, cpu, errors, now)
	}
	return nil
}

// By LATERAL … LIMIT 1 on the keys, as where rows are stored: the tables have no statistics of a question that just began.
const sqlFindParts = `
SELECT a.public_id, a.hostname, t.slug, p.columns, p.rows, p.row_count, s.t, s.a, s.part
  FROM unnest($2::int[], $3::int[], $4::int[]) AS s(t, a, part),
       LATERAL (SELECT columns, rows, row_count, received_at FROM live_query_parts x
                 WHERE x.tenant_id = s.t AND x.query_id = $1 AND x.agent_id = s.a AND x.part = s.part LIMIT 1) p,
       LATERAL (SELECT public_id, hostname FROM live_query_agents x
                 WHERE x.tenant_id = s.t AND x.query_id = $1 AND x.agent_id = s.a LIMIT 1) a,
       LATERAL (SELECT slug FROM tenants x WHERE x.id = s.t LIMIT 1) t
 ORDER BY p.received_at, s.t, s.a, s.part`

// findParts gives the stored parts that notices tell of, as far as the scope sees them.
func findParts(ctx context.Context, tx *postgres.Tx, id uuid.UUID, told []notice) ([]Part, error) {
	var tenants, agents []int32
	var numbers []int
	for _, n := range told {
		tenants, agents, numbers = append(tenants, n.Tenant), append(agents, n.Agent), append(numbers, n.Part)
	}
	rows, err := tx.Query(ctx, sqlFindParts, id, tenants, agents, numbers)
	if err != nil {
		return nil, fmt.Errorf("find answers: %w", err)
	}
	return pgx.CollectRows(rows, scanPart)
}

const sqlFindAgents = `
SELECT a.public_id, a.hostname, t.name, a.outcome, a.row_count, a.duration_ms, a.error, s.t, s.a
  FROM unnest($2::int[], $3::int[]) AS s(t, a),
       LATERAL (SELECT public_id, hostname, outcome, row_count, duration_ms, error, answered_at FROM live_query_agents x
                 WHERE x.tenant_id = s.t AND x.query_id = $1 AND x.agent_id = s.a LIMIT 1) a,
       LATERAL (SELECT name FROM tenants x WHERE x.id = s.t LIMIT 1) t
 ORDER BY a.answered_at, s.t, s.a`

// findAgents gives the lines of the ledger that notices tell of, as far as the scope sees them.
func findAgents(ctx context.Context, tx *postgres.Tx, id uuid.UUID, told []notice) ([]AgentLine, error) {
	var tenants, agents []int32
	for _, n := range told {
		tenants, agents = append(tenants, n.Tenant), append(agents, n.Agent)
	}
	rows, err := tx.Query(ctx, sqlFindAgents, id, tenants, agents)
	if err != nil {
		return nil, fmt.Errorf("find ledger lines: %w", err)
	}
	return pgx.CollectRows(rows, scanAgent)
}
