package compliance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/frameworks"
)

// frameworksMax is how many frameworks a tenant may have of its own.
const frameworksMax = 100

// frameworks gives those that hold for a tenant: the product's, and those of the tenant and the tenants above, of which the
// nearest of an id counts. Sorted by id.
func (s *Service) frameworks(ctx context.Context, tenant int32) ([]ownFramework, error) {
	held, err := s.settings(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var out []ownFramework
	for _, f := range s.library.Frameworks() {
		if _, own := held.frameworks[f.ID]; !own {
			out = append(out, ownFramework{Framework: f})
		}
	}
	for _, f := range held.frameworks {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b ownFramework) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// framework gives one that holds for a tenant, or fault.NotFound.
func (s *Service) framework(ctx context.Context, tenant int32, id string) (ownFramework, error) {
	held, err := s.settings(ctx, tenant)
	if err != nil {
		return ownFramework{}, err
	}
	if f, own := held.frameworks[id]; own {
		return f, nil
	}
	if f := s.library.Framework(id); f != nil {
		return ownFramework{Framework: f}, nil
	}
	return ownFramework{}, fault.New(fault.NotFound, "there is no framework %q", id)
}

// Export writes a framework that holds for the scope's tenant, with the checks of each control, as YAML or JSON.
func (s *Service) Export(ctx context.Context, scope access.Scope, id, format string) ([]byte, error) {
	f, err := s.framework(ctx, scope.Tenant, id)
	if err != nil {
		return nil, err
	}
	text, err := frameworks.Export(s.library, f.Framework, format)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "a framework is exported as yaml or json")
	}
	return text, nil
}

const sqlPutFramework = `
INSERT INTO frameworks (tenant_id, framework_id, document, created_by, created_at, last_modified_by, last_modified_at) VALUES ($1, $2, $3, $4, $5, $4, $5)
ON CONFLICT (tenant_id, framework_id) DO UPDATE SET document = excluded.document, last_modified_by = excluded.last_modified_by, last_modified_at = excluded.last_modified_at`

// PutFramework stores a framework of the scope's tenant. Every mistake in the document is told with its line.
func (s *Service) PutFramework(ctx context.Context, scope access.Scope, id, text string) error {
	f, err := frameworks.ParseFramework("framework", []byte(text))
	if err == nil {
		err = f.Verify(s.library)
	}
	if err != nil {
		return fault.Field(fault.Invalid, "body.document", "%v", err)
	}
	if f.ID != id {
		return fault.Field(fault.Invalid, "body.document", "the document is of framework %q", f.ID)
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		if _, err := tx.Exec(ctx, sqlPutFramework, tx.Scope.Tenant, id, text, tx.Scope.Actor.String(), tx.Now); err != nil {
			return fmt.Errorf("store framework: %w", err)
		}
		var stored int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM frameworks WHERE tenant_id = $1`, tx.Scope.Tenant).Scan(&stored); err != nil {
			return fmt.Errorf("count frameworks: %w", err)
		}
		if stored > frameworksMax {
			return fault.New(fault.TooMany, "a tenant has at most %d frameworks of its own", frameworksMax)
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "compliance.put-framework", Object: "framework:" + id, Detail: map[string]any{"controls": len(f.Controls)}})
	})
	s.held.forget()
	return err
}

// DeleteFramework removes a framework of the scope's tenant: one of the same id of a tenant above or of the product holds
// again.
func (s *Service) DeleteFramework(ctx context.Context, scope access.Scope, id string) error {
	err := s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		done, err := tx.Exec(ctx, `DELETE FROM frameworks WHERE tenant_id = $1 AND framework_id = $2`, tx.Scope.Tenant, id)
		if err != nil {
			return fmt.Errorf("remove framework: %w", err)
		}
		if done.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "this tenant has no framework of this name; the product's and inherited ones stay")
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "compliance.delete-framework", Object: "framework:" + id})
	})
	s.held.forget()
	return err
}

// own tells whether a tenant's id is set.
func own(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}
