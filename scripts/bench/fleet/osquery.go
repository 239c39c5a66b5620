//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// node is one simulated osqueryd. It keeps one connection, as osqueryd does.
type node struct {
	index   int
	host    string
	key     string
	name    string // under which the collection is scheduled
	epoch   int64
	counter int64
	web     *http.Client
}

// nodes is the osqueryds.
type nodes struct {
	*fleet
	all []*node
}

const osqueryPath = "/api/v1/osquery/"

// osquery runs the phases with osquery's protocol.
func (f *fleet) osquery(ctx context.Context) error {
	s := &nodes{fleet: f}
	for i := range f.options.agents {
		s.all = append(s.all, &node{index: i, host: fmt.Sprintf("host-%05d", i), web: f.web(i)})
	}
	defer func() {
		for _, n := range s.all {
			n.web.CloseIdleConnections()
		}
	}()
	err := f.enrolAll(ctx, func(ctx context.Context, web *http.Client, i int) error {
		return s.all[i].enrol(ctx, web, f.base, f.secrets[i%len(f.secrets)])
	})
	if err != nil || f.enrolsOnly() {
		return err
	}
	started := time.Now()
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(connecting)
	for _, n := range s.all {
		group.Go(func() error { return n.configure(groupCtx, f.base) })
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("read configurations: %w", err)
	}
	fmt.Printf("\nconnected and configured: %.0f nodes/s\n", float64(len(s.all))/time.Since(started).Seconds())
	if err := f.reportMemory(len(s.all)); err != nil {
		return err
	}
	for _, phase := range []struct {
		name string
		run  func(context.Context) error
	}{{"quiet", s.quiet}, {"live", s.live}} {
		if err := f.phase(ctx, phase.name, phase.run); err != nil {
			return err
		}
	}
	return f.phase(ctx, "ingest", func(ctx context.Context) error {
		wanted, err := s.ingest(ctx)
		if err != nil {
			return err
		}
		return f.verify(ctx, wanted)
	})
}

func (n *node) enrol(ctx context.Context, web *http.Client, base, secret string) error {
	body := map[string]any{"enroll_secret": secret, "host_identifier": n.host, "platform_type": "9", "host_details": map[string]any{
		"os_version":   map[string]string{"name": "Debian GNU/Linux", "version": "12 (bookworm)", "platform": "debian", "arch": "x86_64"},
		"osquery_info": map[string]string{"version": "5.12.1"}, "system_info": map[string]string{"hostname": n.host}}}
	for {
		var answer struct {
			Key     string `json:"node_key"`
			Invalid bool   `json:"node_invalid"`
		}
		retry, err := post(ctx, web, base+osqueryPath+"enroll", body, &answer)
		if err != nil {
			return err
		}
		if retry == 0 {
			if n.key = answer.Key; n.key == "" || answer.Invalid {
				return fmt.Errorf("no node key came: %+v", answer)
			}
			return nil
		}
		if err := pause(ctx, retry); err != nil {
			return err
		}
	}
}

// configure reads the configuration over the node's own connection.
func (n *node) configure(ctx context.Context, base string) error {
	var answer struct {
		Options struct {
			Epoch int64 `json:"schedule_epoch"`
		} `json:"options"`
		Schedule map[string]json.RawMessage `json:"schedule"`
	}
	if err := n.post(ctx, base, "config", map[string]string{"node_key": n.key}, &answer); err != nil {
		return err
	}
	n.epoch = answer.Options.Epoch
	for name := range answer.Schedule {
		if strings.HasPrefix(name, collection+"#") {
			n.name = name
		}
	}
	if n.name == "" {
		return fmt.Errorf("%s is not scheduled", collection)
	}
	return nil
}

// post sends a request and reads its answer; a server that is busy is an error.
func (n *node) post(ctx context.Context, base, path string, body, out any) error {
	retry, err := post(ctx, n.web, base+osqueryPath+path, body, out)
	if err == nil && retry > 0 {
		err = fmt.Errorf("%s: the server is busy", path)
	}
	return err
}

// quiet is what nodes cost that have nothing to tell: they ask for questions, and each heartbeat is written.
func (s *nodes) quiet(ctx context.Context) error {
	before, err := s.watch(ctx)
	if err != nil {
		return err
	}
	pollCtx, stop := context.WithTimeout(ctx, s.window)
	defer stop()
	asked, err := s.pollUntil(pollCtx, func(context.Context, *node, map[string]string) error { return nil })
	if err != nil {
		return err
	}
	spent, err := s.since(ctx, before)
	if err != nil {
		return err
	}
	each := float64(len(s.all)) * s.window.Minutes()
	fmt.Printf("\n%d nodes that ask for questions each %s: %.2f ms of CPU a node and minute (server %.2f, PostgreSQL %.2f), %.3f ms a request; %.0f bytes of WAL a request\n",
		len(s.all), s.poll, ms(spent.cpu())/each, ms(spent.server)/each, ms(spent.database)/each, ms(spent.cpu())/float64(asked), float64(spent.wal)/float64(asked))
	return nil
}

// pollUntil has all nodes ask for questions until ctx ends, and hands what they are asked to answer. It gives the number of
// requests.
func (s *nodes) pollUntil(ctx context.Context, answer func(ctx context.Context, n *node, queries map[string]string) error) (int64, error) {
	var asked atomic.Int64
	group := errgroup.Group{}
	for i, n := range s.all {
		group.Go(func() error {
			if pause(ctx, s.poll*time.Duration(i)/time.Duration(len(s.all))) != nil {
				return nil // the time is over
			}
			tick := time.NewTicker(s.poll)
			defer tick.Stop()
			for {
				var told struct {
					Queries map[string]string `json:"queries"`
				}
				err := n.post(context.WithoutCancel(ctx), s.base, "distributed/read", map[string]string{"node_key": n.key}, &told)
				asked.Add(1)
				if err == nil && len(told.Queries) > 0 {
					err = answer(context.WithoutCancel(ctx), n, told.Queries)
				}
				if err != nil {
					return fmt.Errorf("node %d: %w", n.index, err)
				}
				select {
				case <-ctx.Done():
					return nil
				case <-tick.C:
				}
			}
		})
	}
	err := group.Wait()
	return asked.Load(), err
}

// live asks all nodes a question while they poll.
func (s *nodes) live(ctx context.Context) error {
	want := 0
	for _, n := range s.all {
		want += answerRows(n.index)
	}
	pollCtx, stop := context.WithCancel(ctx)
	defer stop()
	polled := make(chan error, 1)
	go func() {
		_, err := s.pollUntil(pollCtx, func(ctx context.Context, n *node, queries map[string]string) error {
			return n.answer(ctx, s.base, queries)
		})
		polled <- err
	}()
	err := s.waitOnline(ctx)
	if err == nil {
		err = s.ask(ctx, len(s.all), want)
	}
	stop()
	if pollErr := <-polled; err == nil {
		err = pollErr
	}
	if err == nil {
		fmt.Printf("(each node asks for questions every %s)\n", s.poll)
	}
	return err
}

func (n *node) answer(ctx context.Context, base string, queries map[string]string) error {
	results, statuses := map[string]any{}, map[string]int{}
	for id := range queries {
		var rows []map[string]string
		for k := range answerRows(n.index) {
			rows = append(rows, map[string]string{"host": n.host, "name": "sshd", "n": fmt.Sprint(k)})
		}
		results[id], statuses[id] = rows, 0
	}
	return n.post(ctx, base, "distributed/write", map[string]any{"node_key": n.key, "queries": results, "statuses": statuses}, &struct{}{})
}

// body is a post of one run's rows in the event format, one line a row. It is made by hand, for this process shares the
// processors with the server.
func (n *node) body(text []byte, family string, from, rows int) []byte {
	now := time.Now()
	text = fmt.Appendf(text[:0], `{"node_key":"%s","log_type":"result","data":[`, n.key)
	for k := range rows {
		if k > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, `{"name":"%s","hostIdentifier":"%s","calendarTime":"%s","unixTime":%d,"epoch":%d,"counter":%d,"numerics":false,"decorations":{"host_uuid":"%s","hostname":"%s"},"columns":{`,
			n.name, n.host, now.UTC().Format("Mon Jan _2 15:04:05 2006 UTC"), now.Unix(), n.epoch, n.counter, n.host, n.host)
		for i, cell := range cells(family, from+k) {
			if i > 0 {
				text = append(text, ',')
			}
			text = fmt.Appendf(text, `"%s":"%s"`, columns[i], cell)
		}
		text = append(text, `},"action":"added"}`...)
	}
	n.counter++
	return append(text, "]}"...)
}

// ingest has nodes post rows as fast as they are taken, one post at a time each, and gives how many were taken.
func (s *nodes) ingest(ctx context.Context) (int64, error) {
	count := min(s.senders, len(s.all)/2)
	count = max(count-count%s.tenants, 1) // so that the ith of both halves is of one tenant
	each := max(s.rows/count/s.batch, 1)
	fmt.Printf("\nrows acknowledged after their commit: %d connections, %d rows of %d columns a post\n%-14s %10s %10s %12s %14s %14s %12s %12s\n", count, s.batch, len(columns),
		"", "rows", "rows/s", "rows/CPU s", "bytes/row", "with evidence", "commits/row", "WAL/row")
	for _, phase := range []struct {
		name  string
		nodes []*node
	}{{"new rows", s.all[:count]}, {"shared rows", s.all[count : 2*count]}} {
		before, err := s.watch(ctx)
		if err != nil {
			return 0, err
		}
		var waited latencies
		started := time.Now()
		group, groupCtx := errgroup.WithContext(ctx)
		for i, n := range phase.nodes {
			group.Go(func() error {
				var text []byte
				for k := range each {
					text = n.body(text, fmt.Sprintf("node-%d", i), k*s.batch, s.batch)
					sent := time.Now()
					if err := n.post(groupCtx, s.base, "log", text, &struct{}{}); err != nil {
						return fmt.Errorf("node %d: %w", n.index, err)
					}
					waited.add(time.Since(sent))
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			return 0, err
		}
		took := time.Since(started)
		spent, err := s.since(ctx, before)
		if err != nil {
			return 0, err
		}
		report(phase.name, each*count*s.batch, took, spent)
		fmt.Printf("  a post: %s\n", spread(waited.all))
	}
	fmt.Printf("values of a row: %d bytes\n", valueBytes("node-0", 1000))
	return int64(2 * each * count * s.batch), nil
}

// latencies collects how long requests took. Safe for concurrent use.
type latencies struct {
	mu  sync.Mutex
	all []time.Duration
}

func (l *latencies) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, d)
}
