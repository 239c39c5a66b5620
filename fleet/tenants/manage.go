package tenants

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// The statuses of a tenant. A suspended one serves nobody of its own and gets no new work; an archived one can moreover
// only be read, by those above. Both hold for all tenants below.
const (
	Active    = "active"
	Suspended = "suspended"
	Archived  = "archived"
)

// plansMost is how many tenants get a plan in one call.
const plansMost = 500

// Get gives a tenant where the caller has a part.
func (s *Service) Get(ctx context.Context, scope access.Scope, id uuid.UUID) (Tenant, error) {
	there, err := s.resolver.ScopeAt(ctx, scope, id)
	if err != nil {
		return Tenant{}, err
	}
	if !there.Can(access.TenantsRead) {
		return Tenant{}, lacks(there, access.TenantsRead)
	}
	return s.Find(ctx, there)
}

func lacks(scope access.Scope, p access.Permission) error {
	return fault.New(fault.Forbidden, "your role %s lacks the permission %s there", scope.Role, p)
}

// above gives the caller's scopes at a tenant and at its parent, where they must manage tenants: what a tenant is and
// costs is decided above it.
func (s *Service) above(ctx context.Context, scope access.Scope, id uuid.UUID) (there, parent access.Scope, err error) {
	if there, err = s.resolver.ScopeAt(ctx, scope, id); err != nil {
		return access.Scope{}, access.Scope{}, err
	}
	var parentID *uuid.UUID
	err = s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT keeper.parent_of($1)`, id).Scan(&parentID)
	})
	if err != nil {
		return access.Scope{}, access.Scope{}, fmt.Errorf("find parent: %w", err)
	}
	if parentID == nil {
		return access.Scope{}, access.Scope{}, fault.New(fault.Conflict, "this is the installation itself: it stays as it is")
	}
	parent, err = s.resolver.ScopeAt(ctx, scope, *parentID)
	if fault.CodeOf(err) == fault.NotFound || err == nil && !parent.Can(access.TenantsManage) {
		return access.Scope{}, access.Scope{}, fault.New(fault.Forbidden, "this is decided above the tenant, where you lack the permission %s", access.TenantsManage)
	}
	return there, parent, err
}

// Edit is a change of a tenant; "" leaves a field as it is.
type Edit struct {
	Name  string
	Slug  string
	Plan  access.Tier
	Check func(modified time.Time) error // refuses the edit of a version that is not the present one
}

// Change renames a tenant, or gives it another slug or plan. A plan is decided above the tenant.
func (s *Service) Change(ctx context.Context, scope access.Scope, id uuid.UUID, edit Edit) (Tenant, error) {
	there, err := s.resolver.ScopeAt(ctx, scope, id)
	if err != nil {
		return Tenant{}, err
	}
	if !there.Can(access.TenantsManage) {
		return Tenant{}, lacks(there, access.TenantsManage)
	}
	if edit.Plan != "" {
		if there, _, err = s.above(ctx, scope, id); err != nil {
			return Tenant{}, err
		}
	}
	return s.edit(ctx, there, "tenants.change", edit.Check, func(t *Tenant) error {
		if edit.Name != "" {
			t.Name = edit.Name
		}
		if edit.Slug != "" {
			t.Slug = edit.Slug
		}
		if edit.Plan != "" {
			t.Plan = edit.Plan
		}
		wanted := New{Name: t.Name, Slug: t.Slug, Plan: t.Plan}
		if err := wanted.validate(); err != nil {
			return err
		}
		t.Name, t.Slug = wanted.Name, wanted.Slug
		return nil
	}, nil)
}

// SetStatus suspends, archives or restores a tenant. It is decided above the tenant. Who archives writes the tenant's slug
// as well, so that it is not the wrong one.
func (s *Service) SetStatus(ctx context.Context, scope access.Scope, id uuid.UUID, status, confirm, reason string) (Tenant, error) {
	reason = strings.TrimSpace(reason)
	if utf8.RuneCountInString(reason) > 500 || strings.ContainsRune(reason, 0) {
		return Tenant{}, fault.Field(fault.Invalid, "body.reason", "must have at most 500 characters")
	}
	there, _, err := s.above(ctx, scope, id)
	if err != nil {
		return Tenant{}, err
	}
	action := map[string]string{Active: "tenants.resume", Suspended: "tenants.suspend", Archived: "tenants.archive"}[status]
	return s.edit(ctx, there, action, nil, func(t *Tenant) error {
		if status == Archived && confirm != t.Slug {
			return fault.Field(fault.Invalid, "body.confirm", "must be the tenant's slug, %s", t.Slug)
		}
		t.Status = status
		return nil
	}, map[string]any{"reason": reason})
}

// edit changes the tenant that the scope acts in, and tells the audit log what was before and after.
func (s *Service) edit(ctx context.Context, there access.Scope, action string, check func(time.Time) error, change func(*Tenant) error, more map[string]any) (Tenant, error) {
	var after Tenant
	err := s.db.InScope(ctx, there.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		before, err := lockTenant(ctx, tx)
		if err != nil {
			return err
		}
		if check != nil {
			if err := check(before.LastModifiedAt); err != nil {
				return err
			}
		}
		after = before
		if err := change(&after); err != nil {
			return err
		}
		changes := audit.Changes(before.facts(), after.facts())
		if len(changes) == 0 {
			return nil
		}
		if err := storeTenant(ctx, tx, after); err != nil {
			return err
		}
		after.LastModifiedAt = tx.Now
		tx.AfterCommit(func() { s.announce(ctx, there.Tenant) })
		detail := map[string]any{"changes": changes}
		for key, value := range more {
			detail[key] = value
		}
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "tenant:" + after.ID.String(), Detail: detail})
	})
	return after, err
}

func (t Tenant) facts() map[string]any {
	return map[string]any{"name": t.Name, "slug": t.Slug, "plan": t.Plan, "status": t.Status}
}

// announce tells whoever waits for it that something about a tenant has changed.
func (s *Service) announce(ctx context.Context, tenant int32) {
	if s.changed != nil {
		s.changed(ctx, tenant)
	}
}

// Move hangs a tenant, with all below it, below another parent. The caller must manage tenants at both ends.
func (s *Service) Move(ctx context.Context, scope access.Scope, id, parentID uuid.UUID) (Tenant, error) {
	there, from, err := s.above(ctx, scope, id)
	if err != nil {
		return Tenant{}, err
	}
	to, err := s.resolver.ScopeAt(ctx, scope, parentID)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		return Tenant{}, fault.Field(fault.NotFound, "body.parent_id", "there is no such tenant, or you have no part in it")
	case err != nil:
		return Tenant{}, err
	case !to.Can(access.TenantsManage):
		return Tenant{}, lacks(to, access.TenantsManage)
	case !to.Tier.Has(access.MultiTenant):
		return Tenant{}, fault.New(fault.TierRequired, "the plan %s does not have %s; %s has it", to.Tier, access.MultiTenant, access.MultiTenant.Tier())
	}
	// The change is the old parent's: there its entry is, and its scope alone may write.
	wide := from
	wide.Visible = []int32{from.Tenant, there.Tenant}
	if to.Tenant != from.Tenant {
		wide.Visible = append(wide.Visible, to.Tenant)
	}
	err = s.db.InScope(ctx, wide, func(ctx context.Context, tx *postgres.Tx) error {
		if err := moveTenant(ctx, tx, there.Tenant, to.Tenant); err != nil {
			return err
		}
		tx.AfterCommit(func() { s.announce(ctx, there.Tenant) })
		return audit.Record(ctx, tx, audit.Entry{Action: "tenants.move", Object: "tenant:" + id.String(),
			Detail: map[string]any{"parent": audit.Change{Before: from.TenantID, After: to.TenantID}}})
	})
	if err != nil {
		return Tenant{}, err
	}
	return s.Find(ctx, there)
}

// SetPlans gives several tenants a plan: all of them or, when one of the ids is not the caller's to change, none.
func (s *Service) SetPlans(ctx context.Context, scope access.Scope, ids []uuid.UUID, plan access.Tier) (changed int, err error) {
	if !plan.Valid() {
		return 0, fault.Field(fault.Invalid, "body.plan", "must be free, basic, pro or enterprise")
	}
	if len(ids) == 0 || len(ids) > plansMost {
		return 0, fault.Field(fault.Invalid, "body.tenant_ids", "must name 1 to %d tenants", plansMost)
	}
	wide := scope
	wide.Visible = []int32{scope.Tenant}
	wanted := make([]int32, 0, len(ids))
	public := map[int32]uuid.UUID{}
	for i, id := range ids {
		there, _, err := s.above(ctx, scope, id)
		if fault.CodeOf(err) == "" && err != nil {
			return 0, err
		}
		if err != nil {
			return 0, fault.Wrap(fault.CodeOf(err), err, "tenant %d of the list, %s: %v; nothing was changed", i+1, id, err)
		}
		if public[there.Tenant] == uuid.Nil {
			wanted = append(wanted, there.Tenant)
		}
		public[there.Tenant] = id
	}
	for _, key := range wanted {
		if key != scope.Tenant {
			wide.Visible = append(wide.Visible, key)
		}
	}
	err = s.db.InScope(ctx, wide, func(ctx context.Context, tx *postgres.Tx) error {
		before, err := setPlans(ctx, tx, wanted, plan)
		if err != nil {
			return err
		}
		changed = 0
		plans := map[string]audit.Change{}
		for key, was := range before {
			if was != plan {
				changed++
				plans[public[key].String()] = audit.Change{Before: was, After: plan}
			}
		}
		tx.AfterCommit(func() {
			for _, key := range wanted {
				s.announce(ctx, key)
			}
		})
		return audit.Record(ctx, tx, audit.Entry{Action: "tenants.plan", Object: "", Detail: map[string]any{"plans": plans}})
	})
	return changed, err
}
