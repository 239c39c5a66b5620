package auth

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

type reachKey struct {
	session   uuid.UUID
	grant     uuid.UUID
	tenant    string
	recursive bool
}

// reached is the part of a scope that depends on the tenant; tenant 0 when the caller has no part in it.
type reached struct {
	tenant  int32
	public  uuid.UUID
	role    access.Role
	without access.Rights
	tier    access.Tier
	rights  map[int32]access.Rights // in each visible tenant, of recursive calls
	visible []int32
	read    time.Time
}

func (r reached) scope(actor access.Actor) access.Scope {
	return access.Scope{Tenant: r.tenant, Visible: r.visible, TenantID: r.public, Role: r.role, Without: r.without, Tier: r.tier, Actor: actor}
}

var slugText = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// place is a tenant as keeper.reach gives it.
type place struct {
	tenant   int32
	public   uuid.UUID
	wanted   bool
	memberOf int32
	role     access.Role
	plan     access.Tier
	standing string
	outside  bool // the membership is of a tenant that is in service
	denied   []string
}

// without is what of the role does not hold at the place. Whoever belongs to a suspended tenant can do nothing there; for
// those above it serves no new work, and archived it can only be read and restored.
func (p place) without(st state) access.Rights {
	var taken access.Rights
	for _, name := range p.denied {
		taken |= access.RightsOf(access.Permission(name))
	}
	switch {
	case p.standing == "suspended":
		taken |= access.RightsOf(access.QueryRun, access.QueryPersonal, access.QueryContent, access.PacksManage, access.EnrollManage)
	case p.standing == "archived":
		taken |= access.All &^ access.Reading() &^ access.RightsOf(access.TenantsManage)
	}
	if st.token != nil {
		taken |= access.All &^ st.token.rights
	}
	return taken
}

// reach finds the tenant and what the caller may do there, or remembers what it found a moment ago.
func (s *Service) reach(ctx context.Context, st state, key reachKey) (reached, error) {
	r, found := s.reaches.Get(key)
	if !found || time.Since(r.read) >= stateAge {
		var err error
		if r, err = s.readFor(ctx, st, key); err != nil {
			return reached{}, err
		}
		s.reaches.Add(key, r)
	}
	if r.tenant == 0 {
		return reached{}, notFound()
	}
	return r, nil
}

func (s *Service) readFor(ctx context.Context, st state, key reachKey) (reached, error) {
	if key.grant == uuid.Nil {
		return s.readReach(ctx, st, key)
	}
	g, err := s.grant(ctx, key.grant)
	if err != nil {
		return reached{}, err
	}
	if g.tenant == 0 {
		return reached{}, unauthenticated()
	}
	return s.readGrantReach(ctx, st, g, key)
}

func (s *Service) readReach(ctx context.Context, st state, key reachKey) (reached, error) {
	r := reached{read: time.Now()}
	var wantedID *uuid.UUID
	var wantedSlug *string
	if id, err := uuid.Parse(key.tenant); err == nil {
		wantedID = &id
	} else if slugText.MatchString(key.tenant) {
		wantedSlug = &key.tenant
	} else {
		return r, nil
	}
	places, err := s.places(ctx, st, wantedID, wantedSlug, key.recursive)
	if err != nil || len(places) == 0 || !places[0].wanted {
		return r, err
	}
	top := places[0]
	if !top.outside {
		return reached{}, fault.New(fault.Forbidden, "the tenant is %s: ask whoever manages it above", top.standing)
	}
	r.tenant, r.public, r.role, r.tier, r.without = top.tenant, top.public, top.role, top.plan, top.without(st)
	r.visible = []int32{top.tenant}
	if !key.recursive {
		return r, nil
	}
	r.visible = r.visible[:0]
	r.rights = make(map[int32]access.Rights, len(places))
	for _, p := range places {
		if p.outside {
			r.visible = append(r.visible, p.tenant)
			r.rights[p.tenant] = p.role.Rights() &^ p.without(st)
		}
	}
	return r, nil
}

// The wanted tenant first, if the caller has a part in it.
const sqlReach = `
SELECT tenant_id, public_id, wanted, member_of, role, plan, standing, outside, denied
  FROM keeper.reach($1, $2, $3, $4, $5, $6)
 ORDER BY NOT wanted, tenant_id`

func (s *Service) places(ctx context.Context, st state, id *uuid.UUID, slug *string, below bool) (places []place, err error) {
	var person, within *int32
	if st.user != 0 {
		person = &st.user
	}
	if st.within != 0 {
		within = &st.within
	}
	err = s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlReach, st.tenant, person, within, id, slug, below)
		if err != nil {
			return err
		}
		places, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (place, error) {
			var p place
			err := row.Scan(&p.tenant, &p.public, &p.wanted, &p.memberOf, &p.role, &p.plan, &p.standing, &p.outside, &p.denied)
			if st.token != nil && st.user == 0 {
				p.role = st.token.role
			}
			return p, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find tenant: %w", err)
	}
	return places, nil
}

func notFound() error {
	return fault.New(fault.NotFound, "there is no such tenant, or you have no part in it")
}

// Standing is what a person is at a tenant, by the same reading that judges their calls.
type Standing struct {
	Role     access.Role // "": no part in it
	MemberOf int32       // whose membership gives the role
	From     string      // its name
	Status   string      // of the tenant with all above it
	Serves   bool        // the membership is of a tenant in service
	Denied   []access.Permission
	Rights   access.Rights
}

// Standing tells what a person is at a tenant; a zero Standing where they have no part in it.
func (s *Service) Standing(ctx context.Context, home, user int32, tenant uuid.UUID) (Standing, error) {
	st := state{tenant: home, user: user}
	places, err := s.places(ctx, st, &tenant, nil, false)
	if err != nil || len(places) == 0 {
		return Standing{}, err
	}
	p := places[0]
	found := Standing{Role: p.role, MemberOf: p.memberOf, Status: p.standing, Serves: p.outside}
	for _, name := range p.denied {
		found.Denied = append(found.Denied, access.Permission(name))
	}
	if p.outside {
		found.Rights = p.role.Rights() &^ p.without(st)
	}
	err = s.db.InScope(ctx, access.System(p.memberOf, "auth"), func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, `SELECT name FROM tenants WHERE id = $1`, p.memberOf).Scan(&found.From)
	})
	if err != nil {
		return Standing{}, fmt.Errorf("read name of tenant: %w", err)
	}
	return found, nil
}
