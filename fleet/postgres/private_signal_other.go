//go:build !unix

package postgres

import (
	"os"
	"os/exec"
	"path/filepath"
)

// stopSignal is one of PostgreSQL's ways to stop.
type stopSignal int

const (
	stopFast stopSignal = iota
	stopImmediate
	stopKill
)

// signal goes through pg_ctl, which knows how to reach a server on systems without signals. Errors are ignored: a
// process that is gone is what the caller wants.
func (p *Private) signal(process *os.Process, how stopSignal) {
	mode := map[stopSignal]string{stopFast: "fast", stopImmediate: "immediate"}[how]
	if mode == "" {
		process.Kill()
		return
	}
	cmd := exec.Command(filepath.Join(p.binaries, exeName("pg_ctl")), "stop", "--no-wait", "--pgdata="+p.data, "--mode="+mode)
	p.environment(cmd)
	cmd.Run()
}
