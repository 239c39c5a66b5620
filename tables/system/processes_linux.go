package system

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// processParts are the files of a process that a statement needs, each of which costs.
type processParts struct {
	stat, status, io, cmdline, cgroup, owner, exe, cwd, root bool
}

func processPartsOf(q *tables.Query) processParts {
	return processParts{
		stat:    q.WantsAny("name", "state", "parent", "pgroup", "user_time", "system_time", "nice", "threads", "start_time"),
		status:  q.WantsAny("uid", "gid", "euid", "egid", "suid", "sgid", "resident_size", "total_size"),
		io:      q.WantsAny("disk_bytes_read", "disk_bytes_written"),
		cmdline: q.Wants("cmdline"), cgroup: q.Wants("cgroup_path"), owner: q.WantsAny(container.OwnerColumns...),
		exe: q.WantsAny("path", "on_disk"), cwd: q.Wants("cwd"), root: q.Wants("root"),
	}
}

// processKey finds a process that another row of the same statement already asked for. Two uses of the table in one
// statement may need different parts.
type processKey struct {
	pid   int64
	parts processParts
}

// errGone says that a process ended while it was read.
var errGone = errors.New("the process has ended")

func generateProcesses(ctx context.Context, host tables.Host, q *tables.Query, emit func(*process) error) error {
	reader := processReader{host: host, parts: processPartsOf(q), boot: -1, shared: procsOf(q)}
	defer reader.close()
	var err error
	if q.Wants("start_time") {
		if reader.boot, err = bootTime(host, q); err != nil {
			return err
		}
	}
	if reader.parts.owner {
		if reader.containers, err = container.IndexOf(ctx, host, q); err != nil {
			return err
		}
	}
	if pids, constrained := q.EqualInt("pid"); constrained {
		return reader.lookUp(ctx, q, pids, emit)
	}
	if err := reader.open(); err != nil {
		return absent(err)
	}
	pids, err := reader.shared.list(reader.proc)
	if err != nil {
		return err
	}
	var row process
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return err
		}
		if reader.read(pid, &row) != nil {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

type bootTimeKey struct{}

// bootTime gives the Unix second of boot, -1 where the host does not tell it.
func bootTime(host tables.Host, q *tables.Query) (int64, error) {
	return tables.Cached(q.Cache(), bootTimeKey{}, func() (int64, error) {
		text, err := host.ReadFile("/proc/stat")
		if err != nil {
			return -1, absent(err)
		}
		if boot, ok := parseBootTime(text); ok {
			return boot, nil
		}
		return -1, nil
	})
}

type processReader struct {
	host   tables.Host
	shared *procs
	proc   *procfs.Proc // nil until it is needed
	parts  processParts
	boot   int64

	containers *container.Index // nil where no column needs it
}

func (r *processReader) open() (err error) {
	if r.proc == nil {
		r.proc, err = r.shared.borrow(r.host)
	}
	return err
}

func (r *processReader) close() {
	if r.proc != nil {
		r.shared.giveBack(r.proc)
	}
}

// lookUp emits given processes. A join asks for the same ones again and again; each is read once in a statement.
func (r *processReader) lookUp(ctx context.Context, q *tables.Query, pids []int64, emit func(*process) error) error {
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := tables.Cached(q.Cache(), processKey{pid, r.parts}, func() (*process, error) {
			if err := r.open(); err != nil {
				return nil, absent(err)
			}
			var row process
			if len(r.shared.selected(r.proc, []int64{pid})) == 0 || r.read(pid, &row) != nil {
				return nil, nil // keep that it is not there, too
			}
			return &row, nil
		})
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		if err := emit(row); err != nil {
			return err
		}
	}
	return nil
}

// read fills in a row with the parts asked for. It fails only where the process is gone.
func (r *processReader) read(pid int64, row *process) error {
	*row = process{PID: pid, OnDisk: -1, StartTime: -1}
	if r.parts == (processParts{}) {
		return nil
	}
	p, err := r.proc.Process(pid)
	if err != nil {
		return errGone
	}
	defer p.Close()
	if r.parts.stat {
		text, err := p.Read("stat")
		if gone(err) {
			return errGone
		}
		if ticks, ok := parseProcessStat(text, row); ok && r.boot >= 0 {
			row.StartTime = r.boot + ticks*millisecondsPerTick/1000
		}
	}
	if r.parts.status {
		text, err := p.Read("status")
		if gone(err) {
			return errGone
		}
		parseProcessStatus(text, row)
	}
	if r.parts.io {
		if text, err := p.Read("io"); err == nil {
			parseProcessIO(text, row)
		}
	}
	if r.parts.cmdline {
		if text, err := p.Read("cmdline"); err == nil {
			row.Cmdline = tables.Some(mask.Arguments(text))
		}
	}
	if r.parts.cgroup || r.parts.owner {
		if text, err := p.Read("cgroup"); err == nil {
			row.CgroupPath = tables.Some(parseCgroup(text))
			if ref, ok := container.OfCgroup(text); ok && r.parts.owner {
				row.Owner = r.containers.OwnerOf(ref)
			}
		}
	}
	if r.parts.exe {
		r.readExecutable(p, row)
	}
	if r.parts.cwd {
		row.Cwd = readLink(p, "cwd")
	}
	if r.parts.root {
		row.Root = readLink(p, "root")
	}
	return nil
}

// readExecutable fills in the executed file. The kernel marks the name of a deleted one, in whichever mount namespace the
// file is: looking for its name would say "deleted" of every program in a container.
func (r *processReader) readExecutable(p procfs.Process, row *process) {
	const deleted = " (deleted)"
	row.Path = readLink(p, "exe")
	path := row.Path.V
	switch {
	case path == "":
	case !strings.HasSuffix(path, deleted):
		row.OnDisk = 1
	default:
		row.OnDisk = 0
		// A file may really be named so.
		if info, err := r.host.Stat(path); err == nil && (!r.host.Live() || p.IsFile("exe", info)) {
			row.OnDisk = 1
			return
		}
		row.Path = tables.Some(strings.TrimSuffix(path, deleted))
	}
}

// readLink gives a link of a process: empty where it has none, as a kernel thread, NULL where it may not be read.
func readLink(p procfs.Process, name string) tables.Null[string] {
	target, err := p.Link(name)
	if err != nil && err != unix.ENOENT {
		return tables.Null[string]{}
	}
	return tables.Some(target)
}

// gone tells of the errors that reading gives when a process ends after its directory was opened.
func gone(err error) bool { return err == unix.ESRCH || err == unix.ENOENT }
