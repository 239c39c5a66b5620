package savedqueries

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/internal/textdiff"
)

// Config is what a Service needs of its surroundings.
type Config struct {
	DB *postgres.DB
	// Permit refuses a statement that does not compile, or that reads what the scope's role may not read.
	Permit func(scope access.Scope, sql string) error
	// Packs and Rules make a query part of what runs by itself.
	Packs Packs
	Rules Rules
	Log   *slog.Logger // nil: discarded
}

// Service keeps saved queries. Safe for concurrent use.
type Service struct{ Config }

// New makes a Service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{c}
}

// along runs fn in a transaction of the system that reads the scope's tenant and those above it: what those share is the
// tenant's to see.
func (s *Service) along(ctx context.Context, scope access.Scope, fn func(ctx context.Context, tx *postgres.Tx) error) error {
	actor := access.Actor{Kind: access.KindSystem, Name: "savedqueries"}
	var ids []int32
	err := s.DB.InScope(ctx, access.System(scope.Tenant, actor.Name), func(ctx context.Context, tx *postgres.Tx) (err error) {
		ids, err = path(ctx, tx, scope.Tenant)
		return err
	})
	if err != nil {
		return err
	}
	slices.Reverse(ids) // InTenants takes the first for its own
	return s.DB.InTenants(ctx, ids, actor, fn)
}

// Find gives a saved query that the scope's person sees, or fault.NotFound.
func (s *Service) Find(ctx context.Context, scope access.Scope, id uuid.UUID) (q Query, err error) {
	err = s.along(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		q, err = findQuery(ctx, tx, scope, id)
		return err
	})
	return q, err
}

// Statement gives the SQL of a saved query, for whoever runs it: that person's rights are asked there.
func (s *Service) Statement(ctx context.Context, scope access.Scope, id uuid.UUID) (string, error) {
	q, err := s.Find(ctx, scope, id)
	return q.SQL, err
}

func (s *Service) list(ctx context.Context, scope access.Scope, f filter) (found []Query, err error) {
	err = s.along(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = listQueries(ctx, tx, scope, f)
		return err
	})
	return found, err
}

// Create saves a query in the scope's tenant.
func (s *Service) Create(ctx context.Context, scope access.Scope, d Draft) (Query, error) {
	if err := s.check(scope, &d); err != nil {
		return Query{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Query{}, fmt.Errorf("make id: %w", err)
	}
	err = s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, sqlCount, tx.Scope.Tenant).Scan(&n); err != nil {
			return fmt.Errorf("count saved queries: %w", err)
		}
		if n >= savedMax {
			return fault.New(fault.Conflict, "a tenant has at most %d saved queries: delete some", savedMax)
		}
		if err := putQuery(ctx, tx, id, d); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "saved_queries.create", Object: object(id), Detail: facts(d)})
	})
	if err != nil {
		return Query{}, err
	}
	return s.Find(ctx, scope, id)
}

// Change saves a query anew. current refuses when the query is not as the caller has read it.
func (s *Service) Change(ctx context.Context, scope access.Scope, id uuid.UUID, d Draft, current func(Query) error) (Query, error) {
	if err := s.check(scope, &d); err != nil {
		return Query{}, err
	}
	err := s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		before, err := findOwn(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		if err := current(before); err != nil {
			return err
		}
		if d.Sharing == Mine && before.Owner != person(scope) {
			return fault.Field(fault.Forbidden, "body.sharing", "only its owner takes a query back from the others")
		}
		if err := putQuery(ctx, tx, id, d); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "saved_queries.update", Object: object(id),
			Detail: audit.Changes(facts(Draft{before.Name, before.Description, before.SQL, before.Sharing}), facts(d))})
	})
	if err != nil {
		return Query{}, err
	}
	return s.Find(ctx, scope, id)
}

// Delete deletes a saved query with its versions. Packs and rules that were made of it stay.
func (s *Service) Delete(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		before, err := findOwn(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		if err := deleteQuery(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "saved_queries.delete", Object: object(id), Detail: map[string]any{"name": before.Name}})
	})
}

// Versions gives the texts that a query has had, the youngest first.
func (s *Service) Versions(ctx context.Context, scope access.Scope, id uuid.UUID) (found []Version, err error) {
	err = s.along(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		q, err := findQuery(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		found, err = listVersions(ctx, tx, q, 0)
		return err
	})
	return found, err
}

// Diff tells how one version of a query became another. To 0 is the present one, from 0 that before to; before the first
// there was nothing.
func (s *Service) Diff(ctx context.Context, scope access.Scope, id uuid.UUID, from, to int) (lines []textdiff.Line, err error) {
	err = s.along(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		q, err := findQuery(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		if to == 0 {
			to = q.Version
		}
		if from == 0 {
			from = to - 1
		}
		before := []Version{{}}
		if from > 0 {
			if before, err = listVersions(ctx, tx, q, from); err != nil {
				return err
			}
		}
		after, err := listVersions(ctx, tx, q, to)
		if err != nil {
			return err
		}
		lines = textdiff.Lines(before[0].SQL, after[0].SQL)
		return nil
	})
	return lines, err
}

// check refuses what cannot be saved, and what whoever saves it may not read.
func (s *Service) check(scope access.Scope, d *Draft) error {
	if err := d.validate(); err != nil {
		return err
	}
	return s.Permit(scope, d.SQL)
}

// findOwn is findQuery for a change. Somebody else's is forbidden only to who sees it.
func findOwn(ctx context.Context, tx *postgres.Tx, scope access.Scope, id uuid.UUID) (Query, error) {
	q, err := findQuery(ctx, tx, scope, id)
	if err == nil && !q.mayChange(scope) {
		err = fault.New(fault.Forbidden, "the saved query is %s's: save your own under another name", q.OwnerName)
	}
	return q, err
}

func object(id uuid.UUID) string { return "saved_query:" + id.String() }

func facts(d Draft) map[string]any {
	return map[string]any{"name": d.Name, "description": d.Description, "sql": d.SQL, "sharing": string(d.Sharing)}
}
