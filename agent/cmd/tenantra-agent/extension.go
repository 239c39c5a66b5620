package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/daemon"
	"github.com/tenantra/tenantra/agent/extension"
	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/agent/policy"
	"github.com/tenantra/tenantra/agent/state"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

func extensionCommand() *cli.Command {
	return &cli.Command{
		Name:  "extension",
		Usage: "offer the tables to an osqueryd that runs here",
		Description: "Tables whose names osquery has itself are left out; --prefix offers all of them, under other names. It runs until\n" +
			"it is interrupted or osqueryd goes away.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "socket", Usage: "`PATH` of osqueryd's extension socket or pipe (its --extensions_socket)", EnvVars: []string{"OSQUERY_SOCKET"}},
			&cli.StringFlag{Name: "prefix", Usage: "`TEXT` before each table's name, such as tenantra_"},
			stateFlag(),
		},
		Action: runExtension,
	}
}

func runExtension(c *cli.Context) error {
	if c.Args().Present() {
		return usagef(c, "extension takes no argument")
	}
	if c.String("socket") == "" {
		return usagef(c, "--socket is missing: osqueryd prints it as the flag extensions_socket")
	}
	log, err := newLog(c, os.Stderr, slog.LevelInfo)
	if err != nil {
		return err
	}
	l, err := openLocal(c, nil)
	if err != nil {
		return err
	}
	err = extension.Offer(c.Context, extension.Offering{
		Socket: c.String("socket"), Version: version, Prefix: c.String("prefix"), Engine: l.engine, Tables: all.Tables(), Log: log,
	})
	return errors.Join(err, l.close())
}

// extensionFlag is for the local commands that start extensions.
func extensionFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "extension", Usage: "start the osquery extension `PROGRAM`, named by an absolute path, and ask its tables too"}
}

// local is what the local commands ask: all tables, and those of the extensions that were started.
type local struct {
	engine *engine.Engine
	host   tables.Host
	tables []*tables.Table
	close  func() error // ends the extensions, and closes the engine
}

// registerTime is how long the extensions of a local command may take to offer their tables.
const registerTime = 20 * time.Second

// openLocal makes the engine of the local commands, on the host that --root names, with the tables of extensions that it starts.
func openLocal(c *cli.Context, programs []string) (*local, error) {
	log, err := newLog(c, os.Stderr, slog.LevelWarn)
	if err != nil {
		return nil, err
	}
	path, err := stateDir(c)
	if err != nil {
		return nil, err
	}
	self := state.ReadSelf(state.ExistingDir(path), version).WithFlags(flagsOf(c))
	if local, err := policy.Load(policy.DefaultFile()); err == nil {
		self.WithPrometheusTargets(local.PrometheusTargets)
	} else if !errors.Is(err, fs.ErrPermission) { // an ordinary user need not be able to read it
		log.Warn("the policy file is left out", "err", err)
	}
	if len(programs) > 0 {
		return openExtended(c, log, self, programs)
	}
	h, err := host.New(c.String("root"), log, self)
	if err != nil {
		return nil, err
	}
	e, err := engine.New(engine.Options{Tables: all.Tables(), Host: h, Pool: 1})
	if err != nil {
		return nil, err
	}
	return &local{e, h, all.On(h.Platform()), e.Close}, nil
}

func openExtended(c *cli.Context, log *slog.Logger, self tables.Self, programs []string) (*local, error) {
	if c.String("root") != "" {
		return nil, usagef(c, "--extension knows the running system, not the one that --root names")
	}
	for _, program := range programs {
		if err := extension.CheckProgram(program); err != nil {
			return nil, err
		}
	}
	socket, removeSocket, err := extension.TemporaryPath()
	if err != nil {
		return nil, err
	}
	m := extension.New(extension.Options{Path: socket, Version: version, Tables: all.Tables(), Class: tables.ClassContent, Flags: flagsOf(c), Log: log})
	h, err := host.New("", log, m.Self(self))
	if err != nil {
		return nil, errors.Join(err, removeSocket())
	}
	e, err := engine.New(engine.Options{Tables: all.Tables(), Host: h, Pool: 2}) // an extension may ask while it is asked
	if err != nil {
		return nil, errors.Join(err, removeSocket())
	}
	ctx, cancel := context.WithCancel(c.Context)
	g, running := errgroup.WithContext(ctx)
	l := &local{engine: e, host: h, close: func() error {
		cancel()
		return errors.Join(g.Wait(), e.Close(), removeSocket())
	}}
	listener, err := m.Listen(ctx)
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	g.Go(func() error { return m.Run(running, listener, e) })
	for _, program := range programs {
		g.Go(func() error { return m.Keep(running, program) })
	}
	registered, done := context.WithTimeout(running, registerTime)
	defer done()
	if err := m.Wait(registered, len(programs)); err != nil {
		return nil, errors.Join(err, l.close())
	}
	l.tables = append(all.On(h.Platform()), m.Tables()...)
	return l, nil
}

// extensionsOf reads which extensions the daemon serves.
func extensionsOf(c *cli.Context, stateDir string) (daemon.Extensions, error) {
	x := daemon.Extensions{Socket: c.String("extensions-socket"), Programs: c.StringSlice("extension")}
	if x.Socket == "default" || x.Socket == "" && len(x.Programs) > 0 {
		x.Socket = extension.DefaultPath(stateDir)
	}
	for _, program := range x.Programs {
		if err := extension.CheckProgram(program); err != nil {
			return daemon.Extensions{}, err
		}
	}
	return x, nil
}

// extensionArguments is the same for the watchdog's worker.
func extensionArguments(x daemon.Extensions) []string {
	var args []string
	if x.Socket != "" {
		args = append(args, "--extensions-socket", x.Socket)
	}
	for _, program := range x.Programs {
		args = append(args, "--extension", program)
	}
	return args
}

// flagsOf tells a command's options for the table of them.
func flagsOf(c *cli.Context) []tables.Flag {
	var list []tables.Flag
	for _, flag := range c.Command.Flags {
		name := flag.Names()[0]
		f := tables.Flag{Name: name, ShellOnly: c.Command.Name != "run"}
		switch flag := flag.(type) {
		case *cli.StringFlag:
			f.Type, f.Description, f.Value, f.Default = "string", flag.Usage, c.String(name), strings.Trim(flag.GetDefaultText(), `"`)
		case *cli.StringSliceFlag:
			f.Type, f.Description, f.Value = "list", flag.Usage, strings.Join(c.StringSlice(name), ",")
		case *cli.BoolFlag:
			if flag.Hidden {
				continue
			}
			f.Type, f.Description, f.Value, f.Default = "bool", flag.Usage, fmt.Sprint(c.Bool(name)), flag.GetDefaultText()
		case *cli.Int64Flag:
			f.Type, f.Description, f.Value, f.Default = "int", flag.Usage, fmt.Sprint(c.Int64(name)), flag.GetDefaultText()
		case *cli.DurationFlag:
			f.Type, f.Description, f.Value, f.Default = "duration", flag.Usage, c.Duration(name).String(), flag.GetDefaultText()
		}
		list = append(list, f)
	}
	return list
}
