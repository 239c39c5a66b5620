package compliance

import (
	"context"
	"fmt"
	"slices"
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

// WaiverState is where a waiver stands.
type WaiverState string

// The states.
const (
	WaiverRequested WaiverState = "requested" // nobody has approved it: it accepts nothing
	WaiverHolds     WaiverState = "holds"
	WaiverRefused   WaiverState = "refused" // or not approved before it would have expired
	WaiverEnded     WaiverState = "ended"   // it has expired, or a person ended it
)

// Waiver accepts the failure of a check for a while, on agents of its tenant and of the tenants below, once somebody else
// than those who asked for it has approved it. What is waived still fails: scores are shown with and without it.
type Waiver struct {
	ID        uuid.UUID
	TenantID  uuid.UUID
	Tenant    string // name
	Check     string
	AgentID   uuid.UUID // zero: not one agent alone
	Hostname  string
	Tag       string // of the agents; "": whatever tags
	Reason    string
	Requester string // name
	Approver  string // name; "" while nobody has approved it
	Created   time.Time
	Approved  time.Time // zero while nobody has approved it
	Expires   time.Time
	Ended     time.Time // zero while it may hold
	EndedBy   string
	EndReason string

	requesters []uuid.UUID // the people who asked: who acted, and whom they acted for
}

// State tells where the waiver stands at a time.
func (w *Waiver) State(at time.Time) WaiverState {
	over := !w.Ended.IsZero() || !at.Before(w.Expires)
	switch {
	case w.Approved.IsZero() && over:
		return WaiverRefused
	case w.Approved.IsZero():
		return WaiverRequested
	case over:
		return WaiverEnded
	default:
		return WaiverHolds
	}
}

// people are those behind an actor: one who acts for another is both.
func people(a access.Actor) []uuid.UUID {
	var ids []uuid.UUID
	for _, id := range []uuid.UUID{a.ID, a.OnBehalf} {
		if id != uuid.Nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// RequestWaiver asks for a waiver in the scope's tenant.
func (s *Service) RequestWaiver(ctx context.Context, scope access.Scope, w Waiver) (made *Waiver, err error) {
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
		return audit.Record(ctx, tx, audit.Entry{Action: "compliance.request-waiver", Object: "waiver:" + id.String(),
			Detail: map[string]any{"check": w.Check, "agent": w.AgentID, "tag": w.Tag, "reason": w.Reason, "expires_at": w.Expires}})
	})
	return made, err
}

// ApproveWaiver has a requested waiver of the scope's tenant hold, and brings the findings that it accepts to the state
// waived. The actor is a person who did not ask for it, neither directly nor through a token or somebody who acted for
// them.
func (s *Service) ApproveWaiver(ctx context.Context, scope access.Scope, id uuid.UUID) (*Waiver, error) {
	return s.decide(ctx, scope, id, "compliance.approve-waiver", func(ctx context.Context, tx *postgres.Tx, w *Waiver) error {
		if state := w.State(tx.Now); state != WaiverRequested {
			return fault.New(fault.Conflict, "only a requested waiver can be approved; this one is in the state %q", state)
		}
		for _, p := range people(scope.Actor) {
			if slices.Contains(w.requesters, p) {
				return fault.New(fault.Forbidden, "who asked for a waiver does not approve it; have another person with the permission compliance.manage do it")
			}
		}
		return approveWaiver(ctx, tx, id)
	})
}

// EndWaiver refuses a requested waiver of the scope's tenant, or ends one that holds before it expires: the findings that
// it accepted open again.
func (s *Service) EndWaiver(ctx context.Context, scope access.Scope, id uuid.UUID, reason string) (*Waiver, error) {
	return s.decide(ctx, scope, id, "compliance.end-waiver", func(ctx context.Context, tx *postgres.Tx, w *Waiver) error {
		if !w.Ended.IsZero() {
			return fault.New(fault.Conflict, "the waiver has ended already")
		}
		return endWaivers(ctx, tx, []uuid.UUID{id}, scope.Actor.Name, reason)
	})
}

// decide changes a waiver of the scope's tenant and has the findings follow.
func (s *Service) decide(ctx context.Context, scope access.Scope, id uuid.UUID, action string, change func(context.Context, *postgres.Tx, *Waiver) error) (w *Waiver, err error) {
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		// Locked, so that what two people decide at the same time is decided once.
		if _, err := tx.Exec(ctx, `SELECT FROM waivers WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, tx.Scope.Tenant, id); err != nil {
			return fmt.Errorf("lock waiver: %w", err)
		}
		if w, err = findWaiver(ctx, tx, id); err != nil {
			return err
		}
		if err := change(ctx, tx, w); err != nil {
			return err
		}
		if w, err = findWaiver(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "waiver:" + id.String(), Detail: map[string]any{"check": w.Check, "reason": w.EndReason}})
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
				err = s.findings.Waive(ctx, tx, f.agent, findings.KindCheck, f.check, waiver.words())
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
			return endWaivers(ctx, tx, lapsed, "expired", "")
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
