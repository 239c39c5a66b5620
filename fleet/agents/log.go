package agents

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
)

const (
	noteMax      = 2048
	noteFactsMax = 20
	notesMax     = 4096 // that wait to be written, of all agents
	notesAtOnce  = 500
	notesEvery   = time.Second
	notesAge     = 30 * 24 * time.Hour // how long lines are kept
	notesKept    = 1000                // of one agent
	pruneEvery   = time.Hour
)

// Line is what an agent reported: its claim, bounded and cleaned.
type Line struct {
	ID       int64
	AgentID  uuid.UUID
	Hostname string
	At       time.Time // when it came
	ToldAt   time.Time // by the agent's clock
	Severity string    // info, warn, error
	Code     string
	Message  string
	Facts    map[string]string
}

// note is a line on its way into the database.
type note struct {
	tenant, agent int32
	Line
}

// Noted takes a line that an agent has for the fleet's operators. Where more come than can be written, lines are dropped
// and counted.
func (s *Service) Noted(ctx context.Context, identity Identity, line protocol.Log) {
	n := note{tenant: identity.Tenant, agent: identity.Key, Line: Line{AgentID: identity.ID, ToldAt: line.At, Severity: "info",
		Code: cleanLine(line.Code, tagMax), Message: cleanLine(line.Message, noteMax), Facts: map[string]string{}}}
	level := slog.LevelInfo
	switch line.Severity {
	case "warn":
		level, n.Severity = slog.LevelWarn, "warn"
	case "error":
		level, n.Severity = slog.LevelError, "error"
	}
	if skew := s.Now().Sub(line.At).Abs(); skew > 366*24*time.Hour {
		n.ToldAt = s.Now() // a clock so wrong says nothing, and may not fit into the database
	}
	var facts []any
	for name, value := range line.Facts {
		if len(facts) < noteFactsMax {
			name, value = cleanLine(name, tagMax), cleanLine(value, noteMax)
			facts = append(facts, slog.String(name, value))
			n.Facts[name] = value
		}
	}
	s.Log.Log(ctx, level, "an agent reports", "tenant_id", identity.TenantID, "agent_id", identity.ID, "code", n.Code,
		"at", line.At, "message", n.Message, slog.Group("facts", facts...))
	select {
	case s.notes <- n:
	default:
		s.notesDropped.Add(1)
	}
}

// keepNotes writes lines as they come, and removes old ones, until ctx ends.
func (s *Service) keepNotes(ctx context.Context) error {
	write, prune := time.NewTicker(notesEvery), time.NewTicker(pruneEvery)
	defer write.Stop()
	defer prune.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := s.writeNotes(last); err != nil {
				s.Log.WarnContext(ctx, "the last lines of agents were not written", "err", err)
			}
			return ctx.Err()
		case <-write.C:
			err = s.writeNotes(ctx)
		case <-prune.C:
			err = s.pruneNotes(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "lines of agents", "err", err)
		}
		if n := s.notesDropped.Swap(0); n > 0 {
			s.Log.WarnContext(ctx, "lines of agents were dropped: more came than could be written", "lines", n)
		}
	}
}

const sqlPutNotes = `
INSERT INTO agent_log (tenant_id, agent_id, at, told_at, severity, code, message, facts)
SELECT n.* FROM unnest($1::int[], $2::int[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::jsonb[]) AS n`

// writeNotes writes what waits.
func (s *Service) writeNotes(ctx context.Context) error {
	for {
		var batch []note
	gather:
		for len(batch) < notesAtOnce {
			select {
			case n := <-s.notes:
				batch = append(batch, n)
			default:
				break gather
			}
		}
		if len(batch) == 0 {
			return nil
		}
		var tenants []int32
		for _, n := range batch {
			if !slices.Contains(tenants, n.tenant) {
				tenants = append(tenants, n.tenant)
			}
		}
		err := s.DB.InTenants(ctx, tenants, access.Actor{Kind: access.KindSystem, Name: "agents"}, func(ctx context.Context, tx *postgres.Tx) error {
			var t, a []int32
			var at, told []time.Time
			var severity, code, message []string
			var facts []map[string]string
			for _, n := range batch {
				t, a, at, told = append(t, n.tenant), append(a, n.agent), append(at, tx.Now), append(told, n.ToldAt)
				severity, code, message, facts = append(severity, n.Severity), append(code, n.Code), append(message, n.Message), append(facts, n.Facts)
			}
			_, err := tx.Exec(ctx, sqlPutNotes, t, a, at, told, severity, code, message, facts)
			return err
		})
		if err != nil {
			return fmt.Errorf("write lines of agents: %w", err)
		}
	}
}

const (
	sqlOldNotes  = `DELETE FROM agent_log WHERE tenant_id = ANY($1::int[]) AND at < $2`
	sqlManyNotes = `
DELETE FROM agent_log l USING (
    SELECT tenant_id, agent_id, (array_agg(id ORDER BY id DESC))[$2] AS newest FROM agent_log WHERE tenant_id = ANY($1::int[])
     GROUP BY tenant_id, agent_id HAVING count(*) > $2) m
 WHERE l.tenant_id = m.tenant_id AND l.agent_id = m.agent_id AND l.id < m.newest`
)

// pruneNotes removes lines that are old, or more than are kept of one agent.
func (s *Service) pruneNotes(ctx context.Context) error {
	tenants, err := s.DB.Subtree(ctx, postgres.RootTenant)
	if err != nil {
		return err
	}
	for _, tenant := range tenants {
		err := s.DB.InTenants(ctx, []int32{tenant}, access.Actor{Kind: access.KindSystem, Name: "agents"}, func(ctx context.Context, tx *postgres.Tx) error {
			if _, err := tx.Exec(ctx, sqlOldNotes, tx.Scope.Visible, s.Now().Add(-notesAge)); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, sqlManyNotes, tx.Scope.Visible, notesKept)
			return err
		})
		if err != nil {
			return fmt.Errorf("remove old lines of agents: %w", err)
		}
	}
	return nil
}

// LineFilter narrows a list of lines. Zero values do not filter.
type LineFilter struct {
	Agent    *int32
	Severity string
	Code     string
	Before   int64 // id
	Limit    int
}

const sqlListNotes = `
SELECT l.id, a.public_id, a.hostname, l.at, l.told_at, l.severity, l.code, l.message, l.facts
  FROM agent_log l JOIN agents a ON a.tenant_id = l.tenant_id AND a.id = l.agent_id
 WHERE l.tenant_id = ANY($1::int[]) AND ($2::int IS NULL OR l.agent_id = $2) AND ($3 = '' OR l.severity = $3) AND ($4 = '' OR l.code = $4)
   AND ($5 = 0 OR l.id < $5)
 ORDER BY l.id DESC LIMIT $6`

// listNotes gives lines of the scope's visible tenants, the youngest first.
func listNotes(ctx context.Context, tx *postgres.Tx, f LineFilter) ([]Line, error) {
	rows, err := tx.Query(ctx, sqlListNotes, tx.Scope.Visible, f.Agent, f.Severity, f.Code, f.Before, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list lines of agents: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Line])
	if err != nil {
		return nil, fmt.Errorf("list lines of agents: %w", err)
	}
	return found, nil
}
