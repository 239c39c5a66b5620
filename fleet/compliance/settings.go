package compliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/frameworks"
)

const (
	settingsAge = 10 * time.Second // how long what a tenant says is taken for current without asking
	settingsMax = 10_000           // tenants kept
)

// settings are what a tenant and those above it say about compliance.
type settings struct {
	at         time.Time
	waivers    []heldWaiver
	params     map[string]map[string]any // by check; the nearest tenant's value of each name
	origin     map[string]uuid.UUID      // of params: the nearest tenant that says something
	frameworks map[string]ownFramework
}

// heldWaiver is an approved waiver that was open when it was read.
type heldWaiver struct {
	check, tag          string
	agent               int32 // 0: not one alone
	reason              string
	requester, approver string // names
	expires             time.Time
}

// words is what the history of a finding says of the waiver.
func (w *heldWaiver) words() string {
	return fmt.Sprintf("%s (asked for by %s, approved by %s, until %s)", w.reason, w.requester, w.approver, w.expires.UTC().Format(time.DateOnly))
}

// ownFramework is one of a tenant, or of one above it.
type ownFramework struct {
	*frameworks.Framework
	tenant   int32
	tenantID uuid.UUID
	document string
}

// waived gives the waiver that accepts a check's failure on an agent.
func (s *settings) waived(check string, agent int32, tags []string, now time.Time) *heldWaiver {
	for i := range s.waivers {
		w := &s.waivers[i]
		if w.check == check && (w.agent == 0 || w.agent == agent) && (w.tag == "" || slices.Contains(tags, w.tag)) && now.Before(w.expires) {
			return w
		}
	}
	return nil
}

// held keeps settings by tenant. Safe for concurrent use.
type held struct {
	mu       sync.Mutex
	byTenant map[int32]*settings
}

func (h *held) get(tenant int32, now time.Time) *settings {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.byTenant[tenant]; s != nil && now.Sub(s.at) < settingsAge {
		return s
	}
	return nil
}

func (h *held) put(tenant int32, s *settings) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byTenant == nil || len(h.byTenant) >= settingsMax {
		h.byTenant = map[int32]*settings{}
	}
	h.byTenant[tenant] = s
}

// forget has the settings of all tenants read anew: what one says may hold for many.
func (h *held) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.byTenant = nil
}

// settings gives what holds for a tenant, at most settingsAge old.
func (s *Service) settings(ctx context.Context, tenant int32) (*settings, error) {
	now := time.Now()
	if known := s.held.get(tenant, now); known != nil {
		return known, nil
	}
	read, err := s.loadSettings(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("read compliance settings of tenant %d: %w", tenant, err)
	}
	read.at = now
	s.held.put(tenant, read)
	return read, nil
}

const (
	sqlPath = `SELECT path FROM tenants WHERE id = $1`

	// Those of a tenant before those of its parent: the path of the nearest is the longest.
	sqlHeldWaivers = `
SELECT check_id, tag, coalesce(agent_id, 0), reason, requester_name, approver_name, expires_at FROM waivers
 WHERE tenant_id = ANY($1::int[]) AND approved_at IS NOT NULL AND ended_at IS NULL ORDER BY created_at, id`
	sqlHeldParams = `
SELECT p.check_id, p.params, t.public_id FROM check_params p JOIN tenants t ON t.id = p.tenant_id
 WHERE p.tenant_id = ANY($1::int[]) ORDER BY cardinality(t.path) DESC`
	sqlHeldFrameworks = `
SELECT f.framework_id, f.document, f.tenant_id, t.public_id FROM frameworks f JOIN tenants t ON t.id = f.tenant_id
 WHERE f.tenant_id = ANY($1::int[]) ORDER BY cardinality(t.path) DESC`
)

// loadSettings reads what the tenant and the tenants above it say. Those above are read for the system: what they pass
// down is the tenant's to see, the rest of them is not.
func (s *Service) loadSettings(ctx context.Context, tenant int32) (*settings, error) {
	var path []int32
	err := s.db.InScope(ctx, access.System(tenant, "compliance"), func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, sqlPath, tenant).Scan(&path)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "no such tenant")
	}
	if err != nil {
		return nil, err
	}
	slices.Reverse(path) // the tenant itself first: InTenants takes the first for its own
	var out *settings
	err = s.db.InTenants(ctx, path, access.Actor{Kind: access.KindSystem, Name: "compliance"}, func(ctx context.Context, tx *postgres.Tx) error {
		out = &settings{params: map[string]map[string]any{}, origin: map[string]uuid.UUID{}, frameworks: map[string]ownFramework{}}
		return out.read(ctx, tx, path)
	})
	return out, err
}

func (s *settings) read(ctx context.Context, tx *postgres.Tx, path []int32) error {
	var w heldWaiver
	held, err := tx.Query(ctx, sqlHeldWaivers, path)
	if err := each(held, err, []any{&w.check, &w.tag, &w.agent, &w.reason, &w.requester, &w.approver, &w.expires}, func() error {
		s.waivers = append(s.waivers, w)
		return nil
	}); err != nil {
		return fmt.Errorf("read waivers: %w", err)
	}
	var id, text string
	var public uuid.UUID
	held, err = tx.Query(ctx, sqlHeldParams, path)
	if err := each(held, err, []any{&id, &text, &public}, func() error {
		var params map[string]any
		if err := json.Unmarshal([]byte(text), &params); err != nil {
			return err
		}
		if nearer := s.params[id]; nearer != nil {
			maps.Copy(params, nearer)
		} else {
			s.origin[id] = public
		}
		s.params[id] = params
		return nil
	}); err != nil {
		return fmt.Errorf("read parameters: %w", err)
	}
	var owner int32
	held, err = tx.Query(ctx, sqlHeldFrameworks, path)
	if err := each(held, err, []any{&id, &text, &owner, &public}, func() error {
		if _, nearer := s.frameworks[id]; nearer {
			return nil
		}
		f, err := frameworks.ParseFramework(id+".yaml", []byte(text))
		if err != nil {
			return err
		}
		s.frameworks[id] = ownFramework{f, owner, public, text}
		return nil
	}); err != nil {
		return fmt.Errorf("read frameworks: %w", err)
	}
	return nil
}

// each scans every row of a query's answer into the targets and calls fn.
func each(rows pgx.Rows, err error, targets []any, fn func() error) error {
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, targets, fn)
	return err
}
