package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/queries/rules"
	"github.com/tenantra/tenantra/tables"
)

const sqlColumns = `
SELECT a.tenant_id, a.id, a.rule, a.rule_version, a.group_key, a.labels, a.title, a.message, a.severity, a.class, a.state, a.members, a.occurrences,
       a.opened_at, a.last_seen_at, a.state_at, a.changes, a.flapping, a.notified_at, a.snoozed_until, a.resolve_at, a.renotify_at, a.escalate_at,
       a.escalation, a.held, a.held_until, t.public_id, t.name
  FROM alerts a JOIN tenants t ON t.id = a.tenant_id`

const (
	sqlByGroup = sqlColumns + ` WHERE a.tenant_id = $1 AND a.rule = $2 AND a.group_key = $3`
	sqlByID    = sqlColumns + ` WHERE a.id = $1`
	sqlDue     = sqlColumns + ` WHERE a.tenant_id = $1 AND a.due_at <= $2 ORDER BY a.due_at, a.id LIMIT $3`
)

func scan(row pgx.CollectableRow) (*Alert, error) {
	var a Alert
	var key []byte
	var labels string
	err := row.Scan(&a.tenant, &a.ID, &a.Rule, &a.RuleVersion, &key, &labels, &a.Title, &a.Message, &a.Severity, &a.Class, &a.State, &a.Members, &a.Occurrences,
		&a.OpenedAt, &a.LastSeenAt, &a.StateAt, &a.Changes, &a.Flapping, &a.NotifiedAt, &a.SnoozedUntil, &a.ResolveAt, &a.RenotifyAt, &a.EscalateAt,
		&a.Escalation, &a.Held, &a.HeldUntil, &a.TenantID, &a.TenantName)
	if err != nil {
		return nil, err
	}
	copy(a.Key[:], key)
	if err := json.Unmarshal([]byte(labels), &a.Labels); err != nil {
		return nil, fmt.Errorf("read labels: %w", err)
	}
	return &a, nil
}

func one(rows pgx.Rows, err error) (*Alert, error) {
	if err != nil {
		return nil, fmt.Errorf("find alert: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "there is no such alert")
	}
	if err != nil {
		return nil, fmt.Errorf("find alert: %w", err)
	}
	return a, nil
}

func findByID(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (*Alert, error) {
	return one(tx.Query(ctx, sqlByID, id))
}

// findByGroup gives the alert of a group, or nil.
func findByGroup(ctx context.Context, tx *postgres.Tx, rule string, key [16]byte) (*Alert, error) {
	a, err := one(tx.Query(ctx, sqlByGroup, tx.Scope.Tenant, rule, key[:]))
	if fault.CodeOf(err) == fault.NotFound {
		return nil, nil
	}
	return a, err
}

func listDue(ctx context.Context, tx *postgres.Tx, limit int) ([]*Alert, error) {
	rows, err := tx.Query(ctx, sqlDue, tx.Scope.Tenant, tx.Now, limit)
	if err != nil {
		return nil, fmt.Errorf("list due alerts: %w", err)
	}
	return pgx.CollectRows(rows, scan)
}

const sqlPut = `
INSERT INTO alerts (tenant_id, id, rule, rule_version, group_key, labels, title, message, severity, class, state, members, occurrences, opened_at,
                    last_seen_at, state_at, changes, flapping, notified_at, snoozed_until, resolve_at, renotify_at, escalate_at, escalation, held,
                    held_until, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
ON CONFLICT (tenant_id, id) DO UPDATE SET rule_version = excluded.rule_version, labels = excluded.labels, title = excluded.title, message = excluded.message,
       severity = excluded.severity, class = excluded.class, state = excluded.state, members = excluded.members, occurrences = excluded.occurrences,
       opened_at = excluded.opened_at, last_seen_at = excluded.last_seen_at, state_at = excluded.state_at, changes = excluded.changes,
       flapping = excluded.flapping, notified_at = excluded.notified_at, snoozed_until = excluded.snoozed_until, resolve_at = excluded.resolve_at,
       renotify_at = excluded.renotify_at, escalate_at = excluded.escalate_at, escalation = excluded.escalation, held = excluded.held,
       held_until = excluded.held_until, due_at = excluded.due_at`

func put(ctx context.Context, tx *postgres.Tx, a *Alert) error {
	labels, err := json.Marshal(a.Labels)
	if err != nil {
		return fmt.Errorf("encode labels: %w", err)
	}
	if a.Changes == nil {
		a.Changes = []time.Time{}
	}
	_, err = tx.Exec(ctx, sqlPut, a.tenant, a.ID, a.Rule, a.RuleVersion, a.Key[:], string(labels), a.Title, a.Message, a.Severity, a.Class, a.State, a.Members,
		a.Occurrences, a.OpenedAt, a.LastSeenAt, a.StateAt, a.Changes, a.Flapping, a.NotifiedAt, a.SnoozedUntil, a.ResolveAt, a.RenotifyAt, a.EscalateAt,
		a.Escalation, a.Held, a.HeldUntil, a.due())
	if err != nil {
		return fmt.Errorf("store alert: %w", err)
	}
	return nil
}

const sqlAddEvent = `
INSERT INTO alert_events (tenant_id, alert_id, seq, at, event, actor, actor_name, reason)
SELECT $1, $2, coalesce(max(seq), 0) + 1, $3, $4, $5, $6, $7 FROM alert_events WHERE tenant_id = $1 AND alert_id = $2`

func addEvent(ctx context.Context, tx *postgres.Tx, a *Alert, event, reason string) error {
	actor := tx.Scope.Actor
	if _, err := tx.Exec(ctx, sqlAddEvent, a.tenant, a.ID, tx.Now, event, actor.String(), actor.Name, reason); err != nil {
		return fmt.Errorf("store alert's history: %w", err)
	}
	return nil
}

const sqlPutMember = `
INSERT INTO alert_members AS m (tenant_id, alert_id, finding_id, agent_id, firing, since) VALUES ($1, $2, $3, $4, true, $5)
ON CONFLICT (tenant_id, alert_id, finding_id) DO UPDATE SET firing = true, since = CASE WHEN m.firing THEN m.since ELSE excluded.since END`

const sqlCountMembers = `SELECT count(*) FROM alert_members WHERE tenant_id = $1 AND alert_id = $2 AND firing`

// addMember says that a finding is one that the alert gathers, and counts those that are so.
func addMember(ctx context.Context, tx *postgres.Tx, a *Alert, finding uuid.UUID, agent int32) error {
	if _, err := tx.Exec(ctx, sqlPutMember, a.tenant, a.ID, finding, agent, tx.Now); err != nil {
		return fmt.Errorf("store member of alert: %w", err)
	}
	return countMembers(ctx, tx, a)
}

func countMembers(ctx context.Context, tx *postgres.Tx, a *Alert) error {
	if err := tx.QueryRow(ctx, sqlCountMembers, a.tenant, a.ID).Scan(&a.Members); err != nil {
		return fmt.Errorf("count members of alert: %w", err)
	}
	return nil
}

const sqlDropMember = `
UPDATE alert_members SET firing = false, since = $3 WHERE tenant_id = $1 AND finding_id = $2 AND firing RETURNING alert_id`

// dropMember says that a finding is no more, and gives the alerts that it was one of.
func dropMember(ctx context.Context, tx *postgres.Tx, finding uuid.UUID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, sqlDropMember, tx.Scope.Tenant, finding, tx.Now)
	if err != nil {
		return nil, fmt.Errorf("drop member of alerts: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

const sqlFiringMembers = `
SELECT f.agent_id, f.kind, f.subject FROM alert_members m JOIN findings f ON f.tenant_id = m.tenant_id AND f.id = m.finding_id
 WHERE m.tenant_id = $1 AND m.alert_id = $2 AND m.firing ORDER BY f.id LIMIT 10000`

type memberFinding struct {
	Agent         int32
	Kind, Subject string
}

func firingMembers(ctx context.Context, tx *postgres.Tx, a *Alert) ([]memberFinding, error) {
	rows, err := tx.Query(ctx, sqlFiringMembers, a.tenant, a.ID)
	if err != nil {
		return nil, fmt.Errorf("list members of alert: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[memberFinding])
}

const sqlDropMembers = `UPDATE alert_members SET firing = false, since = $3 WHERE tenant_id = $1 AND alert_id = $2 AND firing`

func dropMembers(ctx context.Context, tx *postgres.Tx, a *Alert) error {
	if _, err := tx.Exec(ctx, sqlDropMembers, a.tenant, a.ID, tx.Now); err != nil {
		return fmt.Errorf("drop members of alert: %w", err)
	}
	a.Members = 0
	return nil
}

const sqlMemberTags = `
SELECT DISTINCT ON (g.id) g.hostname, g.tags FROM alert_members m JOIN agents g ON g.tenant_id = m.tenant_id AND g.id = m.agent_id
 WHERE m.tenant_id = $1 AND m.alert_id = $2 AND (m.firing OR NOT EXISTS (
       SELECT FROM alert_members x WHERE x.tenant_id = $1 AND x.alert_id = $2 AND x.firing)) ORDER BY g.id LIMIT 1000`

// memberAgents gives host names and tags of the agents that an alert is about: of those that are so, else of those that
// were.
func memberAgents(ctx context.Context, tx *postgres.Tx, a *Alert) (hostnames []string, tags [][]string, err error) {
	rows, err := tx.Query(ctx, sqlMemberTags, a.tenant, a.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("list agents of alert: %w", err)
	}
	var host string
	var t []string
	_, err = pgx.ForEachRow(rows, []any{&host, &t}, func() error {
		hostnames, tags = append(hostnames, host), append(tags, t)
		t = nil
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list agents of alert: %w", err)
	}
	return hostnames, tags, nil
}

// What may not be read may not be searched either.
const sqlList = sqlColumns + `
 WHERE a.id < $1 AND ($2 = '' OR a.state = $2) AND ($3 = 0 OR a.severity = $3) AND ($4 = '' OR a.rule = $4)
   AND ($5::uuid IS NULL OR EXISTS (SELECT FROM alert_members m JOIN agents g ON g.tenant_id = m.tenant_id AND g.id = m.agent_id
                                     WHERE m.tenant_id = a.tenant_id AND m.alert_id = a.id AND g.public_id = $5))
   AND ($6 = '' OR a.title ILIKE $6 OR a.rule ILIKE $6 OR a.class <= $7 AND a.message ILIKE $6)
 ORDER BY a.id DESC LIMIT $8`

func list(ctx context.Context, tx *postgres.Tx, filter Filter, class tables.Class, before uuid.UUID, limit int) ([]*Alert, error) {
	var agent *uuid.UUID
	if filter.Agent != uuid.Nil {
		agent = &filter.Agent
	}
	text := ""
	if filter.Text != "" {
		text = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(filter.Text) + "%"
	}
	rows, err := tx.Query(ctx, sqlList, before, filter.State, filter.Severity, filter.Rule, agent, text, class, limit)
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	return found, nil
}

const sqlHostnames = `
SELECT m.alert_id, g.hostname
  FROM unnest($1::uuid[]) AS k(id),
       LATERAL (SELECT alert_id, tenant_id, agent_id FROM alert_members x WHERE x.alert_id = k.id ORDER BY x.firing DESC, x.since DESC LIMIT 3) m
  JOIN agents g ON g.tenant_id = m.tenant_id AND g.id = m.agent_id`

// addHostnames says of each alert which agents it is about, a few.
func addHostnames(ctx context.Context, tx *postgres.Tx, list []*Alert) error {
	ids := make([]uuid.UUID, len(list))
	byID := make(map[uuid.UUID]*Alert, len(list))
	for i, a := range list {
		ids[i], byID[a.ID] = a.ID, a
		a.Hostnames = nil
	}
	rows, err := tx.Query(ctx, sqlHostnames, ids)
	if err != nil {
		return fmt.Errorf("list agents of alerts: %w", err)
	}
	var id uuid.UUID
	var host string
	_, err = pgx.ForEachRow(rows, []any{&id, &host}, func() error {
		byID[id].Hostnames = append(byID[id].Hostnames, host)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list agents of alerts: %w", err)
	}
	return nil
}

const sqlHistory = `
SELECT at, event, actor_name, reason FROM alert_events WHERE tenant_id = $1 AND alert_id = $2 ORDER BY seq DESC LIMIT 500`

func history(ctx context.Context, tx *postgres.Tx, a *Alert) ([]Event, error) {
	rows, err := tx.Query(ctx, sqlHistory, a.tenant, a.ID)
	if err != nil {
		return nil, fmt.Errorf("list alert's history: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Event])
}

const sqlMembers = `
SELECT f.id, g.public_id, g.hostname, f.message, f.class, m.firing, m.since
  FROM alert_members m
  JOIN findings f ON f.tenant_id = m.tenant_id AND f.id = m.finding_id
  JOIN agents g ON g.tenant_id = m.tenant_id AND g.id = m.agent_id
 WHERE m.tenant_id = $1 AND m.alert_id = $2 ORDER BY m.firing DESC, m.since DESC, f.id LIMIT 500`

func members(ctx context.Context, tx *postgres.Tx, a *Alert) ([]Member, error) {
	rows, err := tx.Query(ctx, sqlMembers, a.tenant, a.ID)
	if err != nil {
		return nil, fmt.Errorf("list members of alert: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Member])
}

const sqlAgents = `
SELECT id, public_id, hostname, platform, os_name, os_version, tags FROM agents WHERE tenant_id = $1 AND id = ANY($2::int[]) AND state = 'active'`

// findAgents gives what rules may know of active agents.
func findAgents(ctx context.Context, tx *postgres.Tx, ids []int32) (map[int32]rules.Agent, error) {
	rows, err := tx.Query(ctx, sqlAgents, tx.Scope.Tenant, ids)
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

func severityOf(name string) (findings.Severity, error) { return findings.ParseSeverity(name) }
