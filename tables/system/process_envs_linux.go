package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

func generateProcessEnvs(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processEnv) error) error {
	wantsValue := q.Wants("value") // looking for credentials in them costs more than reading them
	return eachPID(ctx, host, q, func(proc *procfs.Proc, pid int64) error {
		block, err := proc.ReadOf(pid, "environ")
		if err != nil {
			return nil // gone, or another user's
		}
		row := processEnv{PID: pid}
		for {
			key, value, rest, ok := cutVariable(block)
			if !ok {
				return nil
			}
			row.Key, block = string(key), rest
			if wantsValue {
				row.Value = mask.Variable(row.Key, string(value))
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	})
}
