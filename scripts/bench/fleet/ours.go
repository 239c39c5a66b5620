//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

// simulation is the agents of our own protocol.
type simulation struct {
	*fleet
	agents   []*agent
	configs  atomic.Int64
	retried  atomic.Int64 // connections that did not come about
	failures failures
	drops    failures
	wanted   atomic.Int64 // rows that the fleet must know in the end
}

// ours runs the phases with our own protocol.
func (f *fleet) ours(ctx context.Context) error {
	s := &simulation{fleet: f}
	for i := range f.options.agents {
		a, err := newAgent(i, &s.configs, &s.failures, &s.drops)
		if err != nil {
			return err
		}
		s.agents = append(s.agents, a)
	}
	err := f.enrolAll(ctx, func(ctx context.Context, web *http.Client, i int) error {
		return s.agents[i].enrol(ctx, web, f.base, f.secrets[i%len(f.secrets)])
	})
	if err != nil || f.enrolsOnly() {
		return err
	}
	alive, stop := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() { keepAlive(alive, s.agents, &s.failures) })
	defer func() {
		stop()
		keeping.Wait()
		for _, a := range s.agents {
			if a.conn != nil {
				a.conn.Close()
			}
		}
	}()
	phases := []struct {
		name string
		run  func(context.Context) error
	}{{"live", s.live}, {"quiet", s.quiet}, {"ingest", s.ingest}}
	if err := s.grow(ctx); err != nil {
		return err
	}
	for _, phase := range phases {
		if err := f.phase(ctx, phase.name, phase.run); err != nil {
			return err
		}
	}
	if err := s.failures.err(); err != nil {
		return err
	}
	if err := s.drops.err(); err != nil {
		fmt.Printf("\nconnections that the server ended, after which agents sent again what was not acknowledged: %v\n", err)
	}
	return s.verify(ctx, s.wanted.Load())
}

// verify compares what is stored with what was acknowledged.
func (f *fleet) verify(ctx context.Context, wanted int64) error {
	rows, copies, err := f.database.current(ctx, collection)
	if err != nil {
		return err
	}
	if rows != wanted || copies != wanted {
		return fmt.Errorf("acknowledged were %d rows; stored are %d, in %d copies", wanted, rows, copies)
	}
	fmt.Printf("\n%d rows were acknowledged as the agents' state; each is stored once\n", wanted)
	return nil
}

// stages are the sizes of the fleet at which its cost is taken.
func (f *fleet) stages() []int {
	if !f.does("curve") {
		return []int{f.options.agents}
	}
	var stages []int
	for _, n := range []int{100, 1_000, 10_000} {
		if n < f.options.agents {
			stages = append(stages, n)
		}
	}
	return append(stages, f.options.agents)
}

// grow connects the agents, and takes the cost of the fleet at each stage.
func (s *simulation) grow(ctx context.Context) error {
	if s.does("curve") {
		base, err := s.usual(ctx, nil)
		if err != nil {
			return err
		}
		fmt.Printf("\nwithout agents: %.1f ms of CPU a second (server %.1f, PostgreSQL %.1f)\n", ms(base.cpu())/s.window.Seconds(), ms(base.server)/s.window.Seconds(), ms(base.database)/s.window.Seconds())
	}
	connected := 0
	for _, n := range s.stages() {
		started := time.Now()
		group, groupCtx := errgroup.WithContext(ctx)
		group.SetLimit(connecting)
		for _, a := range s.agents[connected:n] {
			group.Go(func() error { return s.connect(groupCtx, a) })
		}
		if err := group.Wait(); err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		if err := until(ctx, 5*time.Minute, func() bool { return s.configs.Load() >= int64(n) }); err != nil {
			return fmt.Errorf("%d of %d agents have their configuration: %w", s.configs.Load(), n, err)
		}
		fmt.Printf("\nconnected and configured: %.0f agents/s; %d connections had to be tried again\n", float64(n-connected)/time.Since(started).Seconds(), s.retried.Load())
		connected = n
		if err := s.reportMemory(n); err != nil {
			return err
		}
		if !s.does("curve") {
			continue
		}
		spent, err := s.usual(ctx, s.agents[:n])
		if err != nil {
			return err
		}
		each := float64(n) * s.window.Minutes()
		fmt.Printf("%d agents, a heartbeat each 10 s, 10 changes each 30 s: %.2f ms of CPU an agent and minute (server %.2f, PostgreSQL %.2f)\n",
			n, ms(spent.cpu())/each, ms(spent.server)/each, ms(spent.database)/each)
	}
	return s.failures.err()
}

// connect connects an agent, again as an agent does where the machine was too busy for the time that a hello may take.
func (s *simulation) connect(ctx context.Context, a *agent) (err error) {
	for try := range 10 {
		if err = a.connect(ctx, s.fleet); err == nil || ctx.Err() != nil {
			return err
		}
		s.retried.Add(1)
		if err := pause(ctx, time.Duration(try+1)*500*time.Millisecond); err != nil {
			return err
		}
	}
	return err
}

// until waits for something that should come soon.
func until(ctx context.Context, most time.Duration, done func() bool) error {
	deadline := time.NewTimer(most)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return fmt.Errorf("not within %s", most)
		case <-tick.C:
		}
	}
	return nil
}

// usual has agents do what agents do, for the window: a heartbeat each 10 s, a batch of 10 changes each 30 s.
func (s *simulation) usual(ctx context.Context, agents []*agent) (spent, error) {
	const beat, told = 10 * time.Second, 30 * time.Second
	before, err := s.watch(ctx)
	if err != nil {
		return spent{}, err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	for i, a := range agents {
		spread := time.Duration(i) * beat / time.Duration(len(agents))
		group.Go(func() error { return s.behave(groupCtx, a, spread, beat, told) })
	}
	if len(agents) == 0 {
		if err := pause(ctx, s.window); err != nil {
			return spent{}, err
		}
	}
	if err := group.Wait(); err != nil {
		return spent{}, err
	}
	return s.since(ctx, before)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (s *simulation) behave(ctx context.Context, a *agent, spread, beat, told time.Duration) error {
	end := time.Now().Add(s.window)
	if err := pause(ctx, min(spread, s.window)); err != nil {
		return err
	}
	for turn := 0; time.Now().Before(end); turn++ {
		if err := a.heartbeat(); err != nil {
			return err
		}
		if (turn+a.index)%int(told/beat) == 0 {
			if err := s.change(ctx, a); err != nil {
				return err
			}
		}
		if err := pause(ctx, min(beat, time.Until(end))); err != nil {
			return err
		}
	}
	return nil
}

// change has an agent tell five new rows, and that those of the time before are gone, and waits until it is stored.
func (s *simulation) change(ctx context.Context, a *agent) error {
	var added [][]tables.Value
	for n := range 5 {
		added = append(added, row(a.id, int(a.counter+1)*5+n))
	}
	packed, hashes, err := a.batch(added, a.last)
	if err != nil {
		return err
	}
	s.wanted.Add(int64(len(hashes) - len(a.last)))
	a.last = hashes
	if err := a.write(packed); err != nil {
		return err
	}
	return a.acknowledged(ctx)
}

// errEnded tells that the server has ended an agent's connection.
var errEnded = errors.New("the server ended the connection")

// acknowledged waits for the next acknowledgement.
func (a *agent) acknowledged(ctx context.Context) error {
	select {
	case ack := <-a.acks:
		if ack.Refused != nil {
			return ack.Refused
		}
		if ack.Sequence != a.stored+1 {
			return fmt.Errorf("agent %s: batch %d is acknowledged after %d", a.host, ack.Sequence, a.stored)
		}
		a.stored = ack.Sequence
		return nil
	case <-a.ended:
		return errEnded
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(3 * time.Minute):
		return fmt.Errorf("agent %s: batch %d is not acknowledged", a.host, a.sequence)
	}
}

// quiet is what a fleet costs in which nothing changes: all agents send a heartbeat, and what else is written is a mistake.
func (s *simulation) quiet(ctx context.Context) error {
	before, err := s.watch(ctx)
	if err != nil {
		return err
	}
	tables, err := s.database.writes(ctx)
	if err != nil {
		return err
	}
	for _, a := range s.agents {
		if err := a.heartbeat(); err != nil {
			return err
		}
	}
	if err := pause(ctx, s.window); err != nil {
		return err
	}
	spent, err := s.since(ctx, before)
	if err != nil {
		return err
	}
	after, err := s.database.writes(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("\nunchanged state: one heartbeat of each of %d agents in %s: %.0f bytes of WAL a heartbeat, %d commits; rows written:", len(s.agents), s.window,
		float64(spent.wal)/float64(len(s.agents)), spent.commits)
	for name, n := range after {
		if n > tables[name] {
			fmt.Printf(" %s %d", name, n-tables[name])
		}
	}
	fmt.Println()
	return nil
}

// pairs gives agents that send as fast as they may, and as many others of the same tenants.
func (s *simulation) pairs() (first, second []*agent) {
	n := min(s.senders, len(s.agents)/2)
	n = max(n-n%s.tenants, 1) // so that the ith of both is of one tenant
	return s.agents[:n], s.agents[n : 2*n]
}

// ingest measures sustained storing: rows that nobody had, the same rows of others, and changes.
func (s *simulation) ingest(ctx context.Context) error {
	first, second := s.pairs()
	each := s.rows / len(first) / s.batch // batches of an agent
	if each == 0 {
		return fmt.Errorf("%d rows are less than one batch of %d for each of %d senders", s.rows, s.batch, len(first))
	}
	fmt.Printf("\nrows acknowledged after their commit: %d agents at once, %d rows of %d columns a batch\n%-14s %10s %10s %12s %14s %14s %12s %12s\n", len(first), s.batch, len(columns),
		"", "rows", "rows/s", "rows/CPU s", "bytes/row", "with evidence", "commits/row", "WAL/row")
	told := make([][]diff.Hash, len(first)) // what each agent of the first half has, in order
	fill := func(i int) func(a *agent, n int) (packed []byte, err error) {
		return func(a *agent, n int) (packed []byte, err error) {
			var added [][]tables.Value
			for k := range s.batch {
				added = append(added, row(fmt.Sprintf("sender-%d", i), n*s.batch+k))
			}
			packed, hashes, err := a.batch(added, nil)
			if told[i] == nil || len(told[i]) < each*s.batch {
				told[i] = append(told[i], hashes...)
			}
			return packed, err
		}
	}
	churn := func(i int) func(a *agent, n int) (packed []byte, err error) {
		return func(a *agent, n int) (packed []byte, err error) {
			var added [][]tables.Value
			for k := range s.batch / 2 {
				added = append(added, row(fmt.Sprintf("churn-%d", i), n*s.batch+k))
			}
			packed, _, err = a.batch(added, told[i][n*(s.batch/2):(n+1)*(s.batch/2)])
			return packed, err
		}
	}
	for _, phase := range []struct {
		name   string
		agents []*agent
		make   func(i int) func(a *agent, n int) ([]byte, error)
		adds   int64
	}{
		{"new rows", first, fill, int64(s.batch)},
		{"shared rows", second, fill, int64(s.batch)},
		{"changes", first, churn, 0},
	} {
		if err := s.send(ctx, phase.name, phase.agents, each, phase.make); err != nil {
			return fmt.Errorf("%s: %w", phase.name, err)
		}
		s.wanted.Add(phase.adds * int64(each) * int64(len(phase.agents)))
	}
	fmt.Printf("values of a row: %d bytes\n", valueBytes("sender-0", 1000))
	return nil
}

// send prepares each agent's batches, then has all send them, as many at once as the server lets one connection have.
func (s *simulation) send(ctx context.Context, name string, agents []*agent, each int, prepare func(i int) func(a *agent, n int) ([]byte, error)) error {
	const window = 16 // batches of an agent under way; the server takes 32
	all := make([][][]byte, len(agents))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for i, a := range agents {
		group.Go(func() error {
			one := prepare(i)
			for n := range each {
				packed, err := one(a, n)
				if err != nil {
					return err
				}
				all[i] = append(all[i], packed)
			}
			return groupCtx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	before, err := s.watch(ctx)
	if err != nil {
		return err
	}
	started := time.Now()
	group, groupCtx = errgroup.WithContext(ctx)
	for i, a := range agents {
		group.Go(func() error {
			for {
				err := a.deliver(groupCtx, all[i], window)
				if err == nil || !errors.Is(err, errEnded) {
					return err
				}
				a.conn.Close()
				if err := pause(groupCtx, time.Second); err != nil { // as agents back off
					return err
				}
				if err := s.connect(groupCtx, a); err != nil {
					return err
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	took := time.Since(started)
	spent, err := s.since(ctx, before)
	if err != nil {
		return err
	}
	report(name, each*len(agents)*s.batch, took, spent)
	return nil
}

// deliver sends those of the agent's last batches that are not acknowledged.
func (a *agent) deliver(ctx context.Context, batches [][]byte, window int64) error {
	before := a.sequence - int64(len(batches)) // the sequence before the first of them
	for sent := a.stored; sent < a.sequence; sent++ {
		for sent-a.stored >= window {
			if err := a.acknowledged(ctx); err != nil {
				return err
			}
		}
		if a.write(batches[sent-before]) != nil {
			return errEnded // the reader tells why
		}
	}
	for a.stored < a.sequence {
		if err := a.acknowledged(ctx); err != nil {
			return err
		}
	}
	return nil
}

// report prints a line of the table of ingest.
func report(name string, rows int, took time.Duration, s spent) {
	n := float64(rows)
	fmt.Printf("%-14s %10d %10.0f %12.0f %14.1f %14.1f %12.4f %12.0f\n", name, rows, n/took.Seconds(), n/s.cpu().Seconds(), float64(s.rows)/n, float64(s.rows+s.evidence)/n, float64(s.commits)/n, float64(s.wal)/n)
}

// spread gives the times after which shares of all had come, as text.
func spread(times []time.Duration) string {
	slices.Sort(times)
	var out []string
	for _, share := range []int{50, 95, 100} {
		out = append(out, fmt.Sprintf("%d %% after %.2f s", share, times[(len(times)*share-1)/100].Seconds()))
	}
	return strings.Join(out, ", ")
}
