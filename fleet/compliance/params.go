package compliance

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/frameworks"
)

// paramsBytes bounds a tenant's values for one check.
const paramsBytes = 16 << 10

// CheckParams are the values of a check's parameters as they hold for a tenant.
type CheckParams struct {
	Check *frameworks.Check
	Now   map[string]any // with the tenant's values over the defaults
	From  uuid.UUID      // the nearest tenant that says something; zero for the defaults
}

// Params gives what holds for the scope's tenant.
func (s *Service) Params(ctx context.Context, scope access.Scope, check string) (*CheckParams, error) {
	c := s.library.Check(check)
	if c == nil {
		return nil, fault.New(fault.NotFound, "there is no check %q", check)
	}
	held, err := s.settings(ctx, scope.Tenant)
	if err != nil {
		return nil, err
	}
	now, err := c.Params.With(held.params[check])
	if err != nil { // the check has other parameters than when the values were stored
		return nil, fault.New(fault.Conflict, "the stored values do not fit the check any more: %v; set them anew", err)
	}
	return &CheckParams{c, now, held.origin[check]}, nil
}

const sqlPutParams = `
INSERT INTO check_params (tenant_id, check_id, params, created_by, created_at, last_modified_by, last_modified_at) VALUES ($1, $2, $3, $4, $5, $4, $5)
ON CONFLICT (tenant_id, check_id) DO UPDATE SET params = excluded.params, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

// SetParams stores the scope's tenant's values of a check and has the check judged anew, here and in the tenants below.
func (s *Service) SetParams(ctx context.Context, scope access.Scope, check string, params map[string]any) error {
	c := s.library.Check(check)
	if c == nil {
		return fault.New(fault.NotFound, "there is no check %q", check)
	}
	if _, err := c.Params.With(params); err != nil {
		return fault.Field(fault.Invalid, "body.params", "%v", err)
	}
	text, err := json.Marshal(params)
	if err != nil || len(text) > paramsBytes {
		return fault.Field(fault.Invalid, "body.params", "the values take more than %d bytes", paramsBytes)
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, sqlPutParams, tx.Scope.Tenant, check, string(text), tx.Scope.Actor.String(), tx.Now); err != nil {
			return fmt.Errorf("store parameters: %w", err)
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "compliance.set-params", Object: "check:" + check, Detail: params})
	})
	if err != nil {
		return err
	}
	return s.rejudge(ctx, scope.Tenant, c)
}

// ClearParams removes the scope's tenant's values of a check: those of a tenant above hold again, or the defaults.
func (s *Service) ClearParams(ctx context.Context, scope access.Scope, check string) error {
	c := s.library.Check(check)
	if c == nil {
		return fault.New(fault.NotFound, "there is no check %q", check)
	}
	err := s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		done, err := tx.Exec(ctx, `DELETE FROM check_params WHERE tenant_id = $1 AND check_id = $2`, tx.Scope.Tenant, check)
		if err != nil {
			return fmt.Errorf("remove parameters: %w", err)
		}
		if done.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "this tenant has no values of its own for the check")
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "compliance.clear-params", Object: "check:" + check})
	})
	if err != nil {
		return err
	}
	return s.rejudge(ctx, scope.Tenant, c)
}

// rejudge has a check judged anew in a tenant and those below.
func (s *Service) rejudge(ctx context.Context, tenant int32, c *frameworks.Check) error {
	s.held.forget()
	below, err := s.db.Subtree(ctx, tenant)
	if err != nil {
		return fmt.Errorf("list tenants below %d: %w", tenant, err)
	}
	for _, t := range below {
		err := s.db.InScope(ctx, access.System(t, "compliance"), func(ctx context.Context, tx *postgres.Tx) error {
			return rows.Rejudge(ctx, tx, []string{c.Collection()})
		})
		if err != nil {
			return fmt.Errorf("judge check %s anew in tenant %d: %w", c.ID, t, err)
		}
	}
	if s.Rejudged != nil {
		s.Rejudged(below)
	}
	return nil
}
