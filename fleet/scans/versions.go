package scans

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/internal/textdiff"
)

// versionsKept is how many texts of a pack are kept; the oldest go.
const versionsKept = 100

// Version is a text that a pack of a tenant has had.
type Version struct {
	Number  int       `json:"number"`
	SavedBy string    `json:"saved_by"`
	SavedAt time.Time `json:"saved_at"`
	Present bool      `json:"present" doc:"What the pack says now."`
}

const (
	// A text that the pack has already is no new version.
	sqlPutPackVersion = `
INSERT INTO pack_versions (tenant_id, name, number, yaml, created_by, saved_by, created_at)
SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6 FROM pack_versions WHERE tenant_id = $1 AND name = $2
HAVING $3 IS DISTINCT FROM (SELECT v.yaml FROM pack_versions v WHERE v.tenant_id = $1 AND v.name = $2 ORDER BY v.number DESC LIMIT 1)`
	sqlDropPackVersions = `
DELETE FROM pack_versions WHERE tenant_id = $1 AND name = $2
   AND number <= (SELECT max(number) FROM pack_versions WHERE tenant_id = $1 AND name = $2) - $3`
)

// putPackVersion keeps a pack's text.
func putPackVersion(ctx context.Context, tx *postgres.Tx, name, text string) error {
	actor := tx.Scope.Actor
	if _, err := tx.Exec(ctx, sqlPutPackVersion, tx.Scope.Tenant, name, text, actor.String(), actor.Name, tx.Now); err != nil {
		return fmt.Errorf("keep version of a pack: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlDropPackVersions, tx.Scope.Tenant, name, versionsKept); err != nil {
		return fmt.Errorf("drop old versions of a pack: %w", err)
	}
	return nil
}

// The youngest version of the pack's text is the present one: a text that is tried first is younger.
const sqlPackVersions = `
SELECT v.number, v.saved_by, v.created_at,
       v.number IS NOT DISTINCT FROM (SELECT max(s.number) FROM pack_versions s JOIN packs p ON p.tenant_id = s.tenant_id AND p.name = s.name AND p.yaml = s.yaml
                                       WHERE s.tenant_id = $1 AND s.name = $2)
  FROM pack_versions v WHERE v.tenant_id = $1 AND v.name = $2 ORDER BY v.number DESC LIMIT $3`

// Versions lists the texts that a pack of the scope's tenant has had, the youngest first; fault.NotFound where there is none.
func (s *Service) Versions(ctx context.Context, scope access.Scope, name string) (found []Version, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, sqlPackVersions, tx.Scope.Tenant, name, versionsKept)
		if err != nil {
			return fmt.Errorf("list versions of a pack: %w", err)
		}
		if found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Version]); err != nil {
			return fmt.Errorf("list versions of a pack: %w", err)
		}
		return nil
	})
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "this tenant has had no pack of this name")
	}
	return found, err
}

const sqlPackVersion = `SELECT yaml FROM pack_versions WHERE tenant_id = $1 AND name = $2 AND number = $3`

// VersionText gives one text of a pack of the scope's tenant.
func (s *Service) VersionText(ctx context.Context, scope access.Scope, name string, number int) (text string, err error) {
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		err := tx.QueryRow(ctx, sqlPackVersion, tx.Scope.Tenant, name, number).Scan(&text)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "the pack has no such version")
		}
		if err != nil {
			return fmt.Errorf("read version of a pack: %w", err)
		}
		return nil
	})
	return text, err
}

const sqlLastVersion = `SELECT max(number) FROM pack_versions WHERE tenant_id = $1 AND name = $2`

// Diff tells line by line how one text of a pack of the scope's tenant became another. A to of 0 is the youngest, a from of 0
// the one before to.
func (s *Service) Diff(ctx context.Context, scope access.Scope, name string, from, to int) ([]textdiff.Line, error) {
	versions, err := s.Versions(ctx, scope, name)
	if err != nil {
		return nil, err
	}
	if to == 0 {
		to = versions[0].Number
	}
	after, err := s.VersionText(ctx, scope, name, to)
	if err != nil {
		return nil, err
	}
	before := ""
	if from == 0 {
		from = to - 1
	}
	if from > 0 {
		if before, err = s.VersionText(ctx, scope, name, from); err != nil {
			return nil, err
		}
	}
	return textdiff.Lines(before, after), nil
}

// HasVersion returns fault.NotFound where a pack of the scope's tenant has had no such text.
func (s *Service) HasVersion(ctx context.Context, scope access.Scope, name string, number int) error {
	_, err := s.VersionText(ctx, scope, name, number)
	return err
}

// RollBack makes an earlier text of a pack the present one, as a new version. It is checked as any text that is put.
func (s *Service) RollBack(ctx context.Context, scope access.Scope, name string, number int) (Pack, error) {
	text, err := s.VersionText(ctx, scope, name, number)
	if err != nil {
		return Pack{}, err
	}
	return s.PutPack(ctx, scope, name, text)
}
