package compliance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/frameworks"
)

// Waived is the verdict of a failure that somebody accepted, where verdicts are shown. It is not stored: the failure is.
const Waived frameworks.Verdict = "waived"

// historyMax is how many verdicts of one check on one agent are shown, the youngest.
const historyMax = 1000

// Span is what a check said of an agent over a time.
type Span struct {
	Verdict     frameworks.Verdict // Waived for a failure while a waiver held
	RuleVersion string
	Since       time.Time
	Until       time.Time // zero: it still says so
	Reason      string    // of the waiver, with who asked for it and who approved it
}

// turn is a change of the state of the check's finding.
type turn struct {
	at     time.Time
	state  findings.State
	reason string
}

const (
	sqlAgentOf = `SELECT tenant_id, id FROM agents WHERE public_id = $1`

	sqlSpans = `
SELECT verdict, rule_version, since, ended FROM (
    SELECT verdict, rule_version, since, NULL::timestamptz AS ended FROM verdicts WHERE tenant_id = $1 AND agent_id = $2 AND check_id = $3
    UNION ALL
    SELECT verdict, rule_version, since, ended FROM verdicts_past WHERE tenant_id = $1 AND agent_id = $2 AND check_id = $3) v
 ORDER BY since DESC LIMIT $4`

	sqlTurns = `
SELECT x.at, x.state, x.reason FROM findings f JOIN finding_transitions x ON x.tenant_id = f.tenant_id AND x.finding_id = f.id
 WHERE f.tenant_id = $1 AND f.agent_id = $2 AND f.kind = 'check' AND f.subject = $3 ORDER BY x.seq`
)

// History gives what a check has said of an agent that the scope sees, the youngest first.
func (s *Service) History(ctx context.Context, scope access.Scope, agent uuid.UUID, check string) (past []Span, err error) {
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var tenant, id int32
		err := tx.QueryRow(ctx, sqlAgentOf, agent).Scan(&tenant, &id)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "there is no such agent")
		}
		if err != nil {
			return fmt.Errorf("find agent: %w", err)
		}
		rows, err := tx.Query(ctx, sqlSpans, tenant, id, check, historyMax)
		if err != nil {
			return fmt.Errorf("list verdicts of agent: %w", err)
		}
		spans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (span Span, err error) {
			var until *time.Time
			err = row.Scan(&span.Verdict, &span.RuleVersion, &span.Since, &until)
			if until != nil {
				span.Until = *until
			}
			return span, err
		})
		if err != nil {
			return fmt.Errorf("list verdicts of agent: %w", err)
		}
		rows, err = tx.Query(ctx, sqlTurns, tenant, id, check)
		if err != nil {
			return fmt.Errorf("list turns of finding: %w", err)
		}
		turns, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t turn, err error) {
			err = row.Scan(&t.at, &t.state, &t.reason)
			return t, err
		})
		if err != nil {
			return fmt.Errorf("list turns of finding: %w", err)
		}
		slices.Reverse(spans)
		past = waivedSpans(spans, turns)
		slices.Reverse(past)
		return nil
	})
	return past, err
}

// waivedSpans cuts failures where a waiver began or ended to hold. Both lists are the oldest first.
func waivedSpans(spans []Span, turns []turn) []Span {
	var out []Span
	state, reason, next := findings.Open, "", 0
	for _, s := range spans {
		for ; next < len(turns) && !turns[next].at.After(s.Since); next++ { // before the span, or at its begin
			state, reason = turns[next].state, turns[next].reason
		}
		if s.Verdict != frameworks.Fail {
			out = append(out, s)
			continue
		}
		whole := s
		part := func(since time.Time) Span {
			p := whole
			p.Since = since
			if state == findings.Waived {
				p.Verdict, p.Reason = Waived, reason
			}
			return p
		}
		now := part(s.Since)
		for ; next < len(turns) && (whole.Until.IsZero() || turns[next].at.Before(whole.Until)); next++ {
			was := state
			state, reason = turns[next].state, turns[next].reason
			if (was == findings.Waived) == (state == findings.Waived) {
				continue
			}
			now.Until = turns[next].at
			out = append(out, now)
			now = part(turns[next].at)
		}
		out = append(out, now)
	}
	return out
}
