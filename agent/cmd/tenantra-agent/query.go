package main

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/agent/shell"
	"github.com/tenantra/tenantra/queries/engine"
)

// sqlMax bounds what is read from standard input. The engine takes texts of 64 KiB and says so of longer ones.
const sqlMax = 1 << 20

func modeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "json", Usage: "print one JSON array of objects"},
		&cli.BoolFlag{Name: "csv", Usage: "print comma separated values"},
		&cli.BoolFlag{Name: "line", Usage: "print one column a line"},
		&cli.BoolFlag{Name: "table", Usage: "print a table (default)"},
	}
}

func rootFlag() cli.Flag {
	return &cli.StringFlag{Name: "root", Usage: "scan the system mounted on `DIR` instead of the running one"}
}

func queryCommand() *cli.Command {
	return &cli.Command{
		Name:      "query",
		Usage:     "run SQL over this machine and print the rows",
		ArgsUsage: "[SQL]",
		Description: "SQL comes from the argument, or from standard input where it is absent or -. Flags stand before it.\n" +
			"A failing statement ends with code 1, a wrong command line with 2.",
		Flags: append(modeFlags(), rootFlag(), stateFlag(), extensionFlag(),
			&cli.DurationFlag{Name: "timeout", Usage: "end the statement after this time (default: none)"}),
		Action: runQuery,
	}
}

func runQuery(c *cli.Context) error {
	mode, err := modeOf(c)
	if err != nil {
		return err
	}
	sql, err := sqlOf(c)
	if err != nil {
		return err
	}
	limits := engine.NoLimits
	if t := c.Duration("timeout"); t < 0 {
		return usagef(c, "--timeout is negative")
	} else if t > 0 {
		limits.Time = t
	}
	l, err := openLocal(c, c.StringSlice("extension"))
	if err != nil {
		return err
	}
	out := shell.NewOutput(os.Stdout, mode, shell.TerminalOf(os.Stdout))
	_, err = l.engine.Query(c.Context, engine.Statement{SQL: sql, Limits: limits}, out)
	if finishErr := out.Finish(err); err == nil {
		err = finishErr
	}
	if closeErr := l.close(); err == nil {
		err = closeErr
	}
	return err
}

// modeOf reads the mode flags, of which one may be set.
func modeOf(c *cli.Context) (shell.Mode, error) {
	mode, set := shell.ModeTable, 0
	for _, m := range shell.Modes {
		if c.Bool(string(m)) {
			mode = m
			set++
		}
	}
	if set > 1 {
		return "", usagef(c, "choose one of --json, --csv, --line and --table")
	}
	return mode, nil
}

// sqlOf gives the one argument, or standard input.
func sqlOf(c *cli.Context) (string, error) {
	if c.Args().Len() > 1 {
		return "", usagef(c, "one SQL text is expected, and flags stand before it: %q is too many", c.Args().Get(1))
	}
	if c.Args().Present() && c.Args().First() != "-" {
		return c.Args().First(), nil
	}
	text, err := io.ReadAll(io.LimitReader(os.Stdin, sqlMax+1))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	if len(text) > sqlMax {
		return "", fmt.Errorf("read standard input: more than %d KiB of SQL", sqlMax>>10)
	}
	return string(text), nil
}
