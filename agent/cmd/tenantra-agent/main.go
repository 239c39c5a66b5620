// Command tenantra-agent is the endpoint program: the daemon that runs the fleet's schedule, and a local SQL shell over
// the same tables that needs neither server nor daemon.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/agent/shell"
	"github.com/tenantra/tenantra/internal/terminal"
)

// version is stamped by the linker: -X main.version=….
var version = "dev"

// The exit codes.
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
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "tenantra-agent: %v\nSee tenantra-agent %shelp.\n", usage, usage.command)
		return exitUsage
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, errPrinted), errors.Is(err, shell.ErrFailed):
		return exitFailed
	default:
		fmt.Fprintf(os.Stderr, "Error: %s\n", terminal.Escape(err.Error()))
		return exitFailed
	}
}

// errPrinted ends the program with the code of failure after the reason was printed.
var errPrinted = errors.New("failed")

// exitCode ends the program with a code that says what it found.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("code %d", int(e)) }

// usageError is a command line that says nothing the program could do.
type usageError struct {
	command string // "query " or ""
	text    string
}

func (e usageError) Error() string { return e.text }

func usagef(c *cli.Context, format string, args ...any) error {
	command := ""
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != c.App.Name {
		command = c.Command.Name + " --"
	}
	return usageError{command: command, text: fmt.Sprintf(format, args...)}
}

func newApp() *cli.App {
	app := &cli.App{
		Name:            "tenantra-agent",
		Usage:           "ask this machine in SQL, and keep a Tenantra fleet informed",
		Version:         version,
		HideHelpCommand: true,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "log-level", Usage: "debug, info, warn or error", EnvVars: []string{"TENANTRA_LOG_LEVEL"}},
		},
		Commands: []*cli.Command{queryCommand(), shellCommand(), checkCommand(), tablesCommand(), lintCommand(), enrollCommand(), runCommand(), extensionCommand()},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef(c, "unknown command %q", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
		ExitErrHandler: func(*cli.Context, error) {}, // run prints
	}
	onUsage := func(c *cli.Context, err error, _ bool) error { return usagef(c, "%v", err) }
	app.OnUsageError = onUsage
	for _, c := range app.Commands {
		c.OnUsageError = onUsage
		c.HideHelpCommand = true
	}
	return app
}

// newLog makes the program's log, on standard error so that output stays clean. Local commands are silent below a
// warning unless told otherwise, the daemon below info.
func newLog(c *cli.Context, w io.Writer, usual slog.Level) (*slog.Logger, error) {
	level := usual
	if text := c.String("log-level"); text != "" {
		if err := level.UnmarshalText([]byte(text)); err != nil {
			return nil, usagef(c, "log-level %q: use debug, info, warn or error", text)
		}
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})), nil
}
