package shell

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/peterh/liner"

	"github.com/tenantra/tenantra/tables"
)

// errAborted is what reading a line gives when the person presses Ctrl-C: the statement so far is forgotten.
var errAborted = errors.New("aborted")

// lineMax bounds a line that comes through a pipe: the engine takes texts of 64 KiB.
const lineMax = 1 << 20

// input gives the lines that are typed or piped in; io.EOF after the last.
type input interface {
	line(prompt, before string) (string, error)
	remember(line string)
	close() error
}

// pipe reads statements from a file or another program.
type pipe struct{ scanner *bufio.Scanner }

func newPipe(r io.Reader) *pipe {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4096), lineMax)
	return &pipe{s}
}

func (p *pipe) line(string, string) (string, error) {
	if p.scanner.Scan() {
		return p.scanner.Text(), nil
	}
	if err := p.scanner.Err(); err != nil {
		return "", fmt.Errorf("read statements: %w", err)
	}
	return "", io.EOF
}

func (*pipe) remember(string) {}
func (*pipe) close() error    { return nil }

// editor reads lines from a terminal, with history and completion.
type editor struct {
	state   *liner.State
	history string // file; "" for none
	before  string
}

func newEditor(list []*tables.Table, history string) *editor {
	e := &editor{state: liner.NewLiner(), history: history}
	e.state.SetCtrlCAborts(true)
	e.state.SetTabCompletionStyle(liner.TabPrints)
	e.state.SetWordCompleter(func(line string, pos int) (string, []string, string) {
		return complete(list, e.before, line, pos)
	})
	if f, err := os.Open(history); err == nil {
		_, _ = e.state.ReadHistory(f) // a spoilt history is no reason not to start
		f.Close()
	}
	return e
}

func (e *editor) line(prompt, before string) (string, error) {
	e.before = before
	line, err := e.state.Prompt(prompt)
	switch {
	case errors.Is(err, liner.ErrPromptAborted):
		return "", errAborted
	case err != nil:
		return "", err
	}
	return line, nil
}

func (e *editor) remember(line string) {
	if strings.TrimSpace(line) != "" {
		e.state.AppendHistory(line)
	}
}

// close gives the terminal back and writes the history, which may hold what only its owner should read.
func (e *editor) close() error {
	closeErr := e.state.Close()
	if e.history == "" {
		return closeErr
	}
	if err := os.MkdirAll(filepath.Dir(e.history), 0o700); err != nil {
		return errors.Join(closeErr, fmt.Errorf("keep history: %w", err))
	}
	f, err := os.OpenFile(e.history, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return errors.Join(closeErr, fmt.Errorf("keep history: %w", err))
	}
	_, err = e.state.WriteHistory(f)
	return errors.Join(closeErr, err, f.Close())
}
