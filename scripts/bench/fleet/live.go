//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/tenantra/tenantra/fleet/client"
)

// everywhere is the scope of the whole installation.
var everywhere = url.Values{"tenant": {"root"}, "recursive": {"true"}}

// live asks all agents a question and watches the answers as an analyst does.
func (s *simulation) live(ctx context.Context) error {
	want := 0
	for _, a := range s.agents {
		want += answerRows(a.index)
	}
	if err := s.waitOnline(ctx); err != nil {
		return err
	}
	return s.ask(ctx, len(s.agents), want)
}

// waitOnline waits until the server has noted that all agents are there: a question goes to those alone.
func (f *fleet) waitOnline(ctx context.Context) error {
	deadline := time.Now().Add(2 * time.Minute)
	for {
		online, err := f.database.online(ctx)
		if err != nil {
			return err
		}
		if online >= f.options.agents {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d agents are online", online, f.options.agents)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// ask asks a question of so many agents, which give so many rows together, and reports when what was there.
func (f *fleet) ask(ctx context.Context, agents, rows int) error {
	var asked struct{ ID string }
	before, err := f.watch(ctx)
	if err != nil {
		return err
	}
	started := time.Now()
	body := map[string]any{"sql": "SELECT 'x' AS host, name, pid AS n FROM processes", "target": map[string]any{}}
	if err := f.admin.Do(ctx, http.MethodPost, "/live-queries", everywhere, body, &asked); err != nil {
		return err
	}
	accepted := time.Since(started)
	var first time.Duration
	var answered []time.Duration
	lines, parts := map[string]int{}, map[string]int{}
	seen := 0
	err = client.Stream(ctx, f.admin, "/live-queries/"+asked.ID+"/stream", everywhere, func(e client.LiveEvent) error {
		switch e.Type {
		case "rows":
			if first == 0 {
				first = time.Since(started)
			}
			var list []json.RawMessage
			if err := json.Unmarshal(e.Rows, &list); err != nil {
				return err
			}
			parts[e.AgentID]++
			seen += len(list)
		case "agent":
			lines[e.AgentID]++
			answered = append(answered, time.Since(started))
		}
		return nil
	})
	if err != nil {
		return err
	}
	ended := time.Since(started)
	spent, err := f.since(ctx, before)
	if err != nil {
		return err
	}
	query, err := client.Get[client.LiveQuery](ctx, f.admin, "/live-queries/"+asked.ID, everywhere)
	if err != nil {
		return err
	}
	twice := 0
	for id, n := range lines {
		if n > 1 || parts[id] > 1 {
			twice++
		}
	}
	fmt.Printf("\nlive query to %d agents: accepted after %.2f s, first row after %.2f s, answered %s, ended after %.2f s; %d answered twice\n"+
		"%.2f ms of CPU an agent (server %.2f, PostgreSQL %.2f)\n",
		agents, accepted.Seconds(), first.Seconds(), spread(answered), ended.Seconds(), twice, ms(spent.cpu())/float64(agents), ms(spent.server)/float64(agents), ms(spent.database)/float64(agents))
	if len(lines) != agents || twice != 0 || seen != rows || query.Counts["with_rows"] != int64(agents) || query.Rows != int64(rows) {
		return fmt.Errorf("the stream has %d agents and %d rows, the ledger %v and %d rows: want %d agents once with %d rows", len(lines), seen, query.Counts, query.Rows, agents, rows)
	}
	stored, err := f.database.answered(ctx, asked.ID)
	if err != nil {
		return err
	}
	fmt.Printf("the last answer was stored %.2f s after the question\n", stored.Seconds())
	return nil
}
