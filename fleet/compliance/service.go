package compliance

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/frameworks"
)

// Service judges checks and shows their verdicts. Safe for concurrent use.
type Service struct {
	// Rejudged is told of the tenants whose rows are to be judged anew; nil for nobody. Set it before the first use.
	Rejudged func(tenants []int32)

	db       *postgres.DB
	library  *frameworks.Library
	findings Findings
	held     held
}

// New makes a Service for the checks of a library.
func New(db *postgres.DB, library *frameworks.Library, f Findings) *Service {
	return &Service{db: db, library: library, findings: f}
}

// Collections are the names of all collections that the library's checks need.
func (s *Service) Collections() []string {
	var names []string
	for _, c := range s.library.Checks() {
		names = append(names, c.Collection())
		if c.Applies != "" {
			names = append(names, c.AppliesCollection())
		}
	}
	return names
}

// Explain tells of the rule behind a finding.
func (s *Service) Explain(kind, subject string) (findings.Explanation, bool) {
	check := s.library.Check(subject)
	if kind != findings.KindCheck || check == nil {
		return findings.Explanation{}, false
	}
	e := findings.Explanation{SQL: check.SQL, Pass: check.Pass.String(), Controls: check.Controls}
	if fix := s.library.Fix(check.Fix); fix != nil {
		e.Risk = fix.Risk
	}
	return e, true
}

// Refresh makes verdicts of former versions of the checks new: what a check says now is judged again, what no check says
// any more goes. Call it once the server starts.
func (s *Service) Refresh(ctx context.Context) error {
	checks, now := versions(s.library)
	var tenants []int32
	err := s.db.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT keeper.tenants_with_old_verdicts($1, $2)`, checks, now).Scan(&tenants)
	})
	if err != nil {
		return fmt.Errorf("list tenants with old verdicts: %w", err)
	}
	for _, tenant := range tenants {
		err := s.db.InScope(ctx, access.System(tenant, "compliance"), func(ctx context.Context, tx *postgres.Tx) error {
			return s.refresh(ctx, tx, checks, now)
		})
		if err != nil {
			return fmt.Errorf("refresh verdicts of tenant %d: %w", tenant, err)
		}
	}
	return nil
}

func (s *Service) refresh(ctx context.Context, tx *postgres.Tx, checks, now []string) error {
	outdated, err := listOutdated(ctx, tx, checks, now)
	if err != nil {
		return err
	}
	var again []string
	for _, check := range outdated {
		if c := s.library.Check(check); c != nil {
			again = append(again, c.Collection())
			if c.Applies != "" {
				again = append(again, c.AppliesCollection())
			}
			continue
		}
		gone, err := takeVerdicts(ctx, tx, check)
		if err != nil {
			return err
		}
		if err := putPast(ctx, tx, gone); err != nil {
			return err
		}
		for _, v := range gone {
			if err := s.findings.Resolve(ctx, tx, v.Agent, findings.KindCheck, check, "the check was removed"); err != nil {
				return err
			}
		}
	}
	return rows.Rejudge(ctx, tx, again)
}

// CheckLine is a check with its counts.
type CheckLine struct {
	Check  *frameworks.Check
	Counts Counts
}

// Checks gives the library's checks, by id, with the counts of the agents that the scope sees.
func (s *Service) Checks(ctx context.Context, scope access.Scope) ([]CheckLine, error) {
	var counts map[string]Counts
	err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) (err error) {
		counts, err = countVerdicts(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	var lines []CheckLine
	for _, c := range s.library.Checks() {
		lines = append(lines, CheckLine{c, counts[c.ID]})
	}
	return lines, nil
}

// List gives up to 10,000 verdicts that the scope sees.
func (s *Service) List(ctx context.Context, scope access.Scope, filter Filter) ([]Line, error) {
	found, err := s.verdicts(ctx, scope, filter, position{}, 10_000)
	lines := make([]Line, len(found))
	for i, l := range found {
		lines[i] = l.Line
	}
	return lines, err
}

// verdicts gives verdicts that the scope sees, after a position, with the messages that it may read.
func (s *Service) verdicts(ctx context.Context, scope access.Scope, filter Filter, after position, limit int) (found []listed, err error) {
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		found, err = listVerdicts(ctx, tx, filter, after, limit)
		return err
	})
	for i := range found {
		if v := &found[i].Line.Verdict; v.Message != "" && !scope.MayRead(v.Class) {
			v.Message = findings.Hidden(v.Class)
		}
	}
	return found, err
}
