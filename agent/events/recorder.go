package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/agent/events/filewatch"
)

// Settings is what is recorded.
type Settings struct {
	Known    []string          // all tables of events of this system
	Tables   []string          // those that are recorded
	Refused  map[string]string // tables that are asked for and not recorded, with the reason for people
	Files    filewatch.Config
	Channels []string // of Windows' event log
	Limits   buffer.Limits
}

// Options of a Recorder.
type Options struct {
	Buffer   *buffer.Buffer
	StateDir string // where a publisher makes what others write to
	Log      *slog.Logger
}

// Recorder runs the publishers. Configure is safe to call at any time.
type Recorder struct {
	o          Options
	publishers []publisher
	retry      func(attempt int) time.Duration

	mu       sync.Mutex
	settings *Settings
	changed  chan struct{}
}

// publisher listens to one source.
type publisher struct {
	name   string
	tables []string
	// needs gives what of the settings the publisher follows; it starts anew only where that changed. A reason says why
	// there is nothing to listen to.
	needs func(s Settings) (job job, reason string)
	// run records until the context ends, or until the source ends with an error that says why and what to do. It sets the
	// status of its tables once it listens.
	run func(ctx context.Context, o Options, j job) error
}

// job is what a publisher does.
type job struct {
	tables []string // of its own that are recorded
	files  filewatch.Config
	//lint:ignore U1000 the build for Windows uses it
	channels []string
}

// New makes a Recorder that records nothing until it is configured.
func New(o Options) *Recorder {
	return &Recorder{o: o, publishers: publishers(), retry: backOff, changed: make(chan struct{}, 1)}
}

// backOff is how long a publisher waits that could not listen: what hinders it is mostly set by somebody for good.
func backOff(attempt int) time.Duration { return min(time.Minute<<min(attempt, 10), time.Hour) }

// Configure replaces the settings.
func (r *Recorder) Configure(s Settings) {
	r.mu.Lock()
	r.settings = &s
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// running is a publisher at work.
type running struct {
	job  job
	stop context.CancelFunc
	done chan struct{}
}

func (p *running) end() {
	p.stop()
	<-p.done
}

// Run runs publishers as the settings say until the context ends.
func (r *Recorder) Run(ctx context.Context) error {
	at := map[string]*running{}
	defer func() {
		for _, p := range at {
			p.end()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.changed:
		}
		r.mu.Lock()
		s := *r.settings
		r.mu.Unlock()
		r.follow(ctx, s, at)
	}
}

// follow starts, restarts and stops publishers.
func (r *Recorder) follow(ctx context.Context, s Settings, at map[string]*running) {
	r.o.Buffer.SetLimits(s.Limits)
	idle := map[string]string{}
	for _, name := range s.Known {
		idle[name] = "nothing asks for its events: schedule a query of it, or name it in a pack's events"
		if slices.Contains(s.Tables, name) {
			idle[name] = "this agent cannot record these events on " + runtime.GOOS
		}
		if reason, refused := s.Refused[name]; refused {
			idle[name] = reason
		}
	}
	for _, p := range r.publishers {
		j, reason := p.needs(s)
		j.tables = nil
		for _, table := range p.tables {
			if slices.Contains(s.Tables, table) {
				j.tables = append(j.tables, table)
			}
		}
		for _, table := range j.tables {
			delete(idle, table)
			if reason != "" {
				idle[table] = reason
			}
		}
		now := at[p.name]
		wanted := len(j.tables) > 0 && reason == ""
		if now != nil && wanted && reflect.DeepEqual(now.job, j) {
			continue
		}
		if now != nil {
			now.end()
			delete(at, p.name)
		}
		if wanted {
			at[p.name] = r.start(ctx, p, j)
		}
	}
	for table, reason := range idle {
		r.o.Buffer.SetStatus(table, buffer.Status{Reason: reason})
	}
}

func (r *Recorder) start(ctx context.Context, p publisher, j job) *running {
	ctx, stop := context.WithCancel(ctx)
	now := &running{job: j, stop: stop, done: make(chan struct{})}
	o := r.o
	o.Log = r.o.Log.With("publisher", p.name)
	go func() {
		defer close(now.done)
		for attempt := 0; ; attempt++ {
			err := guard(func() error { return p.run(ctx, o, j) })
			if ctx.Err() != nil {
				return
			}
			o.Log.WarnContext(ctx, "events are not recorded", "tables", j.tables, "err", err)
			for _, table := range j.tables {
				o.Buffer.SetStatus(table, buffer.Status{Publisher: p.name, Reason: err.Error()})
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(r.retry(attempt)):
			}
		}
	}()
	return now
}

var errEnded = errors.New("the source of events ended")

// guard keeps a panic in one publisher, which reads what others write, from ending the agent.
func guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the publisher broke, please report it: %v", p)
		}
	}()
	if err = fn(); err == nil {
		err = errEnded
	}
	return err
}
