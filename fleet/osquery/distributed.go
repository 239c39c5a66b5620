package osquery

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/livequery"
	"github.com/tenantra/tenantra/tables"
)

// writeRequest is the body of answers to live queries, by the query's id.
type writeRequest struct {
	NodeKey  string             `json:"node_key"`
	Queries  map[string]rowList `json:"queries"`
	Statuses map[string]whole   `json:"statuses"` // 0 well
	Messages map[string]string  `json:"messages"`
	Stats    map[string]struct {
		WallTime whole `json:"wall_time_ms"`
		UserTime whole `json:"user_time"`
	} `json:"stats"`
}

func from(n node) livequery.From {
	return livequery.From{Agent: n.Key, Tenant: n.Tenant, AgentID: n.ID, TenantID: n.TenantID}
}

// read gives the questions that a node has not been handed yet, by their ids.
func (s *Service) read(ctx context.Context, n node) (map[string]string, error) {
	s.Agents.Seen(n.Identity, nil, -1)
	if !s.looks(n.ID) {
		return nil, nil
	}
	questions, err := s.Live.Poll(ctx, from(n))
	if err != nil {
		s.wake(n.ID)
		return nil, err
	}
	asked := make(map[string]string, len(questions))
	for _, q := range questions {
		asked[q.ID.String()] = q.SQL
	}
	if err := s.askScans(ctx, n, asked); err != nil {
		s.wake(n.ID)
		return nil, err
	}
	return asked, nil
}

// write takes answers and returns once they are committed. What nobody awaits is dropped.
func (s *Service) write(ctx context.Context, key string, n node, r writeRequest) error {
	s.Agents.Seen(n.Identity, nil, -1)
	platform, err := tables.ParsePlatforms(n.Platform)
	if err != nil {
		return fmt.Errorf("platform of agent %s: %w", n.ID, err)
	}
	open, err := s.Live.Open(ctx, from(n))
	if err != nil {
		return err
	}
	for _, q := range open {
		id := q.ID.String()
		list, answered := r.Queries[id]
		status, told := r.Statuses[id]
		if !answered && !told {
			continue
		}
		if err := s.answer(ctx, n, q.ID, s.plan(q.SQL, platform), list, status, r.Messages[id], int64(max(r.Stats[id].WallTime, 0))); err != nil {
			return err
		}
	}
	return s.takeScans(ctx, key, n, r)
}

// answer stores one answer, in parts where it is long.
func (s *Service) answer(ctx context.Context, n node, query uuid.UUID, p *plan, list []map[string]any, status whole, message string, millis int64) error {
	header := protocol.AnswerHeader{QueryID: query.String(), Timestamp: s.Now(), Columns: p.shape(list)}
	values, err := p.values(header.Columns, list)
	switch {
	case status != 0:
		values = nil
		if message == "" {
			message = "osquery could not run the statement"
		}
	case err != nil:
		status, values, message = 1, nil, "the answer cannot be stored: "+err.Error()
	}
	for {
		part := values[:min(len(values), partRows)]
		values = values[len(part):]
		header.RowCount, header.Final = len(part), len(values) == 0
		if header.Final {
			header.Execution = protocol.Execution{DurationMS: millis}
			switch {
			case status != 0:
				header.Outcome, header.Error = protocol.OutcomeFailed, message
			case header.Part > 0 || len(part) > 0:
				header.Outcome = protocol.OutcomeRows
			default:
				header.Outcome = protocol.OutcomeNoRows
			}
		}
		if busy := s.SpendRows(ctx, n.Tenant, len(part)); busy != nil {
			return busy
		}
		if err := s.Live.Answer(ctx, from(n), header, part); err != nil {
			return err
		}
		if header.Final {
			return nil
		}
		header.Part++
	}
}
