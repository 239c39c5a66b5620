package compliance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const sqlInsertWaiver = `
INSERT INTO waivers (tenant_id, id, check_id, agent_id, tag, reason, requester, requester_name, requesters, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

// insertWaiver stores a waiver that the transaction's actor asks for and gives its id.
func insertWaiver(ctx context.Context, tx *postgres.Tx, w Waiver) (uuid.UUID, error) {
	var agent *int32
	if w.AgentID != uuid.Nil {
		err := tx.QueryRow(ctx, `SELECT id FROM agents WHERE tenant_id = $1 AND public_id = $2`, tx.Scope.Tenant, w.AgentID).Scan(&agent)
		if errors.Is(err, pgx.ErrNoRows) {
			return uuid.Nil, fault.Field(fault.NotFound, "body.agent_id", "this tenant has no such agent")
		}
		if err != nil {
			return uuid.Nil, fmt.Errorf("find agent: %w", err)
		}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, fmt.Errorf("make waiver id: %w", err)
	}
	actor := tx.Scope.Actor
	if _, err := tx.Exec(ctx, sqlInsertWaiver, tx.Scope.Tenant, id, w.Check, agent, w.Tag, w.Reason, actor.String(), actor.Name, people(actor), tx.Now, w.Expires); err != nil {
		return uuid.Nil, fmt.Errorf("store waiver: %w", err)
	}
	return id, nil
}

const sqlApproveWaiver = `UPDATE waivers SET approver = $3, approver_name = $4, approver_id = $5, approved_at = $6 WHERE tenant_id = $1 AND id = $2`

// approveWaiver puts the transaction's actor down as the one who approves.
func approveWaiver(ctx context.Context, tx *postgres.Tx, id uuid.UUID) error {
	actor := tx.Scope.Actor
	if _, err := tx.Exec(ctx, sqlApproveWaiver, tx.Scope.Tenant, id, actor.String(), actor.Name, actor.ID, tx.Now); err != nil {
		return fmt.Errorf("approve waiver: %w", err)
	}
	return nil
}

const sqlEndWaivers = `
UPDATE waivers SET ended_at = $3, ended_by = $4, end_reason = $5 WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND ended_at IS NULL`

func endWaivers(ctx context.Context, tx *postgres.Tx, ids []uuid.UUID, by, reason string) error {
	if _, err := tx.Exec(ctx, sqlEndWaivers, tx.Scope.Tenant, ids, tx.Now, by, reason); err != nil {
		return fmt.Errorf("end waivers: %w", err)
	}
	return nil
}

const sqlLapsed = `SELECT id FROM waivers WHERE tenant_id = $1 AND ended_at IS NULL AND expires_at <= $2`

func listLapsed(ctx context.Context, tx *postgres.Tx) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, sqlLapsed, tx.Scope.Tenant, tx.Now)
	if err != nil {
		return nil, fmt.Errorf("list lapsed waivers: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

const sqlWaivers = `
SELECT w.id, t.public_id, t.name, w.check_id, coalesce(a.public_id, '00000000-0000-0000-0000-000000000000'), coalesce(a.hostname, ''), w.tag, w.reason,
       w.requester_name, w.requesters, w.approver_name, w.created_at, w.approved_at, w.expires_at, w.ended_at, w.ended_by, w.end_reason
  FROM waivers w
  JOIN tenants t ON t.id = w.tenant_id
  LEFT JOIN agents a ON a.tenant_id = w.tenant_id AND a.id = w.agent_id`

const (
	sqlFindWaiver  = sqlWaivers + ` WHERE w.id = $1`
	sqlListWaivers = sqlWaivers + ` WHERE w.id < $1 AND (NOT $2 OR w.ended_at IS NULL AND w.expires_at > $3) ORDER BY w.id DESC LIMIT $4`
)

// findWaiver gives a waiver of the scope, or fault.NotFound.
func findWaiver(ctx context.Context, tx *postgres.Tx, id uuid.UUID) (*Waiver, error) {
	w, err := scanWaiver(tx.QueryRow(ctx, sqlFindWaiver, id))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "there is no such waiver")
	}
	if err != nil {
		return nil, fmt.Errorf("find waiver: %w", err)
	}
	return w, nil
}

func listWaivers(ctx context.Context, tx *postgres.Tx, open bool, before uuid.UUID, limit int) ([]*Waiver, error) {
	rows, err := tx.Query(ctx, sqlListWaivers, before, open, tx.Now, limit)
	if err != nil {
		return nil, fmt.Errorf("list waivers: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Waiver, error) { return scanWaiver(row) })
}

func scanWaiver(row pgx.Row) (*Waiver, error) {
	var w Waiver
	var approved, ended *time.Time
	if err := row.Scan(&w.ID, &w.TenantID, &w.Tenant, &w.Check, &w.AgentID, &w.Hostname, &w.Tag, &w.Reason, &w.Requester, &w.requesters, &w.Approver,
		&w.Created, &approved, &w.Expires, &ended, &w.EndedBy, &w.EndReason); err != nil {
		return nil, err
	}
	if approved != nil {
		w.Approved = *approved
	}
	if ended != nil {
		w.Ended = *ended
	}
	return &w, nil
}

// failing is the finding of a check that fails.
type failing struct {
	check string
	agent int32
	tags  []string
	state findings.State
}

const sqlFailing = `
SELECT f.subject, f.agent_id, a.tags, f.state FROM findings f JOIN agents a ON a.tenant_id = f.tenant_id AND a.id = f.agent_id
 WHERE f.tenant_id = $1 AND f.kind = 'check' AND (f.state = 'waived' OR f.state <> 'resolved' AND f.subject = ANY($2::text[]))
 ORDER BY f.agent_id, f.subject`

// listFailing gives the findings that are waived, and those of some checks that are not resolved.
func listFailing(ctx context.Context, tx *postgres.Tx, checks []string) ([]failing, error) {
	rows, err := tx.Query(ctx, sqlFailing, tx.Scope.Tenant, checks)
	if err != nil {
		return nil, fmt.Errorf("list failing checks: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (f failing, err error) {
		err = row.Scan(&f.check, &f.agent, &f.tags, &f.state)
		return f, err
	})
}
