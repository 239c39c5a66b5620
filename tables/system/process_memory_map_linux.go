package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

func generateProcessMemoryMap(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processMapping) error) error {
	return eachProcess(ctx, host, q, func(p procfs.Process) error {
		row := processMapping{PID: p.PID}
		var stop error
		_ = p.Lines("maps", func(line []byte) error { // fails where the process is gone or another user's
			if parseMapping(line, &row) {
				stop = emit(&row)
			}
			return stop
		})
		return stop
	})
}
