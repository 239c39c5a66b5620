package system

import (
	"context"
	"errors"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// eachProcess visits the processes that a query's pid constraint asks for, all where it has none. Those that have ended
// meanwhile are passed over.
func eachProcess(ctx context.Context, host tables.Host, q *tables.Query, visit func(procfs.Process) error) error {
	proc, err := procfs.Open(host)
	if err != nil {
		return absent(err)
	}
	defer proc.Close()
	pids, constrained := q.EqualInt("pid")
	if constrained {
		pids = proc.Selected(pids)
	} else if pids, err = proc.PIDs(); err != nil {
		return err
	}
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := proc.Process(pid)
		if err != nil {
			continue
		}
		err = visit(p)
		p.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// absent turns the absence of a source into no rows.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
