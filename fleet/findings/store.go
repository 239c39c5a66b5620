package findings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlLock = `
SELECT id, state FROM findings WHERE tenant_id = $1 AND agent_id = $2 AND kind = $3 AND subject = $4 FOR UPDATE`

const sqlCreate = `
INSERT INTO findings (tenant_id, id, agent_id, kind, subject, title, severity, state, message, expected, fix, rule_version, class, evidence,
                      first_seen_at, last_seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, $10, $11, $12, $13, $14, $14)`

const sqlUpdate = `
UPDATE findings SET title = $3, severity = $4, state = $5, message = $6, expected = $7, fix = $8, rule_version = $9, class = $10, evidence = $11,
       last_seen_at = $12
 WHERE tenant_id = $1 AND id = $2`

const sqlSetState = `UPDATE findings SET state = $3 WHERE tenant_id = $1 AND id = $2`

const sqlAddTransition = `
INSERT INTO finding_transitions (tenant_id, finding_id, seq, at, state, actor, actor_name, reason)
SELECT $1, $2, coalesce(max(seq), 0) + 1, $3, $4, $5, $6, $7 FROM finding_transitions WHERE tenant_id = $1 AND finding_id = $2`

// put creates or updates the finding of an observation, and tells its id, its state and whether it was opened by that.
func put(ctx context.Context, tx *postgres.Tx, o Observation) (id uuid.UUID, state State, opened bool, err error) {
	evidence, err := json.Marshal(o.Evidence)
	if err != nil {
		return id, state, false, fmt.Errorf("encode evidence: %w", err)
	}
	err = tx.QueryRow(ctx, sqlLock, tx.Scope.Tenant, o.Agent, o.Kind, o.Subject).Scan(&id, &state)
	if errors.Is(err, pgx.ErrNoRows) {
		if id, err = uuid.NewV7(); err != nil {
			return id, state, false, fmt.Errorf("make finding id: %w", err)
		}
		if _, err = tx.Exec(ctx, sqlCreate, tx.Scope.Tenant, id, o.Agent, o.Kind, o.Subject, o.Title, o.Severity, o.Message, o.Expected, o.Fix,
			o.RuleVersion, o.Class, string(evidence), tx.Now); err != nil {
			return id, state, false, fmt.Errorf("create finding: %w", err)
		}
		return id, Open, true, addTransition(ctx, tx, tx.Scope.Tenant, id, Open, "")
	}
	if err != nil {
		return id, state, false, fmt.Errorf("find finding: %w", err)
	}
	opened = state == Resolved
	if opened {
		state = Open
	}
	if _, err := tx.Exec(ctx, sqlUpdate, tx.Scope.Tenant, id, o.Title, o.Severity, state, o.Message, o.Expected, o.Fix, o.RuleVersion, o.Class,
		string(evidence), tx.Now); err != nil {
		return id, state, false, fmt.Errorf("update finding: %w", err)
	}
	if opened {
		return id, state, true, addTransition(ctx, tx, tx.Scope.Tenant, id, Open, "it came back")
	}
	return id, state, false, nil
}

// resolve closes the finding of a subject, and tells its id and whether it was there and not closed.
func resolve(ctx context.Context, tx *postgres.Tx, agent int32, kind, subject, reason string) (id uuid.UUID, resolved bool, err error) {
	var state State
	err = tx.QueryRow(ctx, sqlLock, tx.Scope.Tenant, agent, kind, subject).Scan(&id, &state)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && state == Resolved {
		return id, false, nil
	}
	if err != nil {
		return id, false, fmt.Errorf("find finding: %w", err)
	}
	return id, true, setState(ctx, tx, tx.Scope.Tenant, id, Resolved, reason)
}

func setState(ctx context.Context, tx *postgres.Tx, tenant int32, id uuid.UUID, state State, reason string) error {
	if _, err := tx.Exec(ctx, sqlSetState, tenant, id, state); err != nil {
		return fmt.Errorf("set state of finding: %w", err)
	}
	return addTransition(ctx, tx, tenant, id, state, reason)
}

func addTransition(ctx context.Context, tx *postgres.Tx, tenant int32, id uuid.UUID, state State, reason string) error {
	actor := tx.Scope.Actor
	if _, err := tx.Exec(ctx, sqlAddTransition, tenant, id, tx.Now, state, actor.String(), actor.Name, reason); err != nil {
		return fmt.Errorf("add transition: %w", err)
	}
	return nil
}

const sqlOpenSubjects = `
SELECT subject FROM findings
 WHERE tenant_id = $1 AND agent_id = $2 AND kind = $3 AND starts_with(subject, $4) AND state <> 'resolved' ORDER BY subject LIMIT 10000`

func openSubjects(ctx context.Context, tx *postgres.Tx, agent int32, kind, begin string) ([]string, error) {
	rows, err := tx.Query(ctx, sqlOpenSubjects, tx.Scope.Tenant, agent, kind, begin)
	if err != nil {
		return nil, fmt.Errorf("list subjects of findings: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

const sqlColumns = `
SELECT f.id, f.tenant_id, t.public_id, t.name, f.agent_id, a.public_id, a.hostname, f.kind, f.subject, f.title, f.severity, f.state, f.message,
       f.expected, f.fix, f.rule_version, f.class, f.first_seen_at, f.last_seen_at`

const sqlFrom = `
  FROM findings f
  JOIN tenants t ON t.id = f.tenant_id
  JOIN agents a ON a.tenant_id = f.tenant_id AND a.id = f.agent_id`

// What may not be read may not be searched either: else a search would tell it letter by letter.
const sqlList = sqlColumns + sqlFrom + `
 WHERE f.id < $1
   AND ($2 = '' OR f.state = $2) AND ($3 = 0 OR f.severity = $3) AND ($4 = '' OR f.kind = $4)
   AND ($5::uuid IS NULL OR a.public_id = $5) AND ($6 = '' OR f.kind = 'check' AND f.subject = $6)
   AND ($7 = '' OR f.title ILIKE $7 OR a.hostname ILIKE $7 OR f.class <= $8 AND f.message ILIKE $7)
 ORDER BY f.id DESC LIMIT $9`

// list gives findings without their evidence, the youngest first, those before an id.
func list(ctx context.Context, tx *postgres.Tx, filter Filter, before uuid.UUID, limit int) ([]*Finding, error) {
	var agent *uuid.UUID
	if filter.Agent != uuid.Nil {
		agent = &filter.Agent
	}
	text := ""
	if filter.Text != "" {
		text = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(filter.Text) + "%"
	}
	rows, err := tx.Query(ctx, sqlList, before, filter.State, filter.Severity, filter.Kind, agent, filter.Check, text, tx.Scope.Readable(), limit)
	if err != nil {
		return nil, fmt.Errorf("list findings: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Finding, error) { return scan(row) })
	if err != nil {
		return nil, fmt.Errorf("list findings: %w", err)
	}
	return found, nil
}

const sqlFind = sqlColumns + `, f.evidence` + sqlFrom + ` WHERE f.id = $1`

// find gives one finding with its evidence, or fault.NotFound.
func find(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (*Finding, error) {
	var evidence string
	f, err := scan(tx.QueryRow(ctx, sqlFind, id), &evidence)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "there is no such finding")
	}
	if err == nil {
		err = json.Unmarshal([]byte(evidence), &f.Evidence)
	}
	if err != nil {
		return nil, fmt.Errorf("find finding: %w", err)
	}
	return f, nil
}

func scan(row pgx.Row, more ...any) (*Finding, error) {
	var f Finding
	var tenant int32
	targets := []any{&f.ID, &tenant, &f.TenantID, &f.TenantName, &f.Agent, &f.AgentID, &f.Hostname, &f.Kind, &f.Subject, &f.Title, &f.Severity,
		&f.State, &f.Message, &f.Expected, &f.Fix, &f.RuleVersion, &f.Class, &f.FirstSeenAt, &f.LastSeenAt}
	if err := row.Scan(append(targets, more...)...); err != nil {
		return nil, err
	}
	f.tenant = tenant
	return &f, nil
}

const sqlHistory = `
SELECT at, state, actor_name, reason FROM finding_transitions WHERE tenant_id = $1 AND finding_id = $2 ORDER BY seq DESC LIMIT 200`

// history gives a finding's transitions, the youngest first.
func history(ctx context.Context, tx *postgres.Tx, f *Finding) ([]Transition, error) {
	rows, err := tx.Query(ctx, sqlHistory, f.tenant, f.ID)
	if err != nil {
		return nil, fmt.Errorf("list transitions: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Transition])
}

const sqlPublicIDs = `
SELECT t.public_id, a.public_id FROM tenants t JOIN agents a ON a.tenant_id = t.id WHERE t.id = $1 AND a.id = $2`

// publicIDs gives the public ids of the transaction's tenant and one of its agents, for events.
func publicIDs(ctx context.Context, tx *postgres.Tx, agent int32) (tenantID, agentID uuid.UUID, err error) {
	if err = tx.QueryRow(ctx, sqlPublicIDs, tx.Scope.Tenant, agent).Scan(&tenantID, &agentID); err != nil {
		err = fmt.Errorf("find agent: %w", err)
	}
	return tenantID, agentID, err
}
