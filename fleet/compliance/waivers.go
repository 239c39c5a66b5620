package compliance

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// waiverLife is the longest that a failure may be accepted at once: somebody is to look again.
const waiverLife = 2 * 366 * 24 * time.Hour

// Waiver accepts the failure of a check for a while, on agents of its tenant and of the tenants below. What is waived
// still fails: scores are shown with and without it.
type Waiver struct {
	ID       uuid.UUID
	TenantID uuid.UUID
	Tenant   string // name
	Check    string
	AgentID  uuid.UUID // zero: not one agent alone
	Hostname string
	Tag      string // of the agents; "": whatever tags
	Reason   string
	Approver string // name
	Created  time.Time
	Expires  time.Time
	Ended    time.Time // zero while it may hold
	EndedBy  string
}

// Holds tells whether it accepts anything at a time.
func (w *Waiver) Holds(at time.Time) bool { return w.Ended.IsZero() && at.Before(w.Expires) }

// CreateWaiver makes a waiver in the scope's tenant, approved by the actor, and brings the findings that it accepts to the
// state waived.
func (s *Service) CreateWaiver(ctx context.Context, scope access.Scope, w Waiver) (made *Waiver, err error) {
	if s.library.Check(w.Check) == nil {
		return nil, fault.Field(fault.Invalid, "body.check", "there is no check %q", w.Check)
	}
	if w.AgentID != uuid.Nil && w.Tag != "" {
		return nil, fault.Field(fault.Invalid, "body.tag", "a waiver is of one agent or of a tag")
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if !w.Expires.After(tx.Now) || w.Expires.After(tx.Now.Add(waiverLife)) {
			return fault.Field(fault.Invalid, "body.expires_at", "a waiver expires in the future, and within two years")
		}
		id, err := insertWaiver(ctx, tx, w)
		if err != nil {
			return err
		}
		if made, err = findWaiver(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "compliance.waive", Object: "waiver:" + id.String(),
			Detail: map[string]any{"check": w.Check, "agent": w.AgentID, "tag": w.Tag, "reason": w.Reason, "expires_at": w.Expires}})
	})
	if err != nil {
		return nil, err
	}
	return made, s.settle(ctx, scope.Tenant)
}

// EndWaiver ends a waiver of the scope's tenant before it expires; the findings that it accepted open again.
func (s *Service) EndWaiver(ctx context.Context, scope access.Scope, id uuid.UUID) (w *Waiver, err error) {
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if w, err = findWaiver(ctx, tx, id); err != nil {
			return err
		}
		if !w.Ended.IsZero() {
			return fault.New(fault.Conflict, "the waiver has ended already")
		}
		if err := endWaivers(ctx, tx, []uuid.UUID{id}, scope.Actor.Name); err != nil {
			return err
		}
		if w, err = findWaiver(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "compliance.end-waiver", Object: "waiver:" + id.String()})
	})
	if err != nil {
		return nil, err
	}
	return w, s.settle(ctx, scope.Tenant)
}

// Waivers gives those that the scope sees, the youngest first, those before an id; all but the ended ones where open.
func (s *Service) Waivers(ctx context.Context, scope access.Scope, open bool, before uuid.UUID, limit int) (found []*Waiver, err error) {
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		found, err = listWaivers(ctx, tx, open, before, limit)
		return err
	})
	return found, err
}

// settle brings the findings of a tenant and of those below in line with the waivers that hold.
func (s *Service) settle(ctx context.Context, tenant int32) error {
	s.held.forget()
	below, err := s.db.Subtree(ctx, tenant)
	if err != nil {
		return fmt.Errorf("list tenants below %d: %w", tenant, err)
	}
	for _, t := range below {
		if err := s.settleOne(ctx, t); err != nil {
			return fmt.Errorf("settle waivers of tenant %d: %w", t, err)
		}
	}
	return nil
}

func (s *Service) settleOne(ctx context.Context, tenant int32) error {
	held, err := s.settings(ctx, tenant)
	if err != nil {
		return err
	}
	checks := make([]string, len(held.waivers))
	for i, w := range held.waivers {
		checks[i] = w.check
	}
	return s.db.InScope(ctx, access.System(tenant, "compliance"), func(ctx context.Context, tx *postgres.Tx) error {
		failing, err := listFailing(ctx, tx, checks)
		if err != nil {
			return err
		}
		for _, f := range failing {
			waiver := held.waived(f.check, f.agent, f.tags, tx.Now)
			switch {
			case waiver != nil && f.state != findings.Waived:
				err = s.findings.Waive(ctx, tx, f.agent, findings.KindCheck, f.check, waiver.reason)
			case waiver == nil && f.state == findings.Waived:
				err = s.findings.Unwaive(ctx, tx, f.agent, findings.KindCheck, f.check, "the waiver has ended")
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// lapse ends waivers that have expired, and opens what they accepted.
func (s *Service) lapse(ctx context.Context) error {
	var tenants []int32
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT keeper.tenants_with_lapsed_waivers($1)`, time.Now()).Scan(&tenants)
	})
	if err != nil {
		return fmt.Errorf("list tenants with lapsed waivers: %w", err)
	}
	for _, tenant := range tenants {
		err := s.db.InScope(ctx, access.System(tenant, "compliance"), func(ctx context.Context, tx *postgres.Tx) error {
			lapsed, err := listLapsed(ctx, tx)
			if err != nil {
				return err
			}
			return endWaivers(ctx, tx, lapsed, "expired")
		})
		if err == nil {
			err = s.settle(ctx, tenant)
		}
		if err != nil {
			return fmt.Errorf("end lapsed waivers of tenant %d: %w", tenant, err)
		}
	}
	return nil
}
