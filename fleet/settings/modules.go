package settings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

const (
	tablePrefix    = "module:"
	categoryPrefix = "category:"

	intervalLeast = time.Minute
	intervalMost  = 7 * 24 * time.Hour
)

// Module is a table as it runs for a tenant.
type Module struct {
	Name         string        `json:"name"`
	Doc          string        `json:"doc"`
	Category     string        `json:"category"`
	CategoryID   string        `json:"category_id" doc:"Names the category in addresses."`
	Platforms    []string      `json:"platforms"`
	Cost         string        `json:"cost"`
	Class        string        `json:"class" doc:"Highest privacy class among its columns."`
	Collectable  bool          `json:"collectable" doc:"Its rows can be collected as a whole."`
	State        modules.State `json:"state" enum:"collected,live,off"`
	DefaultState modules.State `json:"default_state" enum:"collected,live,off"`
	Seconds      int           `json:"interval_seconds" doc:"Between collections; 0 where it is not collectable."`
	From         string        `json:"from" doc:"Name of the tenant that says so; empty: nobody, it is the default."`
	FromID       *uuid.UUID    `json:"from_id"`
	ByCategory   bool          `json:"by_category" doc:"It is said of the whole category."`
	Own          bool          `json:"own"`
	Locked       bool          `json:"locked"`
	LockedHere   bool          `json:"locked_here"`
}

// ModuleValue is what a tenant says of a table or a category.
type ModuleValue struct {
	State   modules.State `json:"state"`
	Seconds int           `json:"interval_seconds,omitempty"`
}

// CategoryID names a category in addresses: "system-inventory".
func CategoryID(c tables.Category) string {
	words := strings.FieldsFunc(strings.ToLower(string(c)), func(r rune) bool { return r < 'a' || r > 'z' })
	return strings.Join(words, "-")
}

// judge finds what holds for one table: at each tenant from the root down what it says of the category, then of the table
// itself; nothing after a tenant that has locked either.
func judge(path []said, tenant int32, table *tables.Table) (value ModuleValue, from said, byCategory, locked bool) {
	keys := [2]string{categoryPrefix + CategoryID(table.Category), tablePrefix + table.Name}
	for i := 0; i < len(path); {
		end := i
		for end < len(path) && path[end].tenant == path[i].tenant {
			end++
		}
		closed := false
		for k, key := range keys {
			for _, s := range path[i:end] {
				if s.key != key {
					continue
				}
				value, from, byCategory = asModule(s.value), s, k == 0
				closed = closed || s.locked
			}
		}
		if closed {
			return value, from, byCategory, true
		}
		i = end
	}
	return value, from, byCategory, false
}

func asModule(value any) ModuleValue {
	fields, _ := value.(map[string]any)
	state, _ := fields["state"].(string)
	seconds, _ := fields["interval_seconds"].(float64)
	return ModuleValue{State: modules.State(state), Seconds: int(seconds)}
}

// ModulesOf gives every table as it runs for the scope's tenant, by category and name.
func (s *Service) ModulesOf(ctx context.Context, scope access.Scope) ([]Module, error) {
	path, err := s.load(ctx, scope.Tenant)
	if err != nil {
		return nil, err
	}
	var list []Module
	for _, category := range tables.Categories {
		for _, table := range all.Tables() {
			if table.Category == category {
				list = append(list, describe(path, scope.Tenant, table))
			}
		}
	}
	return list, nil
}

func describe(path []said, tenant int32, table *tables.Table) Module {
	value, from, byCategory, locked := judge(path, tenant, table)
	m := Module{
		Name: table.Name, Doc: table.Doc, Category: string(table.Category), CategoryID: CategoryID(table.Category), Platforms: table.Platforms.Names(),
		Cost: table.Cost.String(), Class: highest(table).String(), DefaultState: modules.Live, State: value.State,
	}
	if module, err := modules.Find(table.Name); err == nil {
		m.Collectable = true
		if module.Default {
			m.DefaultState = modules.Collected
		}
		m.Seconds = int(module.Interval / time.Second)
	}
	if m.State == "" {
		m.State = m.DefaultState
	}
	if value.Seconds > 0 && m.Collectable {
		m.Seconds = value.Seconds
	}
	if from.key != "" {
		here := from.tenant == tenant
		m.From, m.FromID, m.ByCategory, m.Own = from.name, &from.public, byCategory, here
		m.Locked, m.LockedHere = locked && !here, locked && here
	}
	return m
}

func highest(table *tables.Table) tables.Class {
	class := tables.ClassInventory
	for _, c := range table.Columns() {
		class = max(class, c.Class)
	}
	return class
}

// PutModule says at the scope's tenant how a table runs.
func (s *Service) PutModule(ctx context.Context, scope access.Scope, name string, value ModuleValue, locked bool) (Module, error) {
	table := all.Find(name)
	if table == nil {
		return Module{}, fault.Field(fault.NotFound, "path.name", "there is no such table")
	}
	module, err := modules.Find(table.Name)
	if value.State == modules.Collected && err != nil {
		return Module{}, fault.Field(fault.Invalid, "body.state", "%v", err)
	}
	if value.Seconds != 0 && (err != nil || outside(value.Seconds)) {
		return Module{}, fault.Field(fault.Invalid, "body.interval_seconds", "must be %d to %d, for tables that are collected", int(intervalLeast.Seconds()), int(intervalMost.Seconds()))
	}
	if value.State == "" {
		value.State = modules.Live
		if err == nil && module.Default {
			value.State = modules.Collected
		}
	}
	path, err := s.load(ctx, scope.Tenant)
	if err != nil {
		return Module{}, err
	}
	if now := describe(path, scope.Tenant, table); now.Locked {
		return Module{}, fault.New(fault.Conflict, "%s has locked this: ask there", now.From)
	}
	if err := s.put(ctx, scope, tablePrefix+table.Name, value, locked); err != nil {
		return Module{}, err
	}
	return s.module(ctx, scope, table)
}

func outside(seconds int) bool {
	every := time.Duration(seconds) * time.Second
	return every < intervalLeast || every > intervalMost
}

func (s *Service) module(ctx context.Context, scope access.Scope, table *tables.Table) (Module, error) {
	path, err := s.load(ctx, scope.Tenant)
	return describe(path, scope.Tenant, table), err
}

// ResetModule takes back what the scope's tenant says of a table.
func (s *Service) ResetModule(ctx context.Context, scope access.Scope, name string) error {
	table := all.Find(name)
	if table == nil {
		return fault.Field(fault.NotFound, "path.name", "there is no such table")
	}
	return s.Reset(ctx, scope, tablePrefix+table.Name, nil)
}

// PutCategory says at the scope's tenant whether the tables of a category run at all. Single tables may say otherwise.
func (s *Service) PutCategory(ctx context.Context, scope access.Scope, id string, state modules.State, locked bool) error {
	if !slices.ContainsFunc(tables.Categories, func(c tables.Category) bool { return CategoryID(c) == id }) {
		return fault.Field(fault.NotFound, "path.id", "there is no such category")
	}
	if state == "" {
		return s.Reset(ctx, scope, categoryPrefix+id, nil)
	}
	if state == modules.Collected {
		return fault.Field(fault.Invalid, "body.state", "must be live or off: what is collected is said table by table")
	}
	return s.put(ctx, scope, categoryPrefix+id, ModuleValue{State: state}, locked)
}

// Modules gives what holds for a tenant's agents; scans.Settings takes it. A tenant that is suspended or archived gives
// its agents nothing to do.
func (s *Service) Modules(ctx context.Context, tenant int32) (modules.Settings, error) {
	path, err := s.load(ctx, tenant)
	if err != nil {
		return modules.Settings{}, err
	}
	var standing string
	err = s.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT keeper.standing_of($1)`, tenant).Scan(&standing)
	})
	if err != nil {
		return modules.Settings{}, fmt.Errorf("read status of tenant %d: %w", tenant, err)
	}
	out := modules.Settings{Of: map[string]modules.Setting{}, Paused: standing != "active"}
	class, _ := effective(path, tenant)[AllowedClass].Value.(string)
	if out.Allowed, err = tables.ParseClass(class); err != nil {
		out.Allowed = modules.Standard().Allowed
	}
	for _, table := range all.Tables() {
		if value, from, _, _ := judge(path, tenant, table); from.key != "" {
			out.Of[table.Name] = modules.Setting{State: value.State, Interval: time.Duration(value.Seconds) * time.Second}
		}
	}
	return out, nil
}
