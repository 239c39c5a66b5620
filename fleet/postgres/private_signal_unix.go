//go:build unix

package postgres

import (
	"os"
	"syscall"
)

// stopSignal is one of PostgreSQL's ways to stop.
type stopSignal int

const (
	stopFast      = stopSignal(syscall.SIGINT)  // ends sessions, writes a checkpoint
	stopImmediate = stopSignal(syscall.SIGQUIT) // recovers at the next start
	stopKill      = stopSignal(syscall.SIGKILL)
)

// signal ignores errors: a process that is gone is what the caller wants.
func (p *Private) signal(process *os.Process, how stopSignal) { process.Signal(syscall.Signal(how)) }
