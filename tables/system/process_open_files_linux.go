package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

func generateProcessOpenFiles(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processOpenFile) error) error {
	wantsPath := q.Wants("path")
	return eachPID(ctx, host, q, func(proc *procfs.Proc, pid int64) error {
		row := processOpenFile{PID: pid}
		var stop error
		_ = proc.Descriptors(pid, func(fd int64, target []byte) error { // fails where the process is gone or another user's
			if len(target) == 0 || target[0] != '/' {
				return nil
			}
			row.FD = fd
			if wantsPath {
				row.Path = string(target)
			}
			stop = emit(&row)
			return stop
		})
		return stop
	})
}
