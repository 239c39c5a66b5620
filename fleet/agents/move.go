package agents

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Moves is what moving agents needs of its surroundings.
type Moves struct {
	// ScopeAt gives a caller's scope at another tenant, fault.NotFound where they have no part in it.
	ScopeAt func(ctx context.Context, scope access.Scope, tenant uuid.UUID) (access.Scope, error)
	// Order brings the order to move to an agent that is connected.
	Order func(ctx context.Context, tenant, agent uuid.UUID, m protocol.Move) error
}

// Move has an agent of the scope's tenant go to another tenant, and gives its id there. What it told stays with the tenant
// that it leaves: there it is decommissioned when it has arrived. An agent that is away is told when it comes. The caller
// manages agents at the one end and lets them in at the other; where they do not, nothing changes.
func (s *Service) Move(ctx context.Context, scope access.Scope, id, tenant uuid.UUID) (moved uuid.UUID, err error) {
	to, err := s.Moves.ScopeAt(ctx, scope, tenant)
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		return uuid.Nil, fault.Field(fault.NotFound, "body.tenant_id", "there is no such tenant, or you have no part in it")
	case err != nil:
		return uuid.Nil, err
	case !to.Can(access.EnrollManage):
		return uuid.Nil, fault.Field(fault.NotFound, "body.tenant_id", "there is no such tenant, or you may not enrol agents in it")
	}
	if moved, err = uuid.NewV7(); err != nil {
		return uuid.Nil, fmt.Errorf("make id: %w", err)
	}
	both := scope
	both.Visible = []int32{scope.Tenant, to.Tenant}
	err = s.DB.InSubtree(ctx, both, func(ctx context.Context, tx *postgres.Tx) error {
		agent, err := findMovable(ctx, tx, scope.Tenant, id)
		if err != nil {
			return err
		}
		if to.Tenant == scope.Tenant {
			return fault.Field(fault.Invalid, "body.tenant_id", "the agent is there already")
		}
		there := tx.As(to.Tenant, to.TenantID, scope.Actor) // its other end
		if s.Room != nil {
			places, err := s.Room(ctx, there, []int32{to.Tenant})
			if err == nil {
				err = places.Take(to.Tenant)
			}
			if err != nil {
				return err
			}
		}
		if err := putMove(ctx, tx, agent.Key, to, moved); err != nil {
			return err
		}
		key, err := copyAgent(ctx, tx, agent, to.Tenant, moved)
		if err != nil {
			return err
		}
		if s.Enrolled != nil {
			if err := s.Enrolled(ctx, there, []int32{to.Tenant}, []int32{key}); err != nil {
				return err
			}
		}
		err = audit.Record(ctx, tx, audit.Entry{Action: "agents.move", Object: object(id),
			Detail: map[string]any{"hostname": agent.Facts.Hostname, "to_tenant": tenant, "to_agent": moved}})
		if err != nil {
			return err
		}
		tx.AfterCommit(func() {
			s.announce(changed{tenantID: to.TenantID, agentID: moved, status: StatusOffline, at: tx.Now})
			if err := s.Moves.Order(context.WithoutCancel(ctx), scope.TenantID, id, orderOf(tenant, moved)); err != nil {
				s.Log.WarnContext(ctx, "an agent is told to move when it connects again", "agent_id", id, "err", err)
			}
		})
		return audit.Record(ctx, there, audit.Entry{Action: "agents.enroll", Object: object(moved),
			Detail: map[string]any{"hostname": agent.Facts.Hostname, "platform": agent.Facts.Platform, "from_tenant": scope.TenantID, "from_agent": id}})
	})
	if err != nil {
		return uuid.Nil, err
	}
	return moved, nil
}

func object(id uuid.UUID) string { return "agent:" + id.String() }

func orderOf(tenant, agent uuid.UUID) protocol.Move {
	return protocol.Move{TenantID: tenant.String(), AgentID: agent.String()}
}

// Moving gives where an agent that has just connected is to go, nil: it stays.
func (s *Service) Moving(ctx context.Context, identity Identity) (m *protocol.Move, err error) {
	err = s.DB.InScope(ctx, access.System(identity.Tenant, "agents"), func(ctx context.Context, tx *postgres.Tx) error {
		const text = `SELECT to_tenant, to_agent FROM agent_moves WHERE tenant_id = $1 AND agent_id = $2 AND arrived_at IS NULL`
		var tenant, agent uuid.UUID
		err := tx.QueryRow(ctx, text, identity.Tenant, identity.Key).Scan(&tenant, &agent)
		if errors.Is(err, pgx.ErrNoRows) {
			m = nil
			return nil
		}
		if err != nil {
			return fmt.Errorf("look for a move of agent %s: %w", identity.ID, err)
		}
		order := orderOf(tenant, agent)
		m = &order
		return nil
	})
	return m, err
}

// origin is the agent that one which has yet to arrive was.
type origin struct{ tenant, agent *int32 }

// arrived ends a move: the agent that it was is decommissioned.
func (s *Service) arrived(ctx context.Context, identity Identity, from origin) error {
	actor := access.Actor{Kind: access.KindSystem, Name: "agents"}
	return s.DB.InTenants(ctx, []int32{*from.tenant, identity.Tenant}, actor, func(ctx context.Context, tx *postgres.Tx) error {
		const leave = `UPDATE agents SET from_tenant_id = NULL, from_agent_id = NULL WHERE tenant_id = $1 AND id = $2 AND from_agent_id IS NOT NULL`
		done, err := tx.Exec(ctx, leave, identity.Tenant, identity.Key)
		if err != nil {
			return fmt.Errorf("end a move: %w", err)
		}
		if done.RowsAffected() == 0 {
			return nil // another connection was faster
		}
		const end = `UPDATE agent_moves SET arrived_at = $3, last_modified_by = $4, last_modified_at = $3 WHERE tenant_id = $1 AND agent_id = $2`
		if _, err := tx.Exec(ctx, end, *from.tenant, *from.agent, tx.Now, actor.String()); err != nil {
			return fmt.Errorf("end a move: %w", err)
		}
		const retire = `
UPDATE agents a SET state = 'revoked', revoked_at = coalesce(a.revoked_at, $3), decommissioned_at = coalesce(a.decommissioned_at, $3), last_modified_by = $4, last_modified_at = $3
  FROM tenants t WHERE a.tenant_id = $1 AND a.id = $2 AND t.id = a.tenant_id
RETURNING a.public_id, t.public_id`
		var old, tenant uuid.UUID
		if err := tx.QueryRow(ctx, retire, *from.tenant, *from.agent, tx.Now, actor.String()).Scan(&old, &tenant); err != nil {
			return fmt.Errorf("end a move: %w", err)
		}
		if s.Revoked != nil {
			if err := s.Revoked(ctx, tx, *from.agent); err != nil {
				return err
			}
		}
		tx.AfterCommit(func() {
			s.identities.forget(old)
			s.publish(tenant, BusRevoked, old.String(), nil)
			s.announce(changed{tenantID: tenant, agentID: old, status: StatusDecommissioned, at: tx.Now})
		})
		return audit.Record(ctx, tx, audit.Entry{Action: "agents.decommission", Object: object(old), Detail: map[string]any{"moved_to": identity.ID}})
	})
}

const sqlCreatePresence = `INSERT INTO agent_presence (tenant_id, agent_id, last_seen_at) VALUES ($1, $2, $3)`

const sqlIsNode = `SELECT EXISTS (SELECT FROM osquery_nodes WHERE tenant_id = $1 AND agent_id = $2)`

// findMovable gives an agent of a tenant that can be told to move.
func findMovable(ctx context.Context, tx *postgres.Tx, tenant int32, id uuid.UUID) (Agent, error) {
	agent, err := FindAgent(ctx, tx, id)
	if err != nil {
		return Agent{}, err
	}
	if agent.Tenant != tenant {
		return Agent{}, fault.New(fault.NotFound, "no such agent")
	}
	if agent.Status != StatusOnline && agent.Status != StatusOffline {
		return Agent{}, fault.New(fault.Conflict, "the agent is %s: only an active one moves", agent.Status)
	}
	if agent.KeyChange != "" {
		return Agent{}, fault.New(fault.Conflict, "the agent is changing keys: have it move afterwards")
	}
	var node bool
	if err := tx.QueryRow(ctx, sqlIsNode, tenant, agent.Key).Scan(&node); err != nil {
		return Agent{}, fmt.Errorf("look at an agent: %w", err)
	}
	if node {
		return Agent{}, fault.New(fault.Conflict, "this is an osqueryd: give it an enrol secret of the other tenant and revoke it here")
	}
	return agent, nil
}

const sqlPutMove = `
INSERT INTO agent_moves (tenant_id, agent_id, to_tenant_id, to_tenant, to_agent, created_by, created_at, last_modified_by, last_modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $7) ON CONFLICT DO NOTHING`

func putMove(ctx context.Context, tx *postgres.Tx, agent int32, to access.Scope, moved uuid.UUID) error {
	done, err := tx.Exec(ctx, sqlPutMove, tx.Scope.Tenant, agent, to.Tenant, to.TenantID, moved, tx.Scope.Actor.String(), tx.Now)
	if err != nil {
		return fmt.Errorf("store a move: %w", err)
	}
	if done.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "the agent is on its way already")
	}
	return nil
}

// The key is the same: it proves that who arrives is who left.
const sqlCopyAgent = `
INSERT INTO agents (tenant_id, public_id, public_key, state, hostname, platform, arch, os_name, os_version, version, hardware_id, tags,
       enroll_secret_id, enrolled_at, created_by, created_at, last_modified_by, last_modified_at, from_tenant_id, from_agent_id)
SELECT $3, $4, public_key, 'active', hostname, platform, arch, os_name, os_version, version, hardware_id, tags, enroll_secret_id, $5, $6, $5, $6, $5, tenant_id, id
  FROM agents WHERE tenant_id = $1 AND id = $2
RETURNING id`

func copyAgent(ctx context.Context, tx *postgres.Tx, agent Agent, tenant int32, moved uuid.UUID) (key int32, err error) {
	err = tx.QueryRow(ctx, sqlCopyAgent, agent.Tenant, agent.Key, tenant, moved, tx.Now, tx.Scope.Actor.String()).Scan(&key)
	if err != nil {
		return 0, fmt.Errorf("make the agent at its new tenant: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlCreatePresence, tenant, key, tx.Now); err != nil {
		return 0, fmt.Errorf("make the agent at its new tenant: %w", err)
	}
	return key, nil
}
