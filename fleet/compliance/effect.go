package compliance

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/frameworks"
)

const sqlResults = `
SELECT a.tenant_id, v.check_id, v.verdict, coalesce(f.state = 'waived', false)
  FROM agents a
  JOIN verdicts v ON v.tenant_id = a.tenant_id AND v.agent_id = a.id
  LEFT JOIN findings f ON f.tenant_id = v.tenant_id AND f.agent_id = v.agent_id AND f.kind = 'check' AND f.subject = v.check_id AND v.verdict = 'fail'
 WHERE a.public_id = $1 ORDER BY v.check_id`

// Effect tells what it would be worth to make a check pass on an agent that the scope sees. It gives nil for findings that
// are not of a check, or whose check does not fail.
func (s *Service) Effect(ctx context.Context, scope access.Scope, kind, subject string, agent uuid.UUID) (*findings.Effect, error) {
	fixed := s.library.Check(subject)
	if kind != findings.KindCheck || fixed == nil {
		return nil, nil
	}
	var tenant int32
	var results []frameworks.Result
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		results = nil
		rows, err := tx.Query(ctx, sqlResults, agent)
		if err != nil {
			return fmt.Errorf("list verdicts of agent: %w", err)
		}
		var check string
		var r frameworks.Result
		_, err = pgx.ForEachRow(rows, []any{&tenant, &check, &r.Verdict, &r.Waived}, func() error {
			if r.Check = s.library.Check(check); r.Check != nil {
				results = append(results, r)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("list verdicts of agent: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	failing := map[string]bool{}
	for _, r := range results {
		failing[r.Check.ID] = r.Verdict == frameworks.Fail
	}
	if !failing[fixed.ID] {
		return nil, nil
	}
	out := &findings.Effect{Before: frameworks.ScoreOf(results).Percent, Controls: map[string][]string{}}
	for i := range results {
		if results[i].Check == fixed {
			results[i].Verdict, results[i].Waived = frameworks.Pass, false
		}
	}
	out.After = frameworks.ScoreOf(results).Percent
	known, err := s.frameworks(ctx, tenant)
	if err != nil {
		return nil, err
	}
	for _, f := range known {
		for _, control := range f.Controls {
			checks := f.Checks(s.library, control.ID)
			if slices.Contains(checks, fixed) && !slices.ContainsFunc(checks, func(c *frameworks.Check) bool { return c != fixed && failing[c.ID] }) {
				out.Controls[f.ID] = append(out.Controls[f.ID], control.ID)
			}
		}
	}
	return out, nil
}
