//go:build linux

// Command fleet simulates many agents against a real server on a real PostgreSQL: it enrols them, connects them over TLS, has
// them send heartbeats, rows and answers to live queries, and prints what that costs and how fast it goes. The server is a
// process of its own, so that its memory and CPU are its own; this process is the agents, and shares the machine with it.
//
// Usage: go run ./scripts/bench/fleet [-agents 1000] [-protocol ours|osquery] [-only live,ingest] …
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	agents, tenants, senders int
	protocol                 string
	rows, batch              int
	window                   time.Duration
	poll                     time.Duration
	fresh, statements        bool
	profile                  string
	only                     []string
}

func main() {
	var o options
	var only string
	serve := flag.String("serve", "", "be the server, with its data in this directory; this program starts it itself")
	flag.IntVar(&o.agents, "agents", 1000, "agents")
	flag.IntVar(&o.tenants, "tenants", 8, "tenants that the agents are divided among")
	flag.StringVar(&o.protocol, "protocol", "ours", "of the agents: ours or osquery")
	flag.IntVar(&o.senders, "senders", 200, "agents that send rows as fast as they are taken")
	flag.IntVar(&o.rows, "rows", 400_000, "rows that they send in a phase")
	flag.IntVar(&o.batch, "batch", 10, "rows of a batch or post, of 10 columns each")
	flag.DurationVar(&o.window, "window", 30*time.Second, "how long the cost of a quiet fleet is watched")
	flag.DurationVar(&o.poll, "poll", time.Second, "how often an osqueryd asks for questions")
	flag.BoolVar(&o.fresh, "fresh", false, "enrol each agent over a TLS connection of its own, not over 64 that stay open")
	flag.BoolVar(&o.statements, "statements", false, "tell at the end which statements took most of PostgreSQL's time; itself it takes some")
	flag.StringVar(&o.profile, "profile", "", "write CPU profiles of the server to this file, with the name of the phase behind a dot")
	flag.StringVar(&only, "only", "", "phases, separated by commas: enrol (which is always done; alone, nothing else is), curve, live, quiet, ingest; all where it is empty")
	flag.Parse()
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	run := func() error { return o.run(ctx) }
	if *serve != "" {
		run = func() error { return serveChild(ctx, *serve) }
	}
	err := run()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

var phases = []string{"enrol", "curve", "live", "quiet", "ingest"}

func (o *options) check() error {
	for _, name := range o.only {
		if !slices.Contains(phases, name) {
			return fmt.Errorf("there is no phase %q: take of %s", name, strings.Join(phases, ", "))
		}
	}
	if o.protocol != "ours" && o.protocol != "osquery" {
		return fmt.Errorf("protocol %q: take ours or osquery", o.protocol)
	}
	if o.agents < 2 || o.tenants < 1 || o.senders < 1 || o.batch < 2 || o.rows < o.batch {
		return errors.New("it takes two agents, one tenant, one sender and batches of two rows at least")
	}
	return raiseFiles(uint64(o.agents) + 1000)
}

// enrolsOnly tells that nothing is asked for after enrolment.
func (o *options) enrolsOnly() bool { return len(o.only) == 1 && o.only[0] == "enrol" }

// does tells whether a phase was asked for.
func (o *options) does(phase string) bool { return len(o.only) == 0 || slices.Contains(o.only, phase) }

func (o *options) run(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tenantra-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // #nosec G302 -- a directory that the database's account passes through
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f, err := startFleet(ctx, dir, o)
	if err != nil {
		return err
	}
	defer f.stop()
	fmt.Printf("%d agents of %d tenants, protocol %s; server and PostgreSQL 15 beside the agents on %s\n", o.agents, o.tenants, o.protocol, machine())
	simulate := f.ours
	if o.protocol == "osquery" {
		simulate = f.osquery
	}
	if err := simulate(ctx); err != nil || !o.statements {
		return err
	}
	return f.database.reportStatements(ctx)
}
