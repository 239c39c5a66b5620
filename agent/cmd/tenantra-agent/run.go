package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/daemon"
	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/policy"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/agent/watchdog"
	"github.com/tenantra/tenantra/tables/all"
)

func runCommand() *cli.Command {
	return &cli.Command{
		Name:  "run",
		Usage: "run the daemon",
		Flags: []cli.Flag{
			stateFlag(), hostRootFlag(),
			&cli.StringFlag{Name: "policy-file", Usage: "local floors that the fleet cannot lift", Value: policy.DefaultFile(), EnvVars: []string{"TENANTRA_AGENT_POLICY"}},
			&cli.BoolFlag{Name: "no-watchdog", Usage: "run in this one process: for containers, whose runtime restarts them"},
			&cli.Int64Flag{Name: "memory-max", Usage: "`MIB` of resident memory at which the watchdog restarts the worker", Value: 512},
			&cli.StringSliceFlag{Name: "disable-events", Usage: "never record this `TABLE` of events, whatever the fleet asks for; all for none", EnvVars: []string{"TENANTRA_AGENT_DISABLE_EVENTS"}},
			&cli.StringFlag{Name: "extensions-socket", Usage: "serve osquery's extensions on `PATH`; default names the usual place. Absent: none", EnvVars: []string{"TENANTRA_AGENT_EXTENSIONS_SOCKET"}},
			&cli.StringSliceFlag{Name: "extension", Usage: "start the osquery extension `PROGRAM`, named by an absolute path, and start it again when it ends"},
			&cli.BoolFlag{Name: "trust-install-dir", Usage: "start although others could replace this program: for development"},
			&cli.BoolFlag{Name: "worker", Hidden: true},
		},
		Action: runDaemon,
	}
}

func runDaemon(c *cli.Context) error {
	if c.Args().Present() {
		return usagef(c, "run takes no argument")
	}
	if c.Int64("memory-max") < 64 {
		return usagef(c, "--memory-max is at least 64")
	}
	log, err := newLog(c, os.Stderr, slog.LevelInfo)
	if err != nil {
		return err
	}
	root, err := hostRoot(c)
	if err != nil {
		return err
	}
	path, err := stateDir(c)
	if err != nil {
		return err
	}
	restrictModes()
	options := daemon.Options{
		StateDir: path, Root: root, PolicyFile: c.String("policy-file"), Version: version, Log: log, DisabledEvents: c.StringSlice("disable-events"), Flags: flagsOf(c),
	}
	for i, name := range options.DisabledEvents {
		table := all.Find(name)
		if name == "all" {
			continue
		}
		if table == nil || !table.Event {
			return usagef(c, "--disable-events: %q is no table of events", name)
		}
		options.DisabledEvents[i] = table.Name
	}
	if options.Extensions, err = extensionsOf(c, path); err != nil {
		return err
	}
	if root != "" && options.Extensions.Socket != "" {
		return usagef(c, "extensions know the system that they run in, not the one that --root names")
	}
	switch {
	case c.Bool("worker"):
		return work(c.Context, options)
	case c.Bool("no-watchdog"):
		if err := checkInstall(c); err != nil {
			return err
		}
		return daemon.Run(c.Context, options)
	}
	if err := checkInstall(c); err != nil {
		return err
	}
	if err := checkState(options); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	command := []string{program, "--log-level", logLevel(c), "run", "--worker", "--state", options.StateDir, "--policy-file", options.PolicyFile}
	for _, name := range options.DisabledEvents {
		command = append(command, "--disable-events", name)
	}
	if root != "" {
		command = append(command, "--root", root)
	}
	command = append(command, extensionArguments(options.Extensions)...)
	return watchdog.Run(c.Context, watchdog.Options{Command: command, MemoryMax: c.Int64("memory-max") << 20, Log: log.With("component", "watchdog")})
}

func logLevel(c *cli.Context) string {
	if level := c.String("log-level"); level != "" {
		return level
	}
	return slog.LevelInfo.String()
}

// checkState finds what no restart would mend, before a worker is started.
func checkState(o daemon.Options) error {
	dir, err := state.OpenDir(o.StateDir, o.Log)
	if err != nil {
		return err
	}
	if _, err := enroll.Load(dir); err != nil {
		return err
	}
	if o.PolicyFile != "" {
		if _, err := policy.Load(o.PolicyFile); err != nil {
			return err
		}
	}
	return nil
}

// work is the watchdog's child.
func work(ctx context.Context, o daemon.Options) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return watchdog.Report(ctx, os.Stdin, os.Stdout, 0) })
	g.Go(func() error {
		if err := daemon.Run(ctx, o); err != nil {
			return err
		}
		return errStopped // ends the reports too
	})
	if err := g.Wait(); !errors.Is(err, errStopped) && !errors.Is(err, watchdog.ErrOrphan) {
		return err
	}
	return nil
}

var errStopped = errors.New("stopped")

// checkInstall holds that nobody but the administrator could have put another program in this one's place.
func checkInstall(c *cli.Context) error {
	if c.Bool("trust-install-dir") {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	return state.CheckInstall(program)
}
