package compliance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/frameworks"
	"github.com/tenantra/tenantra/queries/rules"
)

type collection struct {
	id     int32
	status int
	log    string
}

const sqlFindCollection = `
SELECT c.id, s.status_code, s.execution_log
  FROM collections c JOIN agent_collections s ON s.tenant_id = c.tenant_id AND s.collection_id = c.id
 WHERE c.tenant_id = $1 AND c.name = $2 AND s.agent_id = $3`

func findCollection(ctx context.Context, tx *postgres.Tx, name string, agent int32) (c collection, found bool, err error) {
	err = tx.QueryRow(ctx, sqlFindCollection, tx.Scope.Tenant, name, agent).Scan(&c.id, &c.status, &c.log)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("find collection: %w", err)
	}
	return c, true, nil
}

const sqlFindAgents = `
SELECT id, public_id, hostname, platform, os_name, os_version, tags FROM agents
 WHERE tenant_id = $1 AND id = ANY($2::int[]) AND state = 'active'`

// findAgents gives what rules may know of the agents; one that is not active is not among them.
func findAgents(ctx context.Context, tx *postgres.Tx, keys []key) (map[int32]rules.Agent, error) {
	_, ids := split(keys)
	rows, err := tx.Query(ctx, sqlFindAgents, tx.Scope.Tenant, ids)
	if err != nil {
		return nil, fmt.Errorf("find agents: %w", err)
	}
	agents := map[int32]rules.Agent{}
	var id int32
	var public uuid.UUID
	var a rules.Agent
	_, err = pgx.ForEachRow(rows, []any{&id, &public, &a.Hostname, &a.Platform, &a.OSName, &a.OSVersion, &a.Tags}, func() error {
		a.ID = public.String()
		agents[id] = a
		a.Tags = nil
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find agents: %w", err)
	}
	return agents, nil
}

func split(keys []key) (checks []string, agents []int32) {
	for _, k := range keys {
		checks, agents = append(checks, k.check), append(agents, k.agent)
	}
	return checks, agents
}

const sqlFindVerdicts = `
SELECT v.check_id, v.agent_id, v.verdict, v.message, v.class, v.rule_version, v.since
  FROM unnest($2::text[], $3::int[]) AS k(check_id, agent_id)
  JOIN verdicts v ON v.tenant_id = $1 AND v.check_id = k.check_id AND v.agent_id = k.agent_id`

func findVerdicts(ctx context.Context, tx *postgres.Tx, keys []key) (map[key]*Verdict, error) {
	checks, agents := split(keys)
	rows, err := tx.Query(ctx, sqlFindVerdicts, tx.Scope.Tenant, checks, agents)
	if err != nil {
		return nil, fmt.Errorf("find verdicts: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[Verdict])
	if err != nil {
		return nil, fmt.Errorf("find verdicts: %w", err)
	}
	byKey := make(map[key]*Verdict, len(found))
	for _, v := range found {
		v.Since = v.Since.UTC()
		byKey[key{v.Check, v.Agent}] = v
	}
	return byKey, nil
}

const sqlPutVerdicts = `
INSERT INTO verdicts (tenant_id, check_id, agent_id, verdict, message, class, rule_version, since)
SELECT $1, * FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::timestamptz[])
ON CONFLICT (tenant_id, check_id, agent_id) DO UPDATE SET verdict = excluded.verdict, message = excluded.message, class = excluded.class,
    rule_version = excluded.rule_version, since = excluded.since`

const sqlPutPast = `
INSERT INTO verdicts_past (tenant_id, check_id, agent_id, verdict, rule_version, since, ended)
SELECT $1, *, $7 FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::timestamptz[])`

// putVerdicts writes verdicts; one that took the place of another verdict puts that into the past.
func putVerdicts(ctx context.Context, tx *postgres.Tx, changes []change) error {
	var checks, verdicts, messages, versions []string
	var agents []int32
	var classes []int16
	var since []time.Time
	var past []*Verdict
	for _, c := range changes {
		v := c.now
		checks, agents, verdicts = append(checks, v.Check), append(agents, v.Agent), append(verdicts, string(v.Verdict))
		messages, classes, versions = append(messages, v.Message), append(classes, int16(v.Class)), append(versions, v.RuleVersion)
		since = append(since, v.Since)
		if c.before != nil && c.before.Verdict != v.Verdict {
			past = append(past, c.before)
		}
	}
	if len(checks) > 0 {
		if _, err := tx.Exec(ctx, sqlPutVerdicts, tx.Scope.Tenant, checks, agents, verdicts, messages, classes, versions, since); err != nil {
			return fmt.Errorf("write verdicts: %w", err)
		}
	}
	return putPast(ctx, tx, past)
}

func putPast(ctx context.Context, tx *postgres.Tx, past []*Verdict) error {
	if len(past) == 0 {
		return nil
	}
	var checks, verdicts, versions []string
	var agents []int32
	var since []time.Time
	for _, v := range past {
		checks, agents, verdicts = append(checks, v.Check), append(agents, v.Agent), append(verdicts, string(v.Verdict))
		versions, since = append(versions, v.RuleVersion), append(since, v.Since)
	}
	if _, err := tx.Exec(ctx, sqlPutPast, tx.Scope.Tenant, checks, agents, verdicts, versions, since, tx.Now); err != nil {
		return fmt.Errorf("write past verdicts: %w", err)
	}
	return nil
}

const sqlOutdated = `
SELECT v.check_id FROM verdicts v LEFT JOIN unnest($2::text[], $3::text[]) AS k(check_id, version) ON k.check_id = v.check_id
 WHERE v.tenant_id = $1 AND k.version IS DISTINCT FROM v.rule_version GROUP BY v.check_id ORDER BY v.check_id`

// listOutdated gives the checks that have verdicts of another version than the library's, or are not in the library.
func listOutdated(ctx context.Context, tx *postgres.Tx, checks, versions []string) ([]string, error) {
	rows, err := tx.Query(ctx, sqlOutdated, tx.Scope.Tenant, checks, versions)
	if err != nil {
		return nil, fmt.Errorf("list outdated verdicts: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

const sqlTakeVerdicts = `
DELETE FROM verdicts WHERE tenant_id = $1 AND check_id = $2
RETURNING check_id, agent_id, verdict, message, class, rule_version, since`

// takeVerdicts removes the verdicts of a check and gives them.
func takeVerdicts(ctx context.Context, tx *postgres.Tx, check string) ([]*Verdict, error) {
	rows, err := tx.Query(ctx, sqlTakeVerdicts, tx.Scope.Tenant, check)
	if err != nil {
		return nil, fmt.Errorf("remove verdicts: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[Verdict])
}

const sqlTakeAgent = `
DELETE FROM verdicts WHERE tenant_id = $1 AND agent_id = $2
RETURNING check_id, agent_id, verdict, message, class, rule_version, since`

// takeAgent removes the verdicts of an agent and gives them.
func takeAgent(ctx context.Context, tx *postgres.Tx, agent int32) ([]*Verdict, error) {
	rows, err := tx.Query(ctx, sqlTakeAgent, tx.Scope.Tenant, agent)
	if err != nil {
		return nil, fmt.Errorf("remove verdicts of agent: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[Verdict])
}

const sqlCounts = `
SELECT v.check_id,
       count(*) FILTER (WHERE v.verdict = 'pass'),
       count(*) FILTER (WHERE v.verdict = 'fail' AND f.state IS DISTINCT FROM 'waived'),
       count(*) FILTER (WHERE v.verdict = 'not_applicable'),
       count(*) FILTER (WHERE v.verdict = 'error'),
       count(*) FILTER (WHERE v.verdict = 'fail' AND f.state = 'waived')
  FROM verdicts v
  JOIN agents a ON a.tenant_id = v.tenant_id AND a.id = v.agent_id AND a.state = 'active'
  LEFT JOIN findings f ON f.tenant_id = v.tenant_id AND f.agent_id = v.agent_id AND f.kind = 'check' AND f.subject = v.check_id
                      AND v.verdict = 'fail'
 GROUP BY v.check_id`

// countVerdicts counts the verdicts of active agents by check.
func countVerdicts(ctx context.Context, tx *postgres.Tx) (map[string]Counts, error) {
	rows, err := tx.Query(ctx, sqlCounts)
	if err != nil {
		return nil, fmt.Errorf("count verdicts: %w", err)
	}
	counts := map[string]Counts{}
	var check string
	var c Counts
	if _, err := pgx.ForEachRow(rows, []any{&check, &c.Pass, &c.Fail, &c.NotApplicable, &c.Error, &c.Waived}, func() error {
		counts[check] = c
		return nil
	}); err != nil {
		return nil, fmt.Errorf("count verdicts: %w", err)
	}
	return counts, nil
}

// position is a place in the order of verdicts, or of agents.
type position struct {
	Tenant int32
	Check  string
	Agent  int32
}

// Only the verdict is known of the past, not its message. Whether a failure was waived then is what its finding's state was.
const sqlListVerdicts = `
SELECT v.check_id, v.agent_id, CASE WHEN w.state = 'waived' THEN 'waived' ELSE v.verdict END, v.message, v.class, v.rule_version, v.since,
       a.public_id, a.hostname, t.name, v.tenant_id
  FROM (SELECT tenant_id, check_id, agent_id, verdict, message, class, rule_version, since FROM verdicts WHERE $1::timestamptz IS NULL OR since <= $1
        UNION ALL
        SELECT tenant_id, check_id, agent_id, verdict, '', 0, rule_version, since FROM verdicts_past WHERE since <= $1 AND ended > $1) v
  JOIN agents a ON a.tenant_id = v.tenant_id AND a.id = v.agent_id
  JOIN tenants t ON t.id = v.tenant_id
  LEFT JOIN LATERAL (
       SELECT x.state FROM findings f JOIN finding_transitions x ON x.tenant_id = f.tenant_id AND x.finding_id = f.id
        WHERE f.tenant_id = v.tenant_id AND f.agent_id = v.agent_id AND f.kind = 'check' AND f.subject = v.check_id
          AND ($1::timestamptz IS NULL OR x.at <= $1)
        ORDER BY x.seq DESC LIMIT 1) w ON v.verdict = 'fail'
 WHERE (v.tenant_id, v.check_id, v.agent_id) > ($2::int, $3::text, $4::int)
   AND ($5::uuid IS NULL OR a.public_id = $5) AND ($6 = '' OR v.check_id = $6)
   AND ($7 = '' OR CASE WHEN w.state = 'waived' THEN 'waived' ELSE v.verdict END = $7)
 ORDER BY v.tenant_id, v.check_id, v.agent_id LIMIT $8`

type listed struct {
	Line
	tenant int32
}

func listVerdicts(ctx context.Context, tx *postgres.Tx, filter Filter, after position, limit int) ([]listed, error) {
	var at *time.Time
	if !filter.At.IsZero() {
		at = &filter.At
	}
	var agent *uuid.UUID
	if filter.Agent != uuid.Nil {
		agent = &filter.Agent
	}
	rows, err := tx.Query(ctx, sqlListVerdicts, at, after.Tenant, after.Check, after.Agent, agent, filter.Check, filter.Verdict, limit)
	if err != nil {
		return nil, fmt.Errorf("list verdicts: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (listed, error) {
		var l listed
		v := &l.Line.Verdict
		err := row.Scan(&v.Check, &v.Agent, &v.Verdict, &v.Message, &v.Class, &v.RuleVersion, &v.Since, &l.AgentID, &l.Hostname, &l.TenantName, &l.tenant)
		return l, err
	})
}

// versions lists the library's checks with their versions.
func versions(l *frameworks.Library) (checks, versions []string) {
	for _, c := range l.Checks() {
		checks, versions = append(checks, c.ID), append(versions, c.Version)
	}
	return checks, versions
}
