package buffer

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/tenantra/tenantra/tables"
)

// FileName is the buffer's file in the state directory.
const FileName = "events.db"

//go:embed schema.sql
var schema string

// Limits bound what one table of events may hold. A field that is not positive takes its default.
type Limits struct {
	Rows  int64
	Bytes int64         // of the rows as they are stored
	Age   time.Duration // older events are not shown, and removed
}

// DefaultLimits are those of a table that nobody says more of.
var DefaultLimits = Limits{Rows: 50_000, Bytes: 32 << 20, Age: 24 * time.Hour}

// The queue in memory.
const (
	queueRows  = 8192
	queueBytes = 8 << 20
	rowMax     = 64 << 10 // of one row; what is longer is dropped
	writeEvery = 200 * time.Millisecond
)

// Buffer is the file and the queue before it. It is safe for concurrent use.
type Buffer struct {
	db       *sql.DB
	readOnly bool
	log      *slog.Logger
	now      func() time.Time

	mu      sync.Mutex // of what follows
	limits  Limits
	queue   []record
	queued  int // bytes
	next    int64
	sources map[string]*source
	wake    chan struct{}

	writing sync.Mutex // held by who moves the queue to disk
}

type record struct {
	source *source
	id, at int64
	row    []byte
}

// source is a table of events as it stands.
type source struct {
	tables.EventTable
	id      int64
	changed bool
}

// Options of a Buffer. Zero values mean the defaults.
type Options struct {
	Limits Limits
	Log    *slog.Logger
	Now    func() time.Time
}

// Open opens the buffer in a directory for the daemon, and makes it where it is absent. A file that cannot be used is
// replaced.
func Open(ctx context.Context, dir string, o Options) (*Buffer, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	path := filepath.Join(dir, FileName)
	b, err := open(ctx, path, o)
	if err == nil {
		return b, nil
	}
	if ctx.Err() != nil {
		return nil, err
	}
	o.Log.WarnContext(ctx, "the buffer of events cannot be used and begins anew", "file", path, "err", err)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("event buffer: %w", err)
		}
	}
	if b, err = open(ctx, path, o); err != nil {
		return nil, fmt.Errorf("event buffer: open %s: %w", path, err)
	}
	return b, nil
}

func open(ctx context.Context, path string, o Options) (*Buffer, error) {
	// The file is made here so that it has its mode from the start.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	b, err := connect(path, url.Values{"_txlock": {"immediate"}, "_pragma": {
		"auto_vacuum(incremental)", "journal_mode(wal)", "synchronous(normal)", "busy_timeout(5000)", "cache_size(-512)", "journal_size_limit(1048576)",
	}})
	if err != nil {
		return nil, err
	}
	b.log, b.limits = o.Log, o.Limits.orDefault()
	if o.Now != nil {
		b.now = o.Now
	}
	if err := b.prepare(ctx); err != nil {
		return nil, errors.Join(err, b.db.Close())
	}
	return b, nil
}

// OpenReadOnly opens the buffer of a daemon for another process. Its error wraps fs.ErrNotExist where there is none, and
// fs.ErrPermission where the user may not read it.
func OpenReadOnly(dir string) (*Buffer, error) {
	path := filepath.Join(dir, FileName)
	f, err := os.Open(path) // says best why not
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	b, err := connect(path, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(2000)"}})
	if err != nil {
		return nil, err
	}
	b.readOnly = true
	return b, nil
}

func connect(path string, options url.Values) (*Buffer, error) {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/… has no leading slash in a file URI's path
	}
	uri := url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", uri.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return &Buffer{
		db: db, log: slog.New(slog.DiscardHandler), now: time.Now, limits: DefaultLimits, sources: map[string]*source{}, wake: make(chan struct{}, 1),
	}, nil
}

func (l Limits) orDefault() Limits {
	if l.Rows <= 0 {
		l.Rows = DefaultLimits.Rows
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultLimits.Bytes
	}
	if l.Age <= 0 {
		l.Age = DefaultLimits.Age
	}
	return l
}

// prepare makes the tables, and starts the counters anew: they count from the start of the agent.
func (b *Buffer) prepare(ctx context.Context) error {
	var version int
	if err := b.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	switch version {
	case 0:
		if _, err := b.db.ExecContext(ctx, schema); err != nil { //lint:allow constantSQL embedded from schema.sql
			return err
		}
	case 1:
	default:
		return fmt.Errorf("it was written by a newer version of the agent (schema %d)", version)
	}
	var verdict string
	if err := b.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("the file is spoilt: %s", verdict)
	}
	if _, err := b.db.ExecContext(ctx, `
		UPDATE sources SET active = 0, reason = '', subscriptions = 0, refreshes = 0, recorded = 0, dropped = 0, last_drop = '', evicted = 0, expired = 0`); err != nil {
		return err
	}
	// After a file that was replaced, identifiers go on above those that scheduled queries have read.
	if err := b.db.QueryRowContext(ctx, "SELECT max(coalesce(max(id) + 1, 0), ?) FROM events", b.now().UnixMicro()).Scan(&b.next); err != nil {
		return err
	}
	return b.loadSources(ctx)
}

func (b *Buffer) loadSources(ctx context.Context) error {
	rows, err := b.db.QueryContext(ctx, "SELECT id, name, publisher, rows, bytes FROM sources")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		s := &source{}
		if err := rows.Scan(&s.id, &s.Name, &s.Publisher, &s.Rows, &s.Bytes); err != nil {
			return err
		}
		b.sources[s.Name] = s
	}
	return rows.Err()
}

// SetLimits replaces the limits. What they cut goes with the next write.
func (b *Buffer) SetLimits(l Limits) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limits = l.orDefault()
}

// Run moves the queue to disk until the context ends, and the rest then.
func (b *Buffer) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return b.Flush(last)
		case <-b.wake:
		}
		select {
		case <-ctx.Done(): // the queue goes to disk above
			continue
		case <-time.After(writeEvery):
		}
		if err := b.Flush(ctx); err != nil && ctx.Err() == nil {
			b.log.WarnContext(ctx, "recorded events could not be written", "err", err)
		}
	}
}

// Close closes the file. What is still queued is lost; Run writes it when it ends.
func (b *Buffer) Close() error { return b.db.Close() }
