package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

func generateProcessEnvs(ctx context.Context, host tables.Host, q *tables.Query, emit func(*processEnv) error) error {
	return eachProcess(ctx, host, q, func(p procfs.Process) error {
		block, err := p.Read("environ")
		if err != nil {
			return nil // gone, or another user's
		}
		row := processEnv{PID: p.PID}
		for {
			key, value, rest, ok := cutVariable(block)
			if !ok {
				return nil
			}
			row.Key, block = string(key), rest
			row.Value = mask.Variable(row.Key, string(value))
			if err := emit(&row); err != nil {
				return err
			}
		}
	})
}
