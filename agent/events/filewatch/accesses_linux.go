package filewatch

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables/threat"
)

// AccessTable and AccessPublisher are the names under which accesses of processes are recorded.
const (
	AccessTable     = "process_file_events"
	AccessPublisher = "fanotify"
)

// RunAccesses records what processes do to files until the context ends.
func RunAccesses(ctx context.Context, c Config, to *buffer.Buffer, log *slog.Logger) error {
	m, err := compile(c)
	if err != nil {
		return err
	}
	n, err := newFanotify()
	if err != nil {
		return err
	}
	defer n.file.Close()
	defer context.AfterFunc(ctx, func() { n.file.Close() })()
	a := &accesses{tree: newTree(m, n), to: to, log: log, now: time.Now}
	a.tree.scan(nil)
	a.tell()
	data := make([]byte, 64<<10)
	for {
		size, err := n.file.Read(data)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("read fanotify: %w", err)
		}
		watched, denied := len(a.tree.byKey), a.tree.denied
		parseAccesses(data[:size], a.take)
		if len(a.tree.byKey) != watched || a.tree.denied != denied {
			a.tell()
		}
	}
}

// accesses is the publisher of process_file_events.
type accesses struct {
	tree    *tree
	to      *buffer.Buffer
	log     *slog.Logger
	now     func() time.Time
	refresh int64
}

func (a *accesses) tell() {
	subscriptions, reason := a.tree.status()
	a.to.SetStatus(AccessTable, buffer.Status{Publisher: AccessPublisher, Active: true, Reason: reason, Subscriptions: subscriptions, Refreshes: a.refresh})
}

func (a *accesses) rescan() {
	a.refresh++
	a.tree.scan(nil)
	a.tell()
}

func (a *accesses) take(e access) {
	if e.mask&unix.FAN_Q_OVERFLOW != 0 {
		a.to.Dropped(AccessTable, 1, "the kernel's queue of accesses overflowed: an unknown number was lost")
		a.log.Warn("the kernel's queue of accesses overflowed: the directories are looked at again")
		a.rescan()
		return
	}
	file := a.locate(e.dir, e.name)
	if e.mask&(unix.FAN_DELETE_SELF|unix.FAN_MOVE_SELF) != 0 && file != "" && e.name == "." {
		a.tree.moved(path.Dir(file))
		if a.tree.isStart(path.Dir(file)) {
			a.rescan()
		}
		return
	}
	if e.name == "." {
		return // of the directory itself: its own directory tells
	}
	destination := a.locate(e.newDir, e.newName)
	if e.mask&unix.FAN_ONDIR != 0 {
		a.follow(e, file, destination)
	}
	if file == "" {
		file = destination // from a place that is not watched
	}
	if file == "" || int(e.pid) == os.Getpid() {
		return
	}
	a.record(e, file, destination)
}

// locate gives the path of an entry of a watched directory, "" where that is not known.
func (a *accesses) locate(key, name string) string {
	dir, known := a.tree.byKey[key]
	if !known || name == "" {
		return ""
	}
	if name == "." {
		return dir + "/."
	}
	return path.Join(dir, name)
}

// follow keeps the watched directories in step.
func (a *accesses) follow(e access, file, destination string) {
	if e.mask&(unix.FAN_DELETE) != 0 && file != "" {
		a.tree.removed(file)
	}
	if e.mask&(unix.FAN_RENAME|unix.FAN_MOVED_FROM) != 0 && file != "" {
		a.tree.moved(file)
	}
	if e.mask&(unix.FAN_CREATE|unix.FAN_MOVED_TO) != 0 && file != "" {
		a.tree.add(file, nil)
	}
	if destination != "" {
		a.tree.add(destination, nil)
	}
}

// operations are what a table's row calls the kernel's bits, in the order in which a process does them.
var operations = []struct {
	mask    uint64
	name    string
	reading bool
}{
	{unix.FAN_CREATE, "create", false},
	{unix.FAN_OPEN, "open", true},
	{unix.FAN_ACCESS, "read", true},
	{unix.FAN_MODIFY, "write", false},
	{unix.FAN_RENAME | unix.FAN_MOVED_FROM | unix.FAN_MOVED_TO, "rename", false},
	{unix.FAN_DELETE, "unlink", false},
}

// record records each thing that one process did to a file: the kernel puts those that follow each other together.
func (a *accesses) record(e access, file, destination string) {
	categories := a.tree.matcher.categories(file)
	if len(categories) == 0 && destination != "" {
		categories = a.tree.matcher.categories(destination)
	}
	if len(categories) == 0 {
		return
	}
	readings := false
	for _, c := range categories {
		readings = readings || c.accesses
	}
	at := a.now()
	var row *threat.ProcessFileEvent
	for _, o := range operations {
		if e.mask&o.mask == 0 || o.reading && !readings {
			continue
		}
		if row == nil {
			row = processOf("/proc", int(e.pid))
			row.Path, row.DestPath, row.Time = file, destination, at.Unix()
		}
		row.Operation = o.name
		a.to.Record(AccessTable, at, row)
	}
}

// processOf tells what a process is now. Of one that ended at once only its number is known, and partial says so.
func processOf(proc string, pid int) *threat.ProcessFileEvent {
	dir := path.Join(proc, strconv.Itoa(pid))
	row := &threat.ProcessFileEvent{PID: int64(pid), Partial: "false"}
	status, err := os.ReadFile(path.Join(dir, "status")) // the kernel's, a page long
	if err != nil {
		row.Partial = "true"
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		switch {
		case name == "PPid" && len(fields) == 1:
			row.PPID, _ = strconv.ParseInt(fields[0], 10, 64)
		case name == "Uid" && len(fields) == 4:
			row.UID, row.EUID, row.SUID, row.FSUID = fields[0], fields[1], fields[2], fields[3]
		case name == "Gid" && len(fields) == 4:
			row.GID, row.EGID, row.SGID, row.FSGID = fields[0], fields[1], fields[2], fields[3]
		}
	}
	if target, err := os.Readlink(path.Join(dir, "exe")); err == nil {
		row.Executable = strings.TrimSuffix(target, " (deleted)")
	}
	if target, err := os.Readlink(path.Join(dir, "cwd")); err == nil {
		row.Cwd = target
	}
	if text, err := os.ReadFile(path.Join(dir, "loginuid")); err == nil {
		row.AUID = strings.TrimSpace(string(text))
	}
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err == nil {
		row.Uptime = now.Sec
	}
	return row
}
