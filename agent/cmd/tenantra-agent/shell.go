package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/agent/shell"
)

func shellCommand() *cli.Command {
	return &cli.Command{
		Name:   "shell",
		Usage:  "ask this machine in SQL, statement by statement",
		Flags:  append(modeFlags(), rootFlag(), stateFlag(), extensionFlag()),
		Action: runShell,
	}
}

func runShell(c *cli.Context) error {
	if c.Args().Present() {
		return usagef(c, "shell takes no argument: use query, or pipe statements in")
	}
	mode, err := modeOf(c)
	if err != nil {
		return err
	}
	l, err := openLocal(c, c.StringSlice("extension"))
	if err != nil {
		return err
	}
	// The shell ends a statement, not itself, when Ctrl-C is pressed; between statements signals do what they usually do.
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	s := &shell.Shell{Engine: l.engine, Tables: l.tables, In: os.Stdin, Out: os.Stdout, Err: os.Stderr, History: historyFile(), Mode: mode}
	err = s.Run(context.WithoutCancel(c.Context))
	if closeErr := l.close(); err == nil {
		err = closeErr
	}
	return err
}

// historyFile is below the person's own state, not the agent's.
func historyFile() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "tenantra", "shell_history")
}
