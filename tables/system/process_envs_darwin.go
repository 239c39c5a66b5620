package system

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// generateProcessEnvs asks the kernel for what each program was started with. It tells of the caller's own processes, of all
// to root, and of none that the system protects.
func generateProcessEnvs(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processEnv) error) error {
	if !host.Live() {
		return nil
	}
	pids, constrained := q.EqualInt("pid")
	if !constrained {
		all, err := unix.SysctlKinfoProcSlice("kern.proc.all")
		if err != nil {
			return fmt.Errorf("list processes: %w", err)
		}
		for i := range all {
			pids = append(pids, int64(all[i].Proc.P_pid))
		}
	}
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return err
		}
		if pid <= 0 || pid != int64(int32(pid)) {
			continue
		}
		block, err := unix.SysctlRaw("kern.procargs2", int(pid))
		if err != nil {
			continue // gone, or another user's
		}
		rest := environmentOf(block)
		for {
			key, value, more, ok := cutVariable(rest)
			if !ok {
				break
			}
			rest = more
			if err := emit(&processEnv{PID: pid, Key: string(key), Value: mask.Variable(string(key), string(value))}); err != nil {
				return err
			}
		}
	}
	return nil
}
