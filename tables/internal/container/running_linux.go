package container

import (
	"context"
	"errors"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// Running is a container that has processes.
type Running struct {
	Ref
	PID       int64 // of its process with the lowest number
	Processes int64
}

// List gives the containers that have processes, by the lowest number of those.
func List(ctx context.Context, host tables.Host) ([]Running, error) {
	proc, err := procfs.Open(host)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	pids, err := proc.PIDs()
	if err != nil {
		return nil, err
	}
	var list []Running
	at := map[Ref]int{}
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ref, ok := refOf(proc, pid)
		if !ok {
			continue
		}
		i, known := at[ref]
		if !known {
			i = len(list)
			at[ref] = i
			list = append(list, Running{Ref: ref, PID: pid})
		}
		list[i].Processes++
	}
	return list, nil
}

// IsIn tells whether a process is in a container now.
func IsIn(host tables.Host, pid int64, ref Ref) bool {
	proc, err := procfs.Open(host)
	if err != nil {
		return false
	}
	defer proc.Close()
	now, ok := refOf(proc, pid)
	return ok && now == ref
}

func refOf(proc *procfs.Proc, pid int64) (Ref, bool) {
	p, err := proc.Process(pid)
	if err != nil {
		return Ref{}, false
	}
	defer p.Close()
	text, err := p.Read("cgroup")
	if err != nil {
		return Ref{}, false
	}
	return OfCgroup(text)
}
