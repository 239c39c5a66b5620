// Command tenantractl works with a fleet server from the command line: one tenant or many at once, for people and for
// scripts. It uses the same REST API as the console.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
	"github.com/tenantra/tenantra/internal/terminal"
)

// version is stamped by the linker: -X main.version=….
var version = "dev"

// The exit codes; scripts rely on them.
const (
	exitFailed    = 1 // the server refused, or could not be reached
	exitUsage     = 2 // the command line says nothing that could be done
	exitPartial   = 3 // a query was answered, but not by every agent
	exitSignedOut = 4 // sign in first
)

func main() { os.Exit(run(os.Args)) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := newApp().RunContext(ctx, hoist(args))
	if err == nil {
		return 0
	}
	var usage usageError
	var refused *client.Error
	switch {
	case errors.Is(err, errPartial):
		return exitPartial
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "tenantractl: %v\n", usage)
		return exitUsage
	case errors.Is(err, errSignedOut):
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		return exitSignedOut
	case errors.As(err, &refused) && refused.Status == http.StatusUnauthorized:
		fmt.Fprintf(os.Stderr, "Error: %s\n", terminal.Escape(err.Error()))
		return exitSignedOut
	default:
		fmt.Fprintf(os.Stderr, "Error: %s\n", terminal.Escape(err.Error()))
		return exitFailed
	}
}

// hoist moves the flags that hold for every command in front of the command, so that people may write them where they
// like: tenantractl agents --tenant acme. Nothing behind -- is touched.
func hoist(args []string) []string {
	withValue := map[string]bool{"--profile": true, "--tenant": true, "-t": true, "--output": true, "-o": true}
	alone := map[string]bool{"--recursive": true, "-r": true}
	var global, rest []string
	for i := 1; i < len(args); i++ {
		name, _, joined := strings.Cut(args[i], "=")
		switch {
		case args[i] == "--":
			rest = append(rest, args[i:]...)
			i = len(args)
		case alone[name], withValue[name] && joined:
			global = append(global, args[i])
		case withValue[name] && i+1 < len(args):
			global = append(global, args[i], args[i+1])
			i++
		default:
			rest = append(rest, args[i])
		}
	}
	return slices.Concat(args[:1], global, rest)
}

// usageError is a command line that says nothing the program could do.
type usageError string

func (e usageError) Error() string { return string(e) }

func newApp() *cli.App {
	app := &cli.App{
		Name: "tenantractl", Usage: "work with a Tenantra fleet", Version: version, HideHelpCommand: true, EnableBashCompletion: true,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "profile", Usage: "which server's sign-in to use", Value: "default", EnvVars: []string{"TENANTRA_PROFILE"}},
			&cli.StringFlag{Name: "tenant", Aliases: []string{"t"}, Usage: "act in this `TENANT` (slug or id) instead of your own", EnvVars: []string{"TENANTRA_TENANT"}},
			&cli.BoolFlag{Name: "recursive", Aliases: []string{"r"}, Usage: "include all tenants below"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "table, json, yaml or csv", Value: "table"},
		},
		Commands: append(selfCommands(),
			membersCommand(), rolesCommand(), settingsCommand(), modulesCommand(), mspCommand(), impersonateCommand(), impersonationsCommand(), completionCommand(),
			loginCommand(), logoutCommand(), passwordCommand(), whoamiCommand(), tenantsCommand(), usersCommand(), enrollSecretCommand(), agentsCommand(),
			getCommand(), exportsCommand(), queryCommand(), queriesCommand(), packsCommand(), schedulesCommand(), groupsCommand(), configCommand(), scansCommand(), applyCommand(), exportCommand(), complianceCommand(), frameworksCommand(), waiversCommand(), findingsCommand(), alertsCommand(), rulesCommand(), channelsCommand(), notificationsCommand(), driftCommand(), riskCommand(), usageCommand(), auditCommand(),
		),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usageError(fmt.Sprintf("there is no command %q; see tenantractl --help", c.Args().First()))
			}
			return cli.ShowAppHelp(c)
		},
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return usageError(err.Error()) },
		// Exit codes are chosen in run.
		ExitErrHandler: func(*cli.Context, error) {},
	}
	plainUsageErrors(app.Commands)
	return app
}

// plainUsageErrors has every command report a wrong flag in one line instead of its whole help.
func plainUsageErrors(commands []*cli.Command) {
	for _, c := range commands {
		name := c.Name
		c.HideHelpCommand = true
		c.OnUsageError = func(_ *cli.Context, err error, _ bool) error {
			return usageError(fmt.Sprintf("%v; see tenantractl %s --help", err, name))
		}
		plainUsageErrors(c.Subcommands)
	}
}
