package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/tables"
)

// Started notes which process is the daemon; Ended that it ended well.
func (db *DB) Started(ctx context.Context, at time.Time, version string) error {
	if _, err := db.sql.ExecContext(ctx, "UPDATE agent SET pid = ?, started_at = ?, version = ?", os.Getpid(), at.UnixMilli(), version); err != nil {
		return fmt.Errorf("state: note the start: %w", err)
	}
	return nil
}

// Ended is the other end of Started.
func (db *DB) Ended(ctx context.Context) error {
	if _, err := db.sql.ExecContext(ctx, "UPDATE agent SET pid = 0, started_at = 0"); err != nil {
		return fmt.Errorf("state: note the end: %w", err)
	}
	return nil
}

// Self tells what the agent knows of itself, from its state directory. It implements tables.Self.
type Self struct {
	open    func(context.Context) (db *DB, done func() error, err error)
	events  func() (events *buffer.Buffer, done func() error, err error)
	dir     Dir
	version string
	flags   []tables.Flag
	targets []string
}

var _ tables.Self = (*Self)(nil)

// NewSelf makes the Self of the daemon. Without a buffer there are no events.
func NewSelf(db *DB, events *buffer.Buffer, version string) *Self {
	stays := func() error { return nil }
	return &Self{
		open: func(context.Context) (*DB, func() error, error) { return db, stays, nil },
		events: func() (*buffer.Buffer, func() error, error) {
			if events == nil {
				return nil, nil, fs.ErrNotExist
			}
			return events, stays, nil
		},
		dir: db.dir, version: version,
	}
}

// WithFlags has the Self tell with which options the program was started.
func (s *Self) WithFlags(flags []tables.Flag) *Self {
	s.flags = flags
	return s
}

// WithPrometheusTargets has the Self tell which targets the endpoint's policy file names.
func (s *Self) WithPrometheusTargets(targets []string) *Self {
	s.targets = targets
	return s
}

// ReadSelf makes the Self of another process than the daemon. Where there is no state, or the user may not read it, its
// lists are empty.
func ReadSelf(dir Dir, version string) *Self {
	return &Self{
		open: func(context.Context) (*DB, func() error, error) { return openReadOnly(dir) },
		events: func() (*buffer.Buffer, func() error, error) {
			b, err := buffer.OpenReadOnly(dir.path)
			if err != nil {
				return nil, nil, err
			}
			return b, b.Close, nil
		},
		dir: dir, version: version,
	}
}

func openReadOnly(dir Dir) (*DB, func() error, error) {
	f, err := os.Open(dir.file(fileName)) // says best why not
	if err != nil {
		return nil, nil, err
	}
	if err := f.Close(); err != nil {
		return nil, nil, err
	}
	db, err := connect(dir, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(2000)"}})
	if err != nil {
		return nil, nil, err
	}
	return db, db.Close, nil
}

// read runs fn on the state, or not at all where there is none to read.
func (s *Self) read(ctx context.Context, fn func(*DB) error) error {
	db, done, err := s.open(ctx)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return errors.Join(fn(db), done())
}

// Info is part of tables.Self.
func (s *Self) Info(ctx context.Context) (tables.Info, error) {
	info := tables.Info{Version: s.version, PID: int64(os.Getpid()), StateDir: s.dir.path}
	err := s.read(ctx, func(db *DB) error {
		var pid, started int64
		var version string
		if err := db.sql.QueryRowContext(ctx, `
			SELECT agent_id, tenant_id, config_version, spool_batches, spool_bytes, spool_dropped, pid, started_at, version FROM agent`).
			Scan(&info.AgentID, &info.TenantID, &info.ConfigVersion, &info.SpoolBatches, &info.SpoolBytes, &info.SpoolDropped, &pid, &started, &version); err != nil {
			return fmt.Errorf("state: read the agent's facts: %w", err)
		}
		if started != 0 {
			info.PID, info.StartedAt, info.Version = pid, time.UnixMilli(started), version
		}
		return nil
	})
	return info, err
}

// Schedule is part of tables.Self.
func (s *Self) Schedule(ctx context.Context) ([]tables.ScheduledQuery, error) {
	var list []tables.ScheduledQuery
	err := s.read(ctx, func(db *DB) error {
		command, _, err := db.Config(ctx)
		if err != nil || command == nil {
			return err
		}
		var config protocol.Config
		if err := protocol.Decode(command.Body, &config); err != nil {
			return fmt.Errorf("state: read configuration: %w", err)
		}
		runs, err := db.Runs(ctx)
		if err != nil {
			return err
		}
		for _, q := range config.Queries {
			list = append(list, scheduled(q, runs[q.Collection]))
		}
		return nil
	})
	return list, err
}

func scheduled(q protocol.ConfigQuery, r Run) tables.ScheduledQuery {
	kind, name, _ := strings.Cut(q.Collection, ":")
	pack := kind
	if kind == "pack" {
		pack, name, _ = strings.Cut(name, "/")
	}
	return tables.ScheduledQuery{
		Pack: pack, Name: name, SQL: q.SQL, Interval: time.Duration(q.IntervalSeconds) * time.Second,
		Snapshot: q.Mode == protocol.ModeSnapshot, Removed: q.Mode != protocol.ModeAppend,
		Executions: r.Executions, LastRun: r.LastRun, NextRun: r.NextRun, LastStatus: r.Status, LastError: r.Error, Denied: r.Denied,
		Rows: r.Rows, Bytes: r.Bytes, Wall: r.Wall, CPU: r.CPU,
	}
}

// Executions is part of tables.Self.
func (s *Self) Executions(ctx context.Context) ([]tables.Execution, error) {
	var list []tables.Execution
	err := s.read(ctx, func(db *DB) (err error) {
		list, err = db.Executions(ctx)
		return err
	})
	return list, err
}

// readEvents runs fn on the buffer of events, or not at all where there is none to read.
func (s *Self) readEvents(fn func(*buffer.Buffer) error) error {
	b, done, err := s.events()
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return errors.Join(fn(b), done())
}

// Events is part of tables.Self.
func (s *Self) Events(ctx context.Context, q tables.EventQuery, emit func(tables.Event) error) error {
	return s.readEvents(func(b *buffer.Buffer) error { return b.Events(ctx, q, emit) })
}

// EventTables is part of tables.Self.
func (s *Self) EventTables(ctx context.Context) ([]tables.EventTable, error) {
	var list []tables.EventTable
	err := s.readEvents(func(b *buffer.Buffer) (err error) {
		list, err = b.EventTables(ctx)
		return err
	})
	return list, err
}

// Extensions is part of tables.Self. The state holds none: they are connected to a process, which tells of them itself.
func (s *Self) Extensions(context.Context) ([]tables.Extension, error) { return nil, nil }

// Flags is part of tables.Self.
func (s *Self) Flags(context.Context) ([]tables.Flag, error) { return s.flags, nil }

// PrometheusTargets is part of tables.Self.
func (s *Self) PrometheusTargets(context.Context) ([]string, error) { return s.targets, nil }
