// Command tenantra-fleet is the fleet server: it keeps tenants and agents, takes agents' rows, judges them, and serves the
// console and the API.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/urfave/cli/v2"
)

// version is stamped by the linker: -X main.version=….
var version = "dev"

const (
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(run(os.Args)) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := newApp().RunContext(ctx, args)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "tenantra-fleet: %v\n", err)
		return exitUsage
	default:
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		return exitFailed
	}
}

// usageError is a command line that says nothing the program could do.
type usageError struct{ error }

func newApp() *cli.App {
	return &cli.App{
		Name: "tenantra-fleet", Usage: "the Tenantra fleet server", Version: version, HideHelpCommand: true,
		Flags:    []cli.Flag{&cli.StringFlag{Name: "log-level", Usage: "debug, info, warn or error", Value: "info", EnvVars: []string{"TENANTRA_LOG_LEVEL"}}},
		Commands: []*cli.Command{serveCommand(), migrateCommand(), keysCommand(), adminCommand(), demoCommand()},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usageError{fmt.Errorf("there is no command %q; see tenantra-fleet --help", c.Args().First())}
			}
			return cli.ShowAppHelp(c)
		},
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return usageError{err} },
		ExitErrHandler: func(*cli.Context, error) {},
	}
}

func newLog(c *cli.Context) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.String("log-level"))); err != nil {
		return nil, usageError{errors.New("log-level: use debug, info, warn or error")}
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})), nil
}

func dataFlag() cli.Flag {
	return &cli.StringFlag{Name: "data", Usage: "`DIR` of keys and the private database", Value: defaultData(), EnvVars: []string{"TENANTRA_DATA"}}
}

func defaultData() string {
	if os.Geteuid() == 0 {
		return "/var/lib/tenantra-fleet"
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "tenantra-fleet")
	}
	return "tenantra-fleet"
}
