package tables

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"time"
)

// Host is the machine that tables read: live, a container's host mount, a mounted image or a fixture folder. All of it is
// safe for concurrent use. Paths are absolute paths of the scanned machine; links are resolved inside its root.
type Host interface {
	// Live tells whether the root is that of the running system, so that system calls (netlink, statfs, getuid) and
	// commands speak of the same machine as its files.
	Live() bool
	// Running tells whether the scanned system runs on the agent's own kernel: it is live, or it is the host of the agent's
	// container, whose / is mounted somewhere. System calls that ask of the kernel, or of file systems by RealPath, hold for
	// it; its namespaces may be others than the agent's.
	Running() bool
	// Inside gives the file system that a process sees as its root as a system at rest, such as that of a container, until
	// done is called. It fails with fs.ErrNotExist where there is no such process, fs.ErrPermission where it may not be
	// looked into, errors.ErrUnsupported on systems other than Linux.
	Inside(pid int64) (inside Host, done func(), err error)
	// Platform is the one system that is scanned: this build's when live, that of the image else.
	Platform() Platforms
	// Root is the directory that the scanned machine's / is mounted on; "/" when live.
	Root() string
	// RealPath gives where a path of the scanned machine is found by system calls, with links resolved inside the root.
	RealPath(path string) (string, error)

	// ReadFile reads a whole regular file of at most 10 MiB without ever blocking on a FIFO or device.
	ReadFile(path string) ([]byte, error)
	// Open opens a regular file for streaming, without ever blocking on a FIFO or device.
	Open(path string) (File, error)
	// ReadDir lists a directory in name order.
	ReadDir(path string) ([]fs.DirEntry, error)
	// Stat follows links, Lstat does not.
	Stat(path string) (fs.FileInfo, error)
	Lstat(path string) (fs.FileInfo, error)
	Readlink(path string) (string, error)
	// Glob lists the paths that match a shell pattern (path.Match on each level), in name order.
	Glob(pattern string) ([]string, error)

	// Run runs a command by absolute path with a fixed environment, 10 s and 1 MiB of output at most. On a host that is
	// not live it fails with errors.ErrUnsupported, unless a fixture holds the recorded output.
	Run(ctx context.Context, argv ...string) ([]byte, error)

	Now() time.Time
	Log() *slog.Logger
	// Self is the agent's own state; it is never nil. Without a daemon its lists are empty.
	Self() Self
}

// File is an open regular file.
type File interface {
	io.ReadSeekCloser
	io.ReaderAt
	Stat() (fs.FileInfo, error)
}

// Self is what the product knows of itself on this machine.
type Self interface {
	// Info names the running program.
	Info(ctx context.Context) (Info, error)
	// Schedule lists the scheduled queries of the present configuration with what each last did.
	Schedule(ctx context.Context) ([]ScheduledQuery, error)
	// Executions lists what ran lately, oldest first, with its cost: scheduled and live statements alike.
	Executions(ctx context.Context) ([]Execution, error)
	// Events gives recorded events, oldest first: those after the context's cursor, or all in the buffer where it has none.
	Events(ctx context.Context, q EventQuery, emit func(Event) error) error
	// EventTables tells of each table of events that this agent knows of, by name. Without a daemon there are none.
	EventTables(ctx context.Context) ([]EventTable, error)
	// Extensions lists the osquery extensions that are connected. Where none are served there are none.
	Extensions(ctx context.Context) ([]Extension, error)
	// Flags lists the options that the program was started with, by name.
	Flags(ctx context.Context) ([]Flag, error)
	// PrometheusTargets lists the addresses whose figures this endpoint's administrator lets tables read. Nobody else names any.
	PrometheusTargets(ctx context.Context) ([]string, error)
}

// Info describes the agent's program.
type Info struct {
	Version       string
	AgentID       string // "" before enrolment
	TenantID      string
	ConfigVersion int64
	StartedAt     time.Time // zero where no daemon runs
	PID           int64
	StateDir      string
	SpoolBatches  int64
	SpoolBytes    int64
	SpoolDropped  int64 // batches given up because the spool was full
}

// ScheduledQuery is one line of the agent's schedule.
type ScheduledQuery struct {
	Pack, Name, SQL   string
	Interval          time.Duration
	Snapshot, Removed bool
	Executions        int64
	LastRun, NextRun  time.Time // zero: not yet
	LastStatus        string    // "", ok, error, limited
	LastError         string
	Denied            bool // backs off because it keeps breaking its budget
	Rows, Bytes       int64
	Wall, CPU         time.Duration // sums over all executions
}

// Execution is one statement that ran.
type Execution struct {
	At          time.Time
	Kind        string // scheduled, live, check
	Name, SQL   string
	Status      string // ok, error, limited, cancelled
	Error       string
	Rows, Bytes int64
	Wall, CPU   time.Duration
}

// Extension is an osquery extension that is connected.
type Extension struct {
	UUID                      int64
	Name, Version, SDKVersion string
	Path                      string   // of its socket
	Tables                    []string // that can be asked, by name
}

// Flag is one option of the program's command line.
type Flag struct {
	Name, Type, Description string
	Default, Value          string
	ShellOnly               bool // it is one of a local command, not of the daemon
}
