package extension

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/tenantra/tenantra/agent/state"
)

const (
	// An extension that ends is started again, after a wait that doubles up to a minute. One that ran for a while begins anew.
	restartMin = time.Second
	restartMax = time.Minute
	// endTime is what an extension has to end before it is killed.
	endTime = 3 * time.Second
	// lineMax bounds a line of an extension's output in the log.
	lineMax = 2000
)

// Keep runs the program of an extension, told of the manager's socket as osquery tells it, and starts it again when it ends,
// until the context does. It fails at once for a program that somebody else than root or this account could replace.
func (m *Manager) Keep(ctx context.Context, program string) error {
	wait := restartMin
	for {
		began := time.Now()
		err := m.runProgram(ctx, program)
		if ctx.Err() != nil {
			return nil
		}
		if _, untrusted := err.(*untrustedError); untrusted { //nolint:errorlint // made below, never wrapped
			return err
		}
		if time.Since(began) > restartMax {
			wait = restartMin
		}
		m.o.Log.WarnContext(ctx, "the program of an extension ended and is started again", "program", program, "err", err, "wait", wait.String())
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, restartMax)
	}
}

// untrustedError is a program that others could replace: no start would mend that.
type untrustedError struct{ error }

// CheckProgram holds that nobody but root and this account could replace the program of an extension.
func CheckProgram(program string) error {
	if !filepath.IsAbs(program) {
		return &untrustedError{fmt.Errorf("extension %s: name it by an absolute path", program)}
	}
	if err := state.CheckInstall(program); err != nil {
		return &untrustedError{fmt.Errorf("extension: %w", err)}
	}
	return nil
}

// runProgram runs the program once.
func (m *Manager) runProgram(ctx context.Context, program string) error {
	if err := CheckProgram(program); err != nil { // before each start: it may have changed
		return err
	}
	cmd := exec.CommandContext(ctx, program, "--socket", m.o.Path, "--timeout", "10", "--interval", "5") // #nosec G204 -- named by who runs the agent, and checked
	cmd.Env = environment()
	cmd.Dir = filepath.Dir(program)
	out := &lines{log: m.o.Log.With("program", program)}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = endTime
	return cmd.Run()
}

// environment has nothing of the agent's own, which may hold secrets.
func environment() []string {
	names := []string{"PATH", "HOME", "TMPDIR"}
	if runtime.GOOS == "windows" {
		names = []string{"PATH", "SystemRoot", "ProgramData", "TEMP", "TMP"}
	}
	env := []string{"LC_ALL=C"}
	for _, name := range names {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// lines writes a program's output to the log, line by line. os/exec writes to it from one goroutine at a time.
type lines struct {
	log  *slog.Logger
	rest []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 && len(l.rest) < lineMax {
			return len(p), nil
		}
		if i < 0 || i > lineMax {
			i = lineMax
		}
		l.log.Info("an extension says", "text", string(bytes.TrimRight(l.rest[:i], "\r")))
		l.rest = l.rest[min(i+1, len(l.rest)):]
	}
}
