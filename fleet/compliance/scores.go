package compliance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/frameworks"
)

// FrameworkScore is how the agents that a scope sees stand with a framework.
type FrameworkScore struct {
	Framework *frameworks.Framework
	OwnerID   uuid.UUID // the tenant that it is of; zero for the product's
	Coverage  frameworks.Coverage
	Score     frameworks.FrameworkScore
	Judged    int // controls that could be judged
	Met       int // of them: nothing fails, waived or not
}

// tallied gives the tallies as scores want them.
func tallied(counts map[string]Counts) map[string]frameworks.Tally {
	out := make(map[string]frameworks.Tally, len(counts))
	for check, c := range counts {
		out[check] = frameworks.Tally{Pass: c.Pass, Fail: c.Fail, Waived: c.Waived, NotApplicable: c.NotApplicable, Errors: c.Error}
	}
	return out
}

func (s *Service) tallies(ctx context.Context, scope access.Scope) (map[string]frameworks.Tally, error) {
	var counts map[string]Counts
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		counts, err = countVerdicts(ctx, tx)
		return err
	})
	return tallied(counts), err
}

// Scores gives the score over all checks, and that of each framework that holds for the scope's tenant, sorted by id.
func (s *Service) Scores(ctx context.Context, scope access.Scope) (frameworks.Score, []FrameworkScore, error) {
	byCheck, err := s.tallies(ctx, scope)
	if err != nil {
		return frameworks.Score{}, nil, err
	}
	known, err := s.frameworks(ctx, scope.Tenant)
	if err != nil {
		return frameworks.Score{}, nil, err
	}
	out := make([]FrameworkScore, len(known))
	for i, f := range known {
		out[i] = s.score(f, byCheck)
	}
	return frameworks.ScoreTallies(s.library, byCheck), out, nil
}

// Framework gives one framework with its controls' scores, or fault.NotFound.
func (s *Service) Framework(ctx context.Context, scope access.Scope, id string) (*FrameworkScore, error) {
	f, err := s.framework(ctx, scope.Tenant, id)
	if err != nil {
		return nil, err
	}
	byCheck, err := s.tallies(ctx, scope)
	if err != nil {
		return nil, err
	}
	score := s.score(f, byCheck)
	return &score, nil
}

func (s *Service) score(f ownFramework, byCheck map[string]frameworks.Tally) FrameworkScore {
	out := FrameworkScore{Framework: f.Framework, OwnerID: f.tenantID, Coverage: f.Coverage(s.library), Score: frameworks.ScoreFrameworkTallies(s.library, f.Framework, byCheck)}
	for _, c := range out.Score.Controls {
		if c.Score.Judged {
			out.Judged++
			if c.Score.Failed+c.Score.Waived == 0 {
				out.Met++
			}
		}
	}
	return out
}

// Asset is how one agent stands.
type Asset struct {
	AgentID            uuid.UUID
	Hostname, Platform string
	TenantName         string
	Score              frameworks.Score

	tenant, agent int32
}

// Assets gives how agents stand, in the order of the compact ids of tenant and agent, those after such a pair.
func (s *Service) Assets(ctx context.Context, scope access.Scope, tenant, agent int32, limit int) (found []Asset, err error) {
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		found, err = s.listAssets(ctx, tx, position{Tenant: tenant, Agent: agent}, limit)
		return err
	})
	return found, err
}

const sqlAssets = `
WITH page AS (
    SELECT a.tenant_id, a.id, a.public_id, a.hostname, a.platform, t.name FROM agents a JOIN tenants t ON t.id = a.tenant_id
     WHERE a.state = 'active' AND (a.tenant_id, a.id) > ($1::int, $2::int) ORDER BY a.tenant_id, a.id LIMIT $3)
SELECT p.tenant_id, p.id, p.public_id, p.hostname, p.platform, p.name, coalesce(v.check_id, ''), coalesce(v.verdict, ''), coalesce(f.state = 'waived', false)
  FROM page p
  LEFT JOIN verdicts v ON v.tenant_id = p.tenant_id AND v.agent_id = p.id
  LEFT JOIN findings f ON f.tenant_id = v.tenant_id AND f.agent_id = v.agent_id AND f.kind = 'check' AND f.subject = v.check_id AND v.verdict = 'fail'
 ORDER BY p.tenant_id, p.id`

func (s *Service) listAssets(ctx context.Context, tx *postgres.Tx, after position, limit int) ([]Asset, error) {
	rows, err := tx.Query(ctx, sqlAssets, after.Tenant, after.Agent, limit)
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	var out []Asset
	var results []frameworks.Result
	finish := func() {
		if len(out) > 0 {
			out[len(out)-1].Score = frameworks.ScoreOf(results)
			results = nil
		}
	}
	var a Asset
	var check string
	var verdict frameworks.Verdict
	var waived bool
	_, err = pgx.ForEachRow(rows, []any{&a.tenant, &a.agent, &a.AgentID, &a.Hostname, &a.Platform, &a.TenantName, &check, &verdict, &waived}, func() error {
		if n := len(out); n == 0 || out[n-1].tenant != a.tenant || out[n-1].agent != a.agent {
			finish()
			out = append(out, a)
		}
		if c := s.library.Check(check); c != nil {
			results = append(results, frameworks.Result{Check: c, Verdict: verdict, Waived: waived})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	finish()
	return out, nil
}

// TenantScore is how the agents of one tenant stand, those of the tenants below left out.
type TenantScore struct {
	TenantID   uuid.UUID
	TenantName string
	Agents     int
	Score      frameworks.Score
}

const sqlTenantCounts = `
SELECT t.public_id, t.name, v.check_id,
       count(*) FILTER (WHERE v.verdict = 'pass'),
       count(*) FILTER (WHERE v.verdict = 'fail' AND f.state IS DISTINCT FROM 'waived'),
       count(*) FILTER (WHERE v.verdict = 'fail' AND f.state = 'waived'),
       count(*) FILTER (WHERE v.verdict = 'not_applicable'),
       count(*) FILTER (WHERE v.verdict = 'error'),
       (SELECT count(*) FROM agents x WHERE x.tenant_id = t.id AND x.state = 'active')
  FROM verdicts v
  JOIN tenants t ON t.id = v.tenant_id
  JOIN agents a ON a.tenant_id = v.tenant_id AND a.id = v.agent_id AND a.state = 'active'
  LEFT JOIN findings f ON f.tenant_id = v.tenant_id AND f.agent_id = v.agent_id AND f.kind = 'check' AND f.subject = v.check_id AND v.verdict = 'fail'
 GROUP BY t.id, t.public_id, t.name, v.check_id ORDER BY t.name, t.id`

// Tenants gives how each tenant stands that the scope sees, by name.
func (s *Service) Tenants(ctx context.Context, scope access.Scope) (out []TenantScore, err error) {
	byTenant := map[uuid.UUID]map[string]frameworks.Tally{}
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		out = nil
		clear(byTenant)
		rows, err := tx.Query(ctx, sqlTenantCounts)
		if err != nil {
			return fmt.Errorf("count verdicts of tenants: %w", err)
		}
		var line TenantScore
		var check string
		var t frameworks.Tally
		_, err = pgx.ForEachRow(rows, []any{&line.TenantID, &line.TenantName, &check, &t.Pass, &t.Fail, &t.Waived, &t.NotApplicable, &t.Errors, &line.Agents}, func() error {
			if byTenant[line.TenantID] == nil {
				byTenant[line.TenantID] = map[string]frameworks.Tally{}
				out = append(out, line)
			}
			byTenant[line.TenantID][check] = t
			return nil
		})
		return err
	})
	for i := range out {
		out[i].Score = frameworks.ScoreTallies(s.library, byTenant[out[i].TenantID])
	}
	return out, err
}

// WhatIf says what it would be worth to fix checks.
type WhatIf struct {
	Before, After float64 // percent of the framework, or over all checks
}

// WhatIf scores the agents of the scope as if some checks failed nowhere. An empty framework is all checks.
func (s *Service) WhatIf(ctx context.Context, scope access.Scope, framework string, checks []string) (*WhatIf, error) {
	score, byCheck, err := s.scorer(ctx, scope, framework)
	if err != nil {
		return nil, err
	}
	for i, id := range checks {
		if s.library.Check(id) == nil {
			return nil, fault.Field(fault.Invalid, fmt.Sprintf("body.checks[%d]", i), "there is no check %q", id)
		}
	}
	out := &WhatIf{Before: score(byCheck)}
	for _, id := range checks {
		byCheck[id] = byCheck[id].Fixed()
	}
	out.After = score(byCheck)
	return out, nil
}

// Gain is what it would be worth to fix one check everywhere.
type Gain struct {
	Check      *frameworks.Check
	Agents     int     // on which it fails
	Gain       float64 // points, alone
	Cumulative float64 // the score once this and all gains before it are made
}

// Gains gives the checks whose fixes are worth most, the best first: each is the best once those before it are made.
func (s *Service) Gains(ctx context.Context, scope access.Scope, framework string, limit int) ([]Gain, error) {
	score, byCheck, err := s.scorer(ctx, scope, framework)
	if err != nil {
		return nil, err
	}
	now := score(byCheck)
	var gains []Gain
	for id, t := range byCheck {
		c := s.library.Check(id)
		if c == nil || t.Fail == 0 {
			continue
		}
		byCheck[id] = t.Fixed()
		if g := score(byCheck) - now; g > 0 {
			gains = append(gains, Gain{Check: c, Agents: t.Fail, Gain: g})
		}
		byCheck[id] = t
	}
	slices.SortFunc(gains, func(a, b Gain) int {
		return cmp.Or(cmp.Compare(b.Gain, a.Gain), strings.Compare(a.Check.ID, b.Check.ID))
	})
	gains = gains[:min(len(gains), limit)]
	for i, g := range gains {
		byCheck[g.Check.ID] = byCheck[g.Check.ID].Fixed()
		gains[i].Cumulative = score(byCheck)
	}
	return gains, nil
}

// scorer gives a function that scores tallies by a framework, and the tallies as they are.
func (s *Service) scorer(ctx context.Context, scope access.Scope, framework string) (func(map[string]frameworks.Tally) float64, map[string]frameworks.Tally, error) {
	byCheck, err := s.tallies(ctx, scope)
	if err != nil {
		return nil, nil, err
	}
	if framework == "" {
		return func(t map[string]frameworks.Tally) float64 { return frameworks.ScoreTallies(s.library, t).Percent }, byCheck, nil
	}
	f, err := s.framework(ctx, scope.Tenant, framework)
	if err != nil {
		return nil, nil, err
	}
	return func(t map[string]frameworks.Tally) float64 {
		return frameworks.ScoreFrameworkTallies(s.library, f.Framework, t).Percent
	}, byCheck, nil
}

// Day is how a tenant's agents stood at the end of a day.
type Day struct {
	Day                            time.Time
	Percent, Strict                float64
	Passed, Failed, Waived, Errors int
}

const sqlTrend = `
SELECT day, (sum(percent * judged) / sum(judged))::float8, (sum(strict * judged) / sum(judged))::float8, sum(passed)::int, sum(failed)::int, sum(waived)::int, sum(errors)::int
  FROM (SELECT *, (passed + failed + waived)::float8 AS judged FROM compliance_scores WHERE framework_id = $1 AND day > $2::date) s
 WHERE judged > 0 GROUP BY day ORDER BY day`

// Trend gives the last days, oldest first, of one framework or, for "", of all checks. Over several tenants it is the mean
// of theirs, each by how many verdicts it has.
func (s *Service) Trend(ctx context.Context, scope access.Scope, framework string, days int) (found []Day, err error) {
	if framework != "" {
		if _, err := s.framework(ctx, scope.Tenant, framework); err != nil {
			return nil, err
		}
	}
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		rows, err := tx.Query(ctx, sqlTrend, framework, tx.Now.AddDate(0, 0, -days))
		if err != nil {
			return fmt.Errorf("read trend: %w", err)
		}
		found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Day])
		return err
	})
	return found, err
}

const sqlPutScore = `
INSERT INTO compliance_scores AS s (tenant_id, framework_id, day, percent, strict, passed, failed, waived, errors)
VALUES ($1, $2, $3::date, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_id, framework_id, day) DO UPDATE SET percent = excluded.percent, strict = excluded.strict, passed = excluded.passed,
    failed = excluded.failed, waived = excluded.waived, errors = excluded.errors
 WHERE (s.percent, s.strict, s.passed, s.failed, s.waived, s.errors)
    IS DISTINCT FROM (excluded.percent, excluded.strict, excluded.passed, excluded.failed, excluded.waived, excluded.errors)`

// keepScores writes today's scores of a tenant's own agents; what is the same is not written.
func (s *Service) keepScores(ctx context.Context, tenant int32) error {
	scope := access.System(tenant, "compliance")
	overall, byFramework, err := s.Scores(ctx, scope)
	if err != nil || overall.Passed+overall.Failed+overall.Waived == 0 {
		return err
	}
	return s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		put := func(framework string, percent, strict float64) error {
			_, err := tx.Exec(ctx, sqlPutScore, tenant, framework, tx.Now, percent, strict, overall.Passed, overall.Failed, overall.Waived, overall.Errors)
			return err
		}
		if err := put("", overall.Percent, overall.Strict); err != nil {
			return fmt.Errorf("keep scores: %w", err)
		}
		for _, f := range byFramework {
			if !f.Score.Judged {
				continue
			}
			if err := put(f.Framework.ID, f.Score.Percent, f.Score.Strict); err != nil {
				return fmt.Errorf("keep scores: %w", err)
			}
		}
		return nil
	})
}
