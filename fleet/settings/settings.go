// Package settings keeps what tenants say about themselves: retention, branding, privacy, access from above, and which
// modules run. There is one mechanism: what a tenant says holds for all below it that do not say otherwise, and for all
// below it where it is locked. Whoever asks for a value learns where it comes from.
package settings

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Value is what holds for a tenant.
type Value struct {
	Key        string     `json:"key"`
	Doc        string     `json:"doc,omitempty"`
	Value      any        `json:"value"`
	Default    any        `json:"default,omitempty"`
	From       string     `json:"from" doc:"Name of the tenant that says so; empty: nobody, it is the default."`
	FromID     *uuid.UUID `json:"from_id"`
	Own        bool       `json:"own" doc:"The tenant itself says so."`
	Locked     bool       `json:"locked" doc:"A tenant above has locked it: it cannot be changed here."`
	LockedHere bool       `json:"locked_here" doc:"The tenant itself has locked it for those below."`
}

// said is one row: what a tenant on the path says.
type said struct {
	key    string
	value  any
	locked bool
	tenant int32
	public uuid.UUID
	name   string
}

// Config is what a Service needs of its surroundings.
type Config struct {
	DB *postgres.DB
	// Home gives the tenant that a caller belongs to; fleet/auth implements it.
	Home func(ctx context.Context, scope access.Scope) (int32, error)
	// Changed is told of a tenant whose settings have changed, for its whole subtree; nil: nobody waits.
	Changed func(ctx context.Context, tenant int32)
}

// Service reads and changes settings. Safe for concurrent use.
type Service struct{ Config }

// New makes a Service.
func New(config Config) *Service { return &Service{config} }

// effective reduces what the tenants on a path say, from the root down, to what holds at its end: the nearest counts, but
// nothing below a lock.
func effective(path []said, tenant int32) map[string]Value {
	values := map[string]Value{}
	for _, s := range path {
		before := values[s.key]
		if before.Locked {
			continue
		}
		id := s.public
		here := s.tenant == tenant
		values[s.key] = Value{Key: s.key, Value: s.value, From: s.name, FromID: &id, Own: here, Locked: s.locked && !here, LockedHere: s.locked && here}
	}
	return values
}

// All gives every setting of the scope's tenant, in the catalogue's order.
func (s *Service) All(ctx context.Context, scope access.Scope) ([]Value, error) {
	values, err := s.of(ctx, scope.Tenant)
	if err != nil {
		return nil, err
	}
	list := make([]Value, len(definitions))
	for i, d := range definitions {
		list[i] = withDefault(d, values)
	}
	return list, nil
}

func withDefault(d Definition, values map[string]Value) Value {
	v, found := values[d.Key]
	if !found {
		v = Value{Key: d.Key, Value: d.Default}
	}
	v.Doc, v.Default = d.Doc, d.Default
	return v
}

func (s *Service) of(ctx context.Context, tenant int32) (map[string]Value, error) {
	path, err := s.load(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return effective(path, tenant), nil
}

// Get gives one setting as it holds for a tenant.
func (s *Service) Get(ctx context.Context, tenant int32, key string) (Value, error) {
	d, known := find(key)
	if !known {
		return Value{}, fmt.Errorf("there is no setting %q", key)
	}
	values, err := s.of(ctx, tenant)
	if err != nil {
		return Value{}, err
	}
	return withDefault(d, values), nil
}

// Days gives a setting in days as a duration.
func (s *Service) Days(ctx context.Context, tenant int32, key string) (time.Duration, error) {
	v, err := s.Get(ctx, tenant, key)
	days, _ := v.Value.(float64)
	return time.Duration(days) * 24 * time.Hour, err
}

// Text gives a setting that is a text.
func (s *Service) Text(ctx context.Context, tenant int32, key string) (string, error) {
	v, err := s.Get(ctx, tenant, key)
	text, _ := v.Value.(string)
	return text, err
}

// SupportAllowed tells whether those above may act in a tenant with a grant.
func (s *Service) SupportAllowed(ctx context.Context, tenant int32) (bool, error) {
	v, err := s.Get(ctx, tenant, SupportAccess)
	allowed, _ := v.Value.(bool)
	return allowed, err
}

// Put says something at the scope's tenant; locked keeps those below from saying otherwise. fresh is asked where the
// setting wants the caller to have shown who they are.
func (s *Service) Put(ctx context.Context, scope access.Scope, key string, value any, locked bool, fresh func() error) (Value, error) {
	d, known := find(key)
	if !known {
		return Value{}, fault.Field(fault.NotFound, "path.key", "there is no such setting")
	}
	if err := s.mayChange(ctx, scope, d, fresh); err != nil {
		return Value{}, err
	}
	if err := d.check(value); err != nil {
		return Value{}, fault.Field(fault.Invalid, "body.value", "%v", err)
	}
	if locked && d.Own {
		return Value{}, fault.Field(fault.Invalid, "body.locked", "every tenant decides this itself: it cannot be locked")
	}
	if err := s.put(ctx, scope, key, value, locked); err != nil {
		return Value{}, err
	}
	return s.Get(ctx, scope.Tenant, key)
}

func (s *Service) mayChange(ctx context.Context, scope access.Scope, d Definition, fresh func() error) error {
	if d.Feature != "" && !scope.Tier.Has(d.Feature) {
		return fault.New(fault.TierRequired, "the plan %s does not have %s; %s has it", scope.Tier, d.Feature, d.Feature.Tier())
	}
	if d.Own {
		home, err := s.Home(ctx, scope)
		if err != nil {
			return err
		}
		if home != scope.Tenant || scope.Actor.Grant != uuid.Nil {
			return fault.New(fault.Forbidden, "only people of the tenant itself decide this")
		}
	}
	if d.Careful {
		return fresh()
	}
	return nil
}

// put stores what the scope's tenant says, unless a tenant above has locked it.
func (s *Service) put(ctx context.Context, scope access.Scope, key string, value any, locked bool) error {
	before, err := s.unlocked(ctx, scope.Tenant, key)
	if err != nil {
		return err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode setting %s: %w", key, err)
	}
	return s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if err := store(ctx, tx, key, string(text), locked); err != nil {
			return err
		}
		changes := audit.Changes(facts(before.Value, before.LockedHere), facts(value, locked))
		tx.AfterCommit(func() { s.changed(ctx, scope.Tenant) })
		return audit.Record(ctx, tx, audit.Entry{Action: "settings.put", Object: "setting:" + key, Detail: changes})
	})
}

// facts of a setting for the audit log; a logo is told by its size.
func facts(value any, locked bool) map[string]any {
	if text, ok := value.(string); ok && len(text) > 500 {
		value = fmt.Sprintf("%d bytes", len(text))
	}
	return map[string]any{"value": value, "locked": locked}
}

// unlocked gives what holds at a tenant now, and refuses where a tenant above has locked it.
func (s *Service) unlocked(ctx context.Context, tenant int32, key string) (Value, error) {
	values, err := s.of(ctx, tenant)
	if err != nil {
		return Value{}, err
	}
	before := values[key]
	if before.Locked {
		return Value{}, fault.New(fault.Conflict, "%s has locked this: ask there", before.From)
	}
	return before, nil
}

// Reset takes back what the scope's tenant says: what is inherited holds again.
func (s *Service) Reset(ctx context.Context, scope access.Scope, key string, fresh func() error) error {
	if d, known := find(key); known {
		if err := s.mayChange(ctx, scope, d, fresh); err != nil {
			return err
		}
	}
	before, err := s.unlocked(ctx, scope.Tenant, key)
	if err != nil {
		return err
	}
	if !before.Own {
		return fault.New(fault.NotFound, "this tenant says nothing about it")
	}
	return s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if err := forget(ctx, tx, key); err != nil {
			return err
		}
		tx.AfterCommit(func() { s.changed(ctx, scope.Tenant) })
		return audit.Record(ctx, tx, audit.Entry{Action: "settings.reset", Object: "setting:" + key, Detail: audit.Changes(facts(before.Value, before.LockedHere), nil)})
	})
}

func (s *Service) changed(ctx context.Context, tenant int32) {
	if s.Changed != nil {
		s.Changed(ctx, tenant)
	}
}

// sortSaid orders what a path's tenants say from the root down.
func sortSaid(list []said, path []int32) {
	sort.SliceStable(list, func(i, j int) bool {
		return slices.Index(path, list[i].tenant) < slices.Index(path, list[j].tenant)
	})
}
