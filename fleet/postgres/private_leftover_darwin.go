package postgres

import (
	"golang.org/x/sys/unix"
)

const canIdentify = true

// isPostgresOf tells whether the process is a PostgreSQL. The system does not tell another process's working directory
// without a private interface, so any process called postgres counts; ours is the only one with this pid file.
func isPostgresOf(pid int, _ string) bool {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	return err == nil && unix.ByteSliceToString(info.Proc.P_comm[:]) == "postgres"
}
