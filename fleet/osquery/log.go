package osquery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

// log takes a log post. It returns once all of it is committed; an error says that none of it counts as told.
func (s *Service) log(ctx context.Context, key string, n node, r logRequest) error {
	s.Agents.Seen(n.Identity, nil, -1)
	switch r.Type {
	case "result", "snapshot":
		return s.results(ctx, key, n, r.Data)
	case "status":
		s.statuses(ctx, n, r.Data)
		return nil
	default:
		return &protocol.Error{Code: protocol.CodeInvalid, Message: "log_type is result or status"}
	}
}

// statuses keeps warnings and errors of osqueryd in the agent's log.
func (s *Service) statuses(ctx context.Context, n node, lines []record) {
	for _, l := range lines {
		severity := ""
		switch {
		case l.Severity == 1:
			severity = "warn"
		case l.Severity >= 2:
			severity = "error"
		default:
			continue
		}
		at := s.Now()
		if l.UnixTime > 0 {
			at = time.Unix(int64(l.UnixTime), 0)
		}
		s.Agents.Noted(ctx, n.Identity, protocol.Log{At: at, Severity: severity, Code: "osquery_status", Message: l.Message,
			Facts: map[string]string{"file": l.File, "line": strconv.FormatInt(int64(l.Line), 10)}})
	}
}

// dropped counts what of a post cannot be stored, ever: sending it again would not help, so the post is taken all the same.
type dropped struct {
	lines   int
	reasons []string
}

func (d *dropped) add(lines int, reason string) {
	if d.lines += lines; len(d.reasons) < 5 {
		d.reasons = append(d.reasons, reason)
	}
}

// results stores lines of results.
func (s *Service) results(ctx context.Context, key string, n node, lines []record) error {
	var lost dropped
	lines, err := s.ownLines(n, lines, &lost)
	if err != nil {
		return err
	}
	runs, unknown := runsOf(lines)
	if unknown > 0 {
		lost.add(unknown, "lines without a result")
	}
	batches, err := s.batches(ctx, n, runs, &lost)
	if err != nil {
		return err
	}
	resync, err := s.store(ctx, n, batches, &lost)
	if err != nil {
		return err
	}
	if lost.lines > 0 {
		s.Agents.Noted(ctx, n.Identity, protocol.Log{At: s.Now(), Severity: "warn", Code: "osquery_lines_dropped",
			Message: fmt.Sprintf("%d lines or runs of a log post were not stored: %s", lost.lines, strings.Join(lost.reasons, "; "))})
	}
	if !resync || s.Now().Sub(time.Unix(n.epoch, 0)) < epochAge {
		return nil
	}
	s.forget(key)
	return s.putEpoch(ctx, n)
}

// ownLines gives the lines of the node's own host. Lines of another mean that two endpoints share the key, as after a copy:
// each enrols anew then. Only a node that has just enrolled may still have lines of the name that its host had before.
func (s *Service) ownLines(n node, lines []record, lost *dropped) ([]record, error) {
	var own []record
	for _, l := range lines {
		if l.Host == "" || l.Host == n.host {
			own = append(own, l)
		}
	}
	if foreign := len(lines) - len(own); foreign > 0 {
		if s.Now().Sub(n.enrolled) > renameAge {
			return nil, errInvalidNode
		}
		lost.add(foreign, "lines of another host_identifier")
	}
	return own, nil
}

// batches makes a batch of each run whose query is in the node's configuration.
func (s *Service) batches(ctx context.Context, n node, runs []*run, lost *dropped) ([]*rows.Batch, error) {
	config, _, err := s.Configs.Config(ctx, n.Identity)
	if err != nil {
		return nil, err
	}
	platform, err := tables.ParsePlatforms(n.Platform)
	if err != nil {
		return nil, fmt.Errorf("platform of agent %s: %w", n.ID, err)
	}
	allowed, err := tables.ParseClass(config.AllowedClass)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	sender := rows.Sender{Tenant: n.Tenant, Agent: n.Key, TenantID: n.TenantID, AgentID: n.ID}
	var out []*rows.Batch
	for _, one := range runs {
		query, ok := find(config.Queries, one.name)
		if !ok {
			lost.add(1, fmt.Sprintf("query %.200q is in no configuration", one.name))
			continue
		}
		p := s.plan(query.SQL, platform)
		if reason := withheld(p, config.DisabledTables, allowed); reason != "" {
			lost.add(1, query.Collection+" "+reason)
			continue
		}
		r, err := p.relayed(query, one, s.Now())
		if err != nil {
			lost.add(1, fmt.Sprintf("query %s: %v", query.Collection, err))
			continue
		}
		b, refused := rows.Relay(sender, r, s.Now())
		if refused != nil {
			lost.add(1, fmt.Sprintf("query %s: %s", query.Collection, refused.Message))
			continue
		}
		if busy := spend(ctx, s.activity(n.ID).rows, len(r.Added)+len(r.Removed)); busy != nil {
			return nil, busy
		}
		if busy := s.SpendRows(ctx, n.Tenant, len(r.Added)+len(r.Removed)); busy != nil {
			return nil, busy
		}
		out = append(out, b)
	}
	return out, nil
}

// find gives the query that a result's name means. Queries are in the order of their collections: a node has hundreds, and
// posts come by the thousand a second.
func find(queries []protocol.ConfigQuery, name string) (protocol.ConfigQuery, bool) {
	for _, collection := range collectionsOf(name) {
		i, ok := slices.BinarySearchFunc(queries, collection, func(q protocol.ConfigQuery, c string) int { return strings.Compare(q.Collection, c) })
		if ok {
			return queries[i], true
		}
	}
	return protocol.ConfigQuery{}, false
}

// relayed brings a run into the form in which rows are stored.
func (p *plan) relayed(query protocol.ConfigQuery, one *run, now time.Time) (rows.Relayed, error) {
	r := rows.Relayed{Collection: query.Collection, Version: p.version, Mode: protocol.ModeDifferential, Epoch: one.epoch, Counter: one.counter, At: now}
	switch {
	case one.snapshot:
		r.Mode = protocol.ModeSnapshot
	case query.Mode == protocol.ModeAppend:
		r.Mode, one.removed = protocol.ModeAppend, nil
	}
	if at := time.Unix(one.at, 0); one.at > 0 && at.Before(now) {
		r.At = at
	}
	r.Columns = p.shape(one.added, one.removed)
	var err error
	if r.Added, err = p.values(r.Columns, one.added); err != nil {
		return r, err
	}
	r.Removed, err = p.values(r.Columns, one.removed)
	return r, err
}

// sizeOf is how many bytes of results a batch holds.
func sizeOf(b *rows.Batch) (size int) {
	for _, row := range b.Added {
		size += len(row.Value)
	}
	return size + len(b.Removed)*len(diff.Hash{})
}

// store writes batches in their order and waits for their commits. It tells whether the node has to tell all anew.
func (s *Service) store(ctx context.Context, n node, batches []*rows.Batch, lost *dropped) (resync bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	type end struct {
		result rows.Result
		err    error
	}
	ends := make(chan end, len(batches))
	session := &rows.Session{}
	sent := 0
	for _, b := range batches {
		changes, size := len(b.Added)+len(b.Removed), sizeOf(b)
		err = s.Rows.Submit(ctx, session, b, func(r rows.Result, err error) {
			if err == nil && r.Refused == nil && !r.Repeated && s.Counted != nil {
				s.Counted(n.Tenant, changes, size)
			}
			ends <- end{r, err}
		})
		if err != nil {
			break
		}
		sent++
	}
	for range sent {
		select {
		case e := <-ends:
			if e.err != nil {
				err = e.err
			}
			if e.result.Refused != nil {
				lost.add(1, e.result.Refused.Message)
			}
			resync = resync || e.result.Resync
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	if errors.Is(err, rows.ErrBusy) || errors.Is(err, rows.ErrBroken) {
		return false, &protocol.Error{Code: protocol.CodeBusy, Message: "the rows were not stored: send them again", RetryMillis: 2000}
	}
	if err != nil {
		return false, fmt.Errorf("store rows of agent %s: %w", n.ID, err)
	}
	return resync, nil
}
