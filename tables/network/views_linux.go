package network

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// eachView calls visit with a reader of files as the host has them, or as the processes do that a query names by
// pid_with_namespace; 0 is the host. A file that is absent has no rows; a process's file that may not be read has none
// either.
func eachView(ctx context.Context, host tables.Host, q *tables.Query, visit func(pid int64, read func(string) ([]byte, error)) error) error {
	pids, constrained := q.EqualInt("pid_with_namespace")
	if !constrained {
		pids = []int64{0}
	}
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := oneView(host, pid, visit); err != nil {
			return err
		}
	}
	return nil
}

func oneView(host tables.Host, pid int64, visit func(pid int64, read func(string) ([]byte, error)) error) error {
	if pid == 0 {
		return absent(visit(0, host.ReadFile))
	}
	proc, err := procfs.Open(host)
	if err != nil {
		return absent(err)
	}
	defer proc.Close()
	process, err := proc.Process(pid)
	if err != nil {
		return nil // ended, or never there
	}
	defer process.Close()
	var unreadable error
	err = visit(pid, func(path string) ([]byte, error) {
		text, err := process.ReadInside(path)
		unreadable = err
		return text, err
	})
	if unreadable != nil {
		return nil
	}
	return err
}
