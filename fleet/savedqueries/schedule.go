package savedqueries

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
)

// PackQuery is a saved query on its way into a pack.
type PackQuery struct {
	Pack      string
	Name      string // within the pack
	SQL       string
	About     string // a line for people
	Interval  time.Duration
	At, Zone  string   // by the clock instead, as packs.ScheduledQuery has it
	Platforms []string // none: the pack's
	Mode      string   // "": differential
}

// Packs adds queries to packs.
type Packs interface {
	// AddQuery puts a query into a pack of the scope's tenant, which is made where there is none, and gives the collection
	// that its rows will be. A query of the same name is replaced.
	AddQuery(ctx context.Context, scope access.Scope, q PackQuery) (collection string, err error)
}

// Rule says what an alert rule over a query's rows is to be.
type Rule struct {
	ID         string
	Title      string
	Collection string
	Severity   string
	Threshold  int // rows from which on it fires
}

// Rules makes alert rules.
type Rules interface {
	// AddRule stores an alert rule of the scope's tenant that fires on agents where the collection has enough rows.
	AddRule(ctx context.Context, scope access.Scope, r Rule) error
}

// Schedule makes a saved query part of a pack, which agents run by themselves from then on.
func (s *Service) Schedule(ctx context.Context, scope access.Scope, id uuid.UUID, p PackQuery) (collection string, err error) {
	q, err := s.Find(ctx, scope, id)
	if err != nil {
		return "", err
	}
	p.SQL, p.About = q.SQL, fmt.Sprintf("%s (of the saved query %q, version %d)", cmp.Or(q.Description, q.Name), q.Name, q.Version)
	return s.Packs.AddQuery(ctx, scope, p)
}

// Alert makes a saved query part of a pack and an alert rule over its rows.
func (s *Service) Alert(ctx context.Context, scope access.Scope, id uuid.UUID, p PackQuery, r Rule) (collection string, err error) {
	if collection, err = s.Schedule(ctx, scope, id, p); err != nil {
		return "", err
	}
	r.Collection = collection
	return collection, s.Rules.AddRule(ctx, scope, r)
}
