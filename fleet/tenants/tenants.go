// Package tenants keeps the tree of tenants: MSP, customers, sites. A person sees the part of it below the tenant that
// they act in.
package tenants

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Tenant is one node of the tree.
type Tenant struct {
	ID        uuid.UUID   `json:"id"`
	ParentID  *uuid.UUID  `json:"parent_id" doc:"Null where the caller's part of the tree begins."`
	Name      string      `json:"name"`
	Slug      string      `json:"slug" doc:"Names the tenant in addresses; unique in the installation."`
	Plan      access.Tier `json:"plan" enum:"free,basic,pro,enterprise"`
	Status    string      `json:"status" enum:"active,suspended,archived" doc:"Its own: one above may be suspended or archived and hold it too."`
	Depth     int         `json:"depth" doc:"Steps below the root of the installation."`
	Agents    int         `json:"agents" doc:"Enrolled agents of this tenant itself."`
	CreatedAt time.Time   `json:"created_at"`

	LastModifiedAt time.Time `json:"last_modified_at"`

	key int32
}

// New is what a tenant is made from.
type New struct {
	Parent uuid.UUID // zero: the tenant acted in
	Name   string
	Slug   string
	Plan   access.Tier
}

// AgentCounter tells how many agents tenants have; fleet/agents implements it.
type AgentCounter interface {
	CountAgents(ctx context.Context, tx *postgres.Tx, tenants []int32) (map[int32]int, error)
}

// Resolver gives a caller's scope at another tenant, fault.NotFound where they have no part; fleet/auth implements it.
type Resolver interface {
	ScopeAt(ctx context.Context, scope access.Scope, tenant uuid.UUID) (access.Scope, error)
}

// Service lists, makes and changes tenants.
type Service struct {
	db       *postgres.DB
	resolver Resolver
	agents   AgentCounter
	changed  func(ctx context.Context, tenant int32)
}

// NewService makes the service. A nil counter counts no agents.
func NewService(db *postgres.DB, resolver Resolver, agents AgentCounter) *Service {
	return &Service{db: db, resolver: resolver, agents: agents}
}

// OnChange has fn called after a tenant's plan, status or place has changed; for its whole subtree it is called once.
func (s *Service) OnChange(fn func(ctx context.Context, tenant int32)) { s.changed = fn }

var slugText = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// reserved slugs would read as something else in the console's addresses.
var reserved = map[string]bool{"api": true, "msp": true, "new": true, "all": true, "docs": true}

func (n *New) validate() error {
	n.Name = strings.TrimSpace(n.Name)
	n.Slug = strings.ToLower(strings.TrimSpace(n.Slug))
	switch {
	case n.Name == "" || utf8.RuneCountInString(n.Name) > 200 || strings.ContainsRune(n.Name, 0):
		return fault.Field(fault.Invalid, "body.name", "must have 1 to 200 characters")
	case !slugText.MatchString(n.Slug):
		return fault.Field(fault.Invalid, "body.slug", "must have 1 to 63 letters a-z, digits and hyphens, with no hyphen at its ends")
	case reserved[n.Slug]:
		return fault.Field(fault.Invalid, "body.slug", "is reserved: choose another")
	case !n.Plan.Valid():
		return fault.Field(fault.Invalid, "body.plan", "must be free, basic, pro or enterprise")
	}
	if _, err := uuid.Parse(n.Slug); err == nil {
		return fault.Field(fault.Invalid, "body.slug", "must not look like an id")
	}
	return nil
}

// Filter narrows List; zero values do not filter, except that archived tenants are listed only when they are asked for.
type Filter struct {
	Status string
	Text   string // in name or slug
}

// List gives a page of the scope's visible tenants, parents before children, after the key of the page before.
func (s *Service) List(ctx context.Context, scope access.Scope, after Key, filter Filter, limit int) ([]Tenant, error) {
	var list []Tenant
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		if list, err = listTenants(ctx, tx, after, filter, limit); err != nil || s.agents == nil {
			return err
		}
		keys := make([]int32, len(list))
		for i := range list {
			keys[i] = list[i].key
		}
		counts, err := s.agents.CountAgents(ctx, tx, keys)
		if err != nil {
			return err
		}
		for i := range list {
			list[i].Agents = counts[list[i].key]
		}
		return nil
	})
	return list, err
}

// Find gives the tenant that the scope acts in.
func (s *Service) Find(ctx context.Context, scope access.Scope) (Tenant, error) {
	var found Tenant
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		found, err = findTenant(ctx, tx, tx.Scope.TenantID)
		return err
	})
	return found, err
}

// Create adds a tenant below the one acted in, or below another parent, where the caller's rights are judged anew. The
// entry in the audit log is the parent's.
func (s *Service) Create(ctx context.Context, scope access.Scope, wanted New) (Tenant, error) {
	if err := wanted.validate(); err != nil {
		return Tenant{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Tenant{}, err
	}
	if wanted.Parent != uuid.Nil && wanted.Parent != scope.TenantID {
		if scope, err = s.resolver.ScopeAt(ctx, scope, wanted.Parent); err != nil {
			return Tenant{}, err
		}
	}
	switch {
	case !scope.Can(access.TenantsManage):
		return Tenant{}, fault.New(fault.Forbidden, "your role %s lacks the permission %s there", scope.Role, access.TenantsManage)
	case !scope.Tier.Has(access.MultiTenant):
		return Tenant{}, fault.New(fault.TierRequired, "the plan %s does not have %s; %s has it", scope.Tier, access.MultiTenant, access.MultiTenant.Tier())
	}
	var made Tenant
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		parent, err := findTenant(ctx, tx, tx.Scope.TenantID)
		if err != nil {
			return err
		}
		if err := createTenant(ctx, tx, parent.key, id, wanted); err != nil {
			return err
		}
		made = Tenant{
			ID: id, ParentID: &parent.ID, Name: wanted.Name, Slug: wanted.Slug, Plan: wanted.Plan, Status: "active",
			Depth: parent.Depth + 1, CreatedAt: tx.Now, LastModifiedAt: tx.Now,
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "tenants.create", Object: "tenant:" + id.String(),
			Detail: map[string]string{"name": wanted.Name, "slug": wanted.Slug, "plan": string(wanted.Plan)},
		})
	})
	if err != nil {
		return Tenant{}, err
	}
	return made, nil
}
