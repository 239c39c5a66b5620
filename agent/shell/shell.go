package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/tenantra/tenantra/internal/terminal"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// Shell reads statements and commands and prints what they give.
type Shell struct {
	Engine  *engine.Engine
	Tables  []*tables.Table // for .tables, .schema and completion
	In      *os.File
	Out     *os.File
	Err     io.Writer
	History string // file of earlier lines; "" keeps none
	Mode    Mode

	timer       bool
	interactive bool
}

// ErrFailed tells that at least one statement of a script failed; what was wrong is printed already.
var ErrFailed = errors.New("a statement failed")

// Run reads until .quit or the end of the input. On a terminal a failing statement does not fail the shell.
func (s *Shell) Run(ctx context.Context) (err error) {
	s.interactive = term.IsTerminal(int(s.In.Fd())) && term.IsTerminal(int(s.Out.Fd()))
	var in input = newPipe(s.In)
	if s.interactive {
		in = newEditor(s.Tables, s.History)
		fmt.Fprintln(s.Out, `Type SQL ended by ";", or .help.`)
	}
	defer func() { err = errors.Join(err, in.close()) }()

	failed := false
	report := func(err error) {
		if err != nil {
			failed = true
			fmt.Fprintf(s.Err, "Error: %s\n", terminal.Escape(err.Error()))
		}
	}
	pending := ""
	for ctx.Err() == nil {
		prompt := "tenantra> "
		if pending != "" {
			prompt = "     ...> "
		}
		line, err := in.line(prompt, pending)
		switch {
		case errors.Is(err, errAborted):
			pending = ""
			continue
		case errors.Is(err, io.EOF):
			if !blank(pending) {
				report(s.run(ctx, pending))
			}
			if s.interactive {
				fmt.Fprintln(s.Out)
			}
			return s.verdict(failed)
		case err != nil:
			return err
		}
		in.remember(line)
		if pending == "" && strings.HasPrefix(strings.TrimSpace(line), ".") {
			quit, err := s.command(line)
			report(err)
			if quit {
				return s.verdict(failed)
			}
			continue
		}
		statements, rest := split(pending + line + "\n")
		for _, sql := range statements {
			report(s.run(ctx, sql))
		}
		if pending = rest; blank(pending) {
			pending = ""
		}
	}
	return ctx.Err()
}

func (s *Shell) verdict(failed bool) error {
	if failed && !s.interactive {
		return ErrFailed
	}
	return nil
}

// run runs one statement; Ctrl-C ends the statement, not the shell.
func (s *Shell) run(ctx context.Context, sql string) error {
	if s.interactive {
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt)
		defer stop()
	}
	out := NewOutput(s.Out, s.Mode, TerminalOf(s.Out))
	stats, err := s.Engine.Query(ctx, engine.Statement{SQL: sql, Limits: engine.NoLimits}, out)
	if finishErr := out.Finish(err); err == nil {
		err = finishErr
	}
	if s.timer && stats != nil {
		fmt.Fprintf(s.Err, "%d rows, %s wall, %s CPU\n", stats.Rows, stats.Wall.Round(time.Microsecond*100), stats.CPU.Round(time.Microsecond*100))
	}
	return err
}

// TerminalOf describes what a file prints on.
func TerminalOf(f *os.File) Terminal {
	if !term.IsTerminal(int(f.Fd())) {
		return Terminal{}
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return Terminal{Is: true, Width: width}
}
