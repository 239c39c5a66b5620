package groups

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/queries/rules"
)

// Chooser answers statements that name agents.
type Chooser interface {
	// CheckChoice refuses a statement that names no agents, or that the scope's role may not run.
	CheckChoice(scope access.Scope, sql string) error
	// Choose gives the agents that a statement names, among those that the scope sees.
	Choose(ctx context.Context, scope access.Scope, sql string) ([]uuid.UUID, error)
}

// Config is what a Service needs of its surroundings.
type Config struct {
	DB      *postgres.DB
	Chooser Chooser
	// Changed is told of a group whose members changed; nil: nobody is.
	Changed func(ctx context.Context, tenant int32, group uuid.UUID)
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: discarded
}

// Service keeps groups. Safe for concurrent use; Run must run for memberships to stay current.
type Service struct{ Config }

// New makes a Service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{c}
}

// Put stores a group of the scope's tenant and evaluates its rule. A zero id makes a new one. The rule is checked against
// the rights of the person who stores it.
func (s *Service) Put(ctx context.Context, scope access.Scope, id uuid.UUID, d Draft) (Group, error) {
	if err := d.validate(); err != nil {
		return Group{}, err
	}
	if d.Kind == SQL {
		if err := s.Chooser.CheckChoice(scope, d.Rule); err != nil {
			return Group{}, asRule(err)
		}
	}
	action := "groups.update"
	made := id == uuid.Nil
	if made {
		var err error
		if id, err = uuid.NewV7(); err != nil {
			return Group{}, fmt.Errorf("make id: %w", err)
		}
		action = "groups.create"
	}
	err := s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if !made {
			before, err := findOwn(ctx, tx, id)
			if err != nil {
				return err
			}
			if before.Kind != Fixed && d.Kind == Fixed {
				action = "groups.fix" // its members stay and are people's from now on
			}
		}
		if err := putGroup(ctx, tx, id, d); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "group:" + id.String(), Detail: map[string]any{"name": d.Name, "kind": d.Kind, "rule": d.Rule}})
	})
	if err != nil {
		return Group{}, err
	}
	if d.Kind != Fixed {
		if err := s.evaluate(ctx, scope.Tenant, id); err != nil {
			return Group{}, err
		}
	}
	return s.Find(ctx, scope, id)
}

// asRule says of an error in a statement that it is in the group's rule.
func asRule(err error) error {
	if code := fault.CodeOf(err); code != "" {
		return fault.Field(code, "body.rule", "%v", err)
	}
	return err
}

// Find gives a group that the scope sees, or fault.NotFound.
func (s *Service) Find(ctx context.Context, scope access.Scope, id uuid.UUID) (g Group, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		g, err = findGroup(ctx, tx, id)
		return err
	})
	return g, err
}

// Delete deletes a group of the scope's tenant. Its agents stay.
func (s *Service) Delete(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.DB.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := findOwn(ctx, tx, id); err != nil {
			return err
		}
		if err := deleteGroup(ctx, tx, id); err != nil {
			return err
		}
		s.changed(tx, id)
		return audit.Record(ctx, tx, audit.Entry{Action: "groups.delete", Object: "group:" + id.String()})
	})
}

// SetMembers makes agents the members of a fixed group, and no others. An agent that is not in the tenant's subtree, or is
// not active, is fault.NotFound.
func (s *Service) SetMembers(ctx context.Context, scope access.Scope, id uuid.UUID, agents []uuid.UUID) error {
	if len(agents) > fixedMax {
		return fault.Field(fault.TooLarge, "body.agent_ids", "at most %d agents", fixedMax)
	}
	var err error
	if scope.Visible, err = s.subtree(ctx, scope.Tenant); err != nil { // a right at a tenant holds below it
		return err
	}
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		g, err := findOwn(ctx, tx, id)
		if err != nil {
			return err
		}
		if g.Kind != Fixed {
			return fault.New(fault.Conflict, "the members of this group follow from its rule")
		}
		if _, err := setMembers(ctx, tx, g, agents); err != nil {
			return err
		}
		if g, err = findOwn(ctx, tx, id); err != nil {
			return err
		}
		if g.Members != int64(len(unique(agents))) {
			return fault.Field(fault.NotFound, "body.agent_ids", "one of the agents does not exist here, or is not active")
		}
		s.changed(tx, id)
		return audit.Record(ctx, tx, audit.Entry{Action: "groups.members", Object: "group:" + id.String(), Detail: map[string]any{"agents": len(agents)}})
	})
}

func unique(ids []uuid.UUID) map[uuid.UUID]bool {
	set := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func (s *Service) changed(tx *postgres.Tx, id uuid.UUID) {
	if s.Changed != nil {
		tenant := tx.Scope.Tenant
		tx.AfterCommit(func() { s.Changed(context.Background(), tenant, id) })
	}
}

// subtree gives the tenants whose agents a group may hold, its own first.
func (s *Service) subtree(ctx context.Context, tenant int32) ([]int32, error) {
	below, err := s.DB.Subtree(ctx, tenant)
	if err != nil {
		return nil, err
	}
	all := []int32{tenant} // InTenants takes the first for its own
	for _, t := range below {
		if t != tenant {
			all = append(all, t)
		}
	}
	return all, nil
}

// Run keeps memberships current until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			if err := s.refreshOnce(ctx); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "memberships of groups are not current", "err", err)
			}
		}
	}
}

// refreshOnce evaluates the groups whose last evaluation is older than refresh. Several servers may do so at once: the
// result is the same.
func (s *Service) refreshOnce(ctx context.Context) error {
	var due []stale
	err := s.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		due, err = lookupStale(ctx, tx, s.Now().Add(-refresh))
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range due {
		if err := s.evaluate(ctx, d.tenant, d.id); err != nil {
			return err
		}
	}
	return nil
}

// evaluate brings the members of a group up to its rule. Where the rule fails they stay, and the group says why.
func (s *Service) evaluate(ctx context.Context, tenant int32, id uuid.UUID) error {
	all, err := s.subtree(ctx, tenant)
	if err != nil {
		return err
	}
	actor := access.Actor{Kind: access.KindSystem, Name: "groups"}
	scope := access.Scope{Tenant: tenant, Visible: all, Actor: actor}
	var g Group
	var ids []uuid.UUID
	var facts []rules.Agent
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		if g, err = findGroup(ctx, tx, id); err != nil {
			return err
		}
		if g.Kind == Expr {
			ids, facts, err = listFacts(ctx, tx)
		}
		return err
	})
	if fault.CodeOf(err) == fault.NotFound {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	members, failed := s.members(ctx, scope, g, ids, facts)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	why := ""
	if failed != nil {
		if why = failed.Error(); fault.CodeOf(failed) == "" && g.Kind == SQL {
			s.Log.WarnContext(ctx, "a group's rule failed", "group_id", id, "tenant_id", g.TenantID, "err", failed)
			why = "an internal error occurred"
		}
	}
	return s.DB.InTenants(ctx, all, actor, func(ctx context.Context, tx *postgres.Tx) error {
		if failed == nil {
			changed, err := setMembers(ctx, tx, g, members)
			if err != nil {
				return err
			}
			if changed > 0 {
				s.changed(tx, id)
			}
		}
		return noteEvaluation(ctx, tx, id, why)
	})
}

// members gives the agents that a rule names.
func (s *Service) members(ctx context.Context, scope access.Scope, g Group, ids []uuid.UUID, facts []rules.Agent) ([]uuid.UUID, error) {
	if g.Kind == SQL {
		return s.Chooser.Choose(ctx, scope, g.Rule)
	}
	program, err := compile(g.Rule)
	if err != nil {
		return nil, err
	}
	var members []uuid.UUID
	for i, agent := range facts {
		in, err := program.Eval(rules.Input{Agent: agent})
		if err != nil {
			return nil, fmt.Errorf("agent %s: %w", agent.Hostname, err)
		}
		if in {
			members = append(members, ids[i])
		}
	}
	return members, nil
}
