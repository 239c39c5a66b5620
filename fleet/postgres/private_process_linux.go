package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// processAttributes has the kernel ask PostgreSQL to shut down when we die, however we die. The server leads a process
// group of its own, so that Ctrl-C in a terminal reaches us alone and we stop it in order.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
}

// run starts cmd and waits for its end. The kernel sends the death signal when the thread that started the process
// ends, not the whole process; this goroutine therefore keeps its thread for as long as the child lives.
func run(cmd *exec.Cmd, started chan<- error, ended func(error)) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err == nil {
		ended(cmd.Wait())
	}
}

const canIdentify = true

// isPostgresOf tells whether the process is a server on the data directory, in which it always stands.
func isPostgresOf(pid int, data string) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(data)
	return err == nil && cwd == real
}
