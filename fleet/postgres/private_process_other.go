//go:build !linux

package postgres

import (
	"os/exec"
	"syscall"
)

func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// run starts cmd and waits for its end.
func run(cmd *exec.Cmd, started chan<- error, ended func(error)) {
	err := cmd.Start()
	started <- err
	if err == nil {
		ended(cmd.Wait())
	}
}
