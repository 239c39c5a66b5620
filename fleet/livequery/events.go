package livequery

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/bus"
)

// busKind is the subject's kind of live query messages; their id is the query's.
const busKind = "livequery"

// notice tells other servers' watchers and streams that something is there to be read: ids, never rows. It says that a part of
// an answer is stored, that an agent's line changed, or that the campaign ended. A message holds some.
type notice struct {
	Tenant int32 `json:"tenant,omitempty"`
	Agent  int32 `json:"agent,omitempty"`
	Part   int   `json:"part"`
	Rows   bool  `json:"rows,omitempty"`
	Bytes  int   `json:"bytes,omitempty"` // of the rows
	Final  bool  `json:"final,omitempty"`
	Done   bool  `json:"done,omitempty"`
}

// announce runs after the commit of parts. Thousands of agents answer within a second, so it tells of all parts of a campaign
// and a tenant at once.
func (s *Service) announce(group []*answer) {
	type subject struct{ tenant, query uuid.UUID }
	told := map[subject][]notice{}
	for _, a := range group {
		about := subject{a.from.TenantID, a.query}
		told[about] = append(told[about],
			notice{Tenant: a.from.Tenant, Agent: a.from.Agent, Part: a.header.Part, Rows: a.rowCount > 0, Bytes: len(a.rows), Final: a.header.Final})
	}
	for about, notices := range told {
		s.publish(context.Background(), about.tenant, about.query, notices...)
	}
}

// listen has handle called for each notice of a campaign.
func (s *Service) listen(query uuid.UUID, handle func(notice)) (unsubscribe func(), err error) {
	return s.Bus.Subscribe("*", busKind, query.String(), func(m bus.Message) {
		var notices []notice
		if json.Unmarshal(m.Body, &notices) != nil {
			return
		}
		for _, n := range notices {
			handle(n)
		}
	})
}

// watch ends a campaign once the last connected agent answered. It runs on the server that asked; should that server
// die, the sweep ends the campaign at its deadline. The subscription stands before the question is sent.
func (s *Service) watch(ctx context.Context, scope access.Scope, q *Query, targets []TargetAgent) error {
	awaited := make(map[int32]bool, len(targets))
	for _, t := range targets {
		if t.Online {
			awaited[t.ID] = true
		}
	}
	finals := make(chan int32, len(awaited)+1)
	unsubscribe, err := s.listen(q.ID, func(n notice) {
		if !n.Final && !n.Done {
			return
		}
		select {
		case finals <- n.Agent: // Done comes without an agent, as 0
		default: // more messages than agents: repetitions
		}
	})
	if err != nil {
		return fmt.Errorf("watch live query: %w", err)
	}
	go func() {
		defer unsubscribe()
		deadline := time.NewTimer(time.Until(q.Deadline))
		defer deadline.Stop()
		for len(awaited) > 0 {
			select {
			case agent := <-finals:
				if agent == 0 {
					return
				}
				delete(awaited, agent)
			case <-deadline.C:
				return
			}
		}
		if err := s.finish(ctx, scope, q, Done, TimedOut, "did not answer in time"); err != nil {
			s.Log.WarnContext(ctx, "live query could not be ended", "query_id", q.ID, "err", err)
		}
	}()
	return nil
}

func (s *Service) announceDone(q *Query) {
	s.publish(context.Background(), s.DB.Installation(), q.ID, notice{Done: true})
}

// publish is best effort: a stream that misses a message reads the ledger again soon.
func (s *Service) publish(ctx context.Context, tenant uuid.UUID, query uuid.UUID, notices ...notice) {
	body, err := json.Marshal(notices)
	if err == nil {
		err = s.Bus.Publish(ctx, tenant, busKind, query.String(), body)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "live query event was not published", "query_id", query, "err", fmt.Errorf("publish: %w", err))
	}
}
