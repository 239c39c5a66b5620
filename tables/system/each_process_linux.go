package system

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// eachPID visits the numbers of the processes that a query's pid constraint asks for, of all where it has none.
func eachPID(ctx context.Context, host tables.Host, q *tables.Query, visit func(*procfs.Proc, int64) error) error {
	shared := procsOf(q)
	proc, err := shared.borrow(host)
	if err != nil {
		return absent(err)
	}
	defer shared.giveBack(proc)
	pids, constrained := q.EqualInt("pid")
	if constrained {
		pids = shared.selected(proc, pids)
	} else if pids, err = shared.list(proc); err != nil {
		return err
	}
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := visit(proc, pid); err != nil {
			return err
		}
	}
	return nil
}

// eachProcess visits the processes that a query's pid constraint asks for, all where it has none. Those that have ended
// meanwhile are passed over.
func eachProcess(ctx context.Context, host tables.Host, q *tables.Query, visit func(procfs.Process) error) error {
	return eachPID(ctx, host, q, func(proc *procfs.Proc, pid int64) error {
		p, err := proc.Process(pid)
		if err != nil {
			return nil
		}
		defer p.Close()
		return visit(p)
	})
}

type procsKey struct{}

// procs is what a statement knows of /proc from one call of a generator to the next: as the inner side of a join a table is asked for
// each process in turn.
type procs struct {
	kept   bool           // until the statement ends
	idle   []*procfs.Proc // open, and used by no generator: one may be at work while the rows of another are read
	leader []int64        // processes that were listed, in ascending order
}

func procsOf(q *tables.Query) *procs {
	p, _ := tables.Cached(q.Cache(), procsKey{}, func() (*procs, error) {
		p := &procs{}
		p.kept = q.Cache().OnEnd(p.close)
		return p, nil
	})
	return p
}

// borrow gives a /proc that no other generator uses.
func (p *procs) borrow(host tables.Host) (*procfs.Proc, error) {
	if n := len(p.idle); n > 0 {
		proc := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return proc, nil
	}
	return procfs.Open(host)
}

func (p *procs) giveBack(proc *procfs.Proc) {
	if !p.kept {
		proc.Close()
		return
	}
	p.idle = append(p.idle, proc)
}

func (p *procs) close() {
	for _, proc := range p.idle {
		proc.Close()
	}
	p.idle = nil
}

// list lists the processes.
func (p *procs) list(proc *procfs.Proc) ([]int64, error) {
	pids, err := proc.PIDs()
	p.leader = pids
	return pids, err
}

// selected gives those of the given numbers that are processes, without asking for those that the statement has seen listed.
func (p *procs) selected(proc *procfs.Proc, pids []int64) []int64 {
	for _, pid := range pids {
		if _, listed := slices.BinarySearch(p.leader, pid); !listed {
			return proc.Selected(pids)
		}
	}
	slices.Sort(pids)
	return pids
}

// absent turns the absence of a source into no rows.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
