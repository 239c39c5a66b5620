//go:build linux

// Command judge measures what judging costs while nothing changes, and how long one change takes to be an alert: checks
// times simulated agents whose state is stored and stays, and one agent that changes a row.
//
// Usage: go run ./scripts/bench/judge [-agents 10000] [-checks 500] [-seconds 60]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/tenantra/tenantra/fleet/alerts"
	"github.com/tenantra/tenantra/fleet/compliance"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/jobs"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/scripts/bench/processes"
)

func main() {
	agents := flag.Int("agents", 10_000, "agents, in five tenants")
	checks := flag.Int("checks", 500, "checks, each of which every agent has told and passes")
	seconds := flag.Int("seconds", 60, "of each measurement")
	flag.Parse()
	if err := run(*agents, *checks, time.Duration(*seconds)*time.Second); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
}

// warmUp is the time in which judges have looked at everything once, as they do when a server starts.
const warmUp = 5 * time.Second

func run(agents, checks int, window time.Duration) error {
	dir, err := os.MkdirTemp("", "tenantra-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b, err := newBench(ctx, dir, checks)
	if err != nil {
		return err
	}
	defer b.private.Stop()
	began := time.Now()
	if err := b.fill(ctx, agents); err != nil {
		return err
	}
	fmt.Printf("%d agents in %d tenants, %d checks: %d verdicts, made in %.0f s\n", agents, tenantCount, checks, agents*checks, time.Since(began).Seconds())

	judging, err := b.judges()
	if err != nil {
		return err
	}
	defer judging.close()
	e, err := b.enroll(ctx)
	if err != nil {
		return err
	}
	stop := start(ctx, b.store.Run)
	if err := b.tellAll(ctx, e, judging.runner); err != nil {
		return err
	}
	mark, err := b.mark(ctx)
	if err != nil {
		return err
	}

	idle := over(window)
	judging.keep = 24 * time.Hour
	stopJudges := start(ctx, judging.work()...)
	time.Sleep(warmUp)
	judged := over(window)
	if err := stopJudges(); err != nil {
		return err
	}
	before := processes.CPU(os.Getpid())
	if err := judging.compliance.KeepScores(ctx, b.tenantIDs()); err != nil {
		return err
	}
	hourly := processes.CPU(os.Getpid()) - before
	share := 100 * (judged - idle).Seconds() / window.Seconds()
	scores := 100 * hourly.Seconds() / time.Hour.Seconds()
	fmt.Printf("CPU of server and PostgreSQL in %s: %.2f s without judges, %.2f s with them\n", window, idle.Seconds(), judged.Seconds())
	fmt.Printf("judging unchanged agents: %.2f %% of a core, and %.2f %% for the scores kept every hour (%.2f s)\n", share, scores, hourly.Seconds())
	written, err := b.writtenSince(ctx, mark)
	if err != nil {
		return err
	}
	fmt.Printf("verdicts written meanwhile: %d\n", written)
	if written != 0 || share+scores >= 2 {
		err = errors.New("wanted: no verdict written, and judging below 2 % of a core")
	}

	stopJudges = start(ctx, judging.work()...)
	changed, failure := b.change(ctx, e, judging, mark)
	if failure != nil {
		return failure
	}
	fmt.Printf("one changed row: %d verdict written, its notice kept for sending after %.0f ms\n", changed.verdicts, changed.after.Seconds()*1000)
	if changed.verdicts != 1 || changed.after >= 5*time.Second {
		err = errors.Join(err, errors.New("wanted: the one dependent verdict, and its notice in less than 5 s"))
	}
	return errors.Join(err, stopJudges(), stop())
}

// over gives the CPU of this process and of PostgreSQL over a time.
func over(window time.Duration) time.Duration {
	before := processes.CPU(os.Getpid())
	time.Sleep(window)
	return processes.CPU(os.Getpid()) - before
}

// start runs work until the function that it gives is called.
func start(ctx context.Context, work ...func(context.Context) error) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, len(work))
	for _, w := range work {
		go func() { ended <- w(ctx) }()
	}
	return func() (err error) {
		cancel()
		for range work {
			if e := <-ended; !errors.Is(e, context.Canceled) {
				err = errors.Join(err, e)
			}
		}
		return err
	}
}

// judging is what a server runs to judge.
type judging struct {
	bench      *bench
	compliance *compliance.Service
	runner     *findings.Runner
	jobs       *jobs.Runner
	told       chan alerts.Notification
	keep       time.Duration
	close      func()
}

func (j *judging) work() []func(context.Context) error {
	upkeep := func(ctx context.Context) error {
		return j.compliance.Upkeep(ctx, compliance.UpkeepConfig{Keep: j.keep, Log: slog.Default(), Tenants: func(context.Context) ([]int32, error) { return j.bench.tenantIDs(), nil }})
	}
	return []func(context.Context) error{j.runner.Run, upkeep, j.jobs.Run}
}

// outcome is what one change led to.
type outcome struct {
	verdicts int
	after    time.Duration
}

// change has the agent tell another row of one collection, and waits for the notice of its alert.
func (b *bench) change(ctx context.Context, e *endpoint, j *judging, since mark) (outcome, error) {
	begin := time.Now()
	if err := b.tell(ctx, e, 0, "/bin/evil"); err != nil {
		return outcome{}, err
	}
	select {
	case <-j.told:
	case <-time.After(time.Minute):
		return outcome{}, errors.New("nobody was told of the change within a minute")
	}
	out := outcome{after: time.Since(begin)}
	var err error
	out.verdicts, err = b.writtenSince(ctx, since)
	return out, err
}

// wake has the runner judge what was stored.
func (b *bench) wake(stored []rows.Stored) {
	if b.onStored != nil {
		b.onStored(stored)
	}
}
