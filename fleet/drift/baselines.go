package drift

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/packs/alertrules"
	policies "github.com/tenantra/tenantra/packs/drift"
)

// Baselines gives the baselines of the scope's tenants.
func (s *Service) Baselines(ctx context.Context, scope access.Scope) (out []Baseline, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		out, err = listBaselines(ctx, tx)
		return err
	})
	return out, err
}

// AddBaseline takes what is there, or was seen in a time, for what is expected, and judges the agents by it.
func (s *Service) AddBaseline(ctx context.Context, scope access.Scope, b Baseline) (Baseline, error) {
	b.Name = strings.TrimSpace(b.Name)
	switch {
	case !alertrules.IsID(b.Name):
		return b, fault.Field(fault.Invalid, "body.name", "a baseline's name has lower-case letters, digits, . and -, at most 64")
	case b.Mode != "pinned" && b.Mode != "learned":
		return b, fault.Field(fault.Invalid, "body.mode", "mode is pinned or learned")
	case b.AgentID != uuid.Nil && b.Tag != "":
		return b, fault.Field(fault.Invalid, "body.tag", "a baseline is of one agent, of agents with a tag, or of all")
	}
	policy, err := s.policy(ctx, scope.Tenant)
	if err != nil {
		return b, err
	}
	w := policy.Watches[b.Collection]
	if w == nil {
		return b, fault.Field(fault.Invalid, "body.collection", "no changes of %s are kept: name it in the drift policy first", b.Collection)
	}
	if b.ID, err = uuid.NewV7(); err != nil {
		return b, fmt.Errorf("make baseline id: %w", err)
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		known, err := listBaselines(ctx, tx)
		if err != nil {
			return err
		}
		if len(known) >= baselinesMax {
			return fault.New(fault.Conflict, "a tenant has at most %d baselines", baselinesMax)
		}
		if b.AgentID != uuid.Nil {
			err := tx.QueryRow(ctx, `SELECT id FROM agents WHERE tenant_id = $1 AND public_id = $2`, tx.Scope.Tenant, b.AgentID).Scan(&b.agent)
			if errors.Is(err, pgx.ErrNoRows) {
				return fault.Field(fault.NotFound, "body.agent_id", "there is no such agent")
			}
			if err != nil {
				return fmt.Errorf("find agent: %w", err)
			}
		}
		ids, err := rows.EnsureCollections(ctx, tx, []string{b.Collection})
		if err != nil {
			return err
		}
		b.collection = ids[b.Collection]
		if b.Mode == "pinned" {
			b.LearnedFrom, b.LearnedTo = tx.Now, tx.Now
		}
		if b.LearnedTo.IsZero() {
			b.LearnedTo = tx.Now
		}
		if !b.LearnedTo.After(b.LearnedFrom) && b.Mode == "learned" {
			return fault.Field(fault.Invalid, "body.learned_from", "a learned baseline is of a time that ends after it begins")
		}
		if err := addBaseline(ctx, tx, b); err != nil {
			return err
		}
		if b, err = findBaseline(ctx, tx, b.ID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "baselines.create", Object: "baseline:" + b.ID.String(), Detail: map[string]any{"name": b.Name, "collection": b.Collection, "mode": b.Mode, "values": b.Values}})
	})
	return b, err
}

// DeleteBaseline forgets what was expected, and closes what deviated from it.
func (s *Service) DeleteBaseline(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		b, err := findBaseline(ctx, tx, id)
		if err != nil {
			return err
		}
		agents, err := agentsWithFinding(ctx, tx, b.Name)
		if err != nil {
			return err
		}
		for _, agent := range agents {
			if err := s.Findings.Resolve(ctx, tx, agent, KindDrift, b.Name, "the baseline was deleted"); err != nil {
				return err
			}
		}
		if err := deleteBaseline(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "baselines.delete", Object: "baseline:" + id.String(), Detail: map[string]any{"name": b.Name}})
	})
}

// Deviations gives what an agent has that a baseline does not expect.
func (s *Service) Deviations(ctx context.Context, scope access.Scope, id, agent uuid.UUID) (b Baseline, columns []string, strange []policies.Value, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if b, err = findBaseline(ctx, tx, id); err != nil {
			return err
		}
		var key int32
		err = tx.QueryRow(ctx, `SELECT id FROM agents WHERE tenant_id = $1 AND public_id = $2`, tx.Scope.Tenant, agent).Scan(&key)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "there is no such agent")
		}
		if err != nil {
			return fmt.Errorf("find agent: %w", err)
		}
		strange, err = deviations(ctx, tx, b, key)
		return err
	})
	if err != nil {
		return b, nil, nil, err
	}
	class, err := s.Class(ctx, scope, b.Collection)
	if err != nil {
		return b, nil, nil, err
	}
	if !scope.MayRead(class) {
		return b, nil, nil, fault.New(fault.Forbidden, "%s is of class %s, which your role may not read", b.Collection, class)
	}
	policy, err := s.policy(ctx, scope.Tenant)
	if err != nil {
		return b, nil, nil, err
	}
	if w := policy.Watches[b.Collection]; w != nil {
		columns = w.Columns
	}
	return b, columns, strange, nil
}

// BaselineCollection gives the collection of the baseline that opened a finding of KindDrift; "" where there is none.
func (s *Service) BaselineCollection(ctx context.Context, tenant int32, name string) (collection string, err error) {
	const find = `SELECT c.name FROM drift_baselines b JOIN collections c ON c.tenant_id = b.tenant_id AND c.id = b.collection_id WHERE b.tenant_id = $1 AND b.name = $2`
	err = s.DB.InScope(ctx, access.System(tenant, "drift"), func(ctx context.Context, tx *postgres.Tx) error {
		return tx.QueryRow(ctx, find, tenant, name).Scan(&collection)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find baseline: %w", err)
	}
	return collection, nil
}

// patternOver is the time before a change over whose hours it is judged.
const patternOver = 28 * 24 * time.Hour
