package extension

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/osquery/osquery-go/gen/osquery"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

const (
	extensionsMax = 32
	tablesMax     = 500 // of all extensions
	// readyTime is how long a new extension may take to open its socket.
	readyTime  = 10 * time.Second
	readyEvery = 20 * time.Millisecond
	// pingsMissed in a row end an extension.
	pingsMissed = 3
)

// Options of a Manager.
type Options struct {
	Path    string          // of the socket; see DefaultPath
	Version string          // of the agent
	Tables  []*tables.Table // our own, whose names no extension can take
	Class   tables.Class    // of the extensions' columns: nobody here knows what is in them
	Flags   []tables.Flag   // the program's options, which extensions may ask for
	Log     *slog.Logger
	Ping    time.Duration // between two looks at an extension; 0 is 5 s
}

// Manager serves the socket that extensions connect to, and keeps their tables in an engine. It is safe for concurrent use.
type Manager struct {
	o        Options
	plugins  plugins         // our own tables; set by Run
	taken    map[string]bool // names of our own tables, in lower case
	arrivals chan *remote    // that Run begins to watch

	mu         sync.Mutex
	extensions map[osquery.ExtensionRouteUUID]*remote // that registered
	ready      map[osquery.ExtensionRouteUUID]bool    // whose tables are in the engine
	changed    chan struct{}                          // closed at the next change
}

// New makes a manager; Run serves.
func New(o Options) *Manager {
	if o.Ping <= 0 {
		o.Ping = 5 * time.Second
	}
	m := &Manager{
		o: o, taken: map[string]bool{}, extensions: map[osquery.ExtensionRouteUUID]*remote{}, ready: map[osquery.ExtensionRouteUUID]bool{},
		arrivals: make(chan *remote), changed: make(chan struct{}),
	}
	for _, t := range o.Tables {
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			m.taken[strings.ToLower(name)] = true
		}
	}
	return m
}

// Listener is the manager's open socket.
type Listener struct{ l net.Listener }

// Close closes a socket that Run was not called for.
func (l *Listener) Close() error { return l.l.Close() }

// Listen opens the socket, mode 0600, in a directory that only this account can write; it is made where it is absent.
func (m *Manager) Listen(ctx context.Context) (*Listener, error) {
	l, err := listen(ctx, m.o.Path)
	if err != nil {
		return nil, err
	}
	return &Listener{l}, nil
}

// Run serves extensions, and keeps their tables in the engine beside our own, until the context ends. It closes the listener,
// and asks the extensions to end.
func (m *Manager) Run(ctx context.Context, l *Listener, e *engine.Engine) error {
	m.plugins = plugins{engine: e, tables: named(m.o.Tables, tables.BuildPlatform()), platform: tables.BuildPlatform()}
	m.o.Log.InfoContext(ctx, "extensions are served", "socket", m.o.Path)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		for {
			select {
			case r := <-m.arrivals:
				g.Go(func() error { m.watch(ctx, r); return nil })
			case <-ctx.Done():
				return nil
			}
		}
	})
	g.Go(func() error { return serve(ctx, l.l, osquery.NewExtensionManagerProcessor(handler{m}), m.o.Log) })
	return g.Wait()
}

// Wait returns when a number of extensions have their tables in the engine, or the context ends.
func (m *Manager) Wait(ctx context.Context, extensions int) error {
	for {
		m.mu.Lock()
		count, changed := len(m.ready), m.changed
		m.mu.Unlock()
		if count >= extensions {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d extensions registered: %w", count, extensions, context.Cause(ctx))
		}
	}
}

// Tables gives the tables of the extensions that are there, by name.
func (m *Manager) Tables() []*tables.Table {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.readyTables()
}

func (m *Manager) readyTables() []*tables.Table {
	var list []*tables.Table
	for uuid := range m.ready {
		list = append(list, m.extensions[uuid].tables...)
	}
	slices.SortFunc(list, func(a, b *tables.Table) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// list is what tables.Self tells of extensions.
func (m *Manager) list() []tables.Extension {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []tables.Extension
	for _, uuid := range slices.Sorted(maps.Keys(m.extensions)) {
		r := m.extensions[uuid]
		x := tables.Extension{UUID: int64(uuid), Name: r.info.Name, Version: r.info.Version, SDKVersion: r.info.SdkVersion, Path: r.path}
		if m.ready[uuid] {
			for _, t := range r.tables {
				x.Tables = append(x.Tables, t.Name)
			}
		}
		out = append(out, x)
	}
	return out
}

// publish has the engine know the tables of those that are ready. The caller holds mu.
func (m *Manager) publish(ctx context.Context) {
	if err := m.plugins.engine.SetTables(slices.Concat(m.o.Tables, m.readyTables())); err != nil {
		m.o.Log.ErrorContext(ctx, "the tables of extensions cannot be used", "err", err)
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

// register takes an extension in. It has no say over names that are taken; its config, logger and distributed plugins are
// left out, because the fleet configures this agent and takes its results.
func (m *Manager) register(ctx context.Context, info osquery.InternalExtensionInfo, registry osquery.ExtensionRegistry) (osquery.ExtensionRouteUUID, error) {
	if info.Name == "" || len(info.Name) > nameMax || strings.ContainsFunc(info.Name, func(r rune) bool { return r < ' ' }) {
		return 0, fmt.Errorf("extension %.*q: a name has 1 to %d characters", nameMax, info.Name, nameMax)
	}
	info.Version, info.SdkVersion = cut(info.Version), cut(info.SdkVersion)
	if err := m.makeRoom(ctx, info.Name); err != nil {
		return 0, err
	}
	for registry, plugins := range registry {
		if registry != "table" && len(plugins) > 0 {
			m.o.Log.WarnContext(ctx, "plugins of an extension are ignored: this agent takes tables only",
				"extension", info.Name, "registry", cut(registry), "plugins", len(plugins))
		}
	}
	r, err := m.add(ctx, info, registry["table"])
	if err != nil {
		return 0, err
	}
	select {
	case m.arrivals <- r:
		return r.uuid, nil
	case <-ctx.Done():
		m.remove(ctx, r, "the agent stops")
		return 0, context.Cause(ctx)
	}
}

func (m *Manager) add(ctx context.Context, info osquery.InternalExtensionInfo, routes osquery.ExtensionRouteTable) (*remote, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.extensions) >= extensionsMax {
		return nil, fmt.Errorf("there are %d extensions already", extensionsMax)
	}
	uuid, err := m.newUUID()
	if err != nil {
		return nil, err
	}
	r := &remote{
		uuid: uuid, info: info, path: m.o.Path + "." + strconv.FormatInt(int64(uuid), 10),
		suspect: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	r.tables = m.tablesOf(ctx, r, routes)
	m.extensions[uuid] = r
	return r, nil
}

// cut bounds text of an extension that is only shown.
func cut(text string) string { return text[:min(len(text), nameMax)] }

// tablesOf makes the tables of a registration. One that is wrong, or whose name is taken, is left out with a line in the log.
// The caller holds mu.
func (m *Manager) tablesOf(ctx context.Context, r *remote, routes osquery.ExtensionRouteTable) []*tables.Table {
	taken, count := maps.Clone(m.taken), 0
	for _, other := range m.extensions {
		count += len(other.tables)
		for _, t := range other.tables {
			taken[strings.ToLower(t.Name)] = true
		}
	}
	var list []*tables.Table
	for _, name := range slices.Sorted(maps.Keys(routes)) {
		var err error
		var t *tables.Table
		switch {
		case taken[strings.ToLower(name)]:
			err = fmt.Errorf("table %.*s is there already", nameMax, name)
		case count+len(list) >= tablesMax:
			err = fmt.Errorf("extensions have %d tables already", tablesMax)
		default:
			t, err = r.table(name, routes[name], m.o.Class)
		}
		if err != nil {
			m.o.Log.WarnContext(ctx, "a table of an extension is left out", "extension", r.info.Name, "err", err)
			continue
		}
		taken[strings.ToLower(name)] = true
		list = append(list, t)
	}
	return list
}

// makeRoom refuses a second extension of a name, except where the first is gone and came back before anybody noticed.
func (m *Manager) makeRoom(ctx context.Context, name string) error {
	m.mu.Lock()
	var first *remote
	for _, r := range m.extensions {
		if r.info.Name == name {
			first = r
		}
	}
	m.mu.Unlock()
	if first == nil {
		return nil
	}
	if first.ping(ctx) == nil {
		return fmt.Errorf("an extension %s is there already", name)
	}
	m.remove(ctx, first, "it came back")
	return nil
}

// newUUID gives a number that no extension has. It becomes part of a path, for which osquery's extensions leave room for
// five digits. The caller holds mu.
func (m *Manager) newUUID() (osquery.ExtensionRouteUUID, error) {
	for range 100 {
		var b [2]byte
		if _, err := rand.Read(b[:]); err != nil {
			return 0, err
		}
		if uuid := osquery.ExtensionRouteUUID(binary.BigEndian.Uint16(b[:])); uuid != 0 && m.extensions[uuid] == nil {
			return uuid, nil
		}
	}
	return 0, errors.New("no number is free")
}

// remove forgets an extension; its tables leave the engine.
func (m *Manager) remove(ctx context.Context, r *remote, why string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.extensions[r.uuid] != r {
		return
	}
	delete(m.extensions, r.uuid)
	delete(m.ready, r.uuid)
	close(r.gone)
	m.publish(ctx)
	m.o.Log.InfoContext(ctx, "an extension is gone", "extension", r.info.Name, "reason", why)
	if err := removeSocket(r.path); err != nil {
		m.o.Log.DebugContext(ctx, "the socket of an extension stays", "err", err)
	}
}

// watch brings an extension's tables into the engine once it answers, and removes it when it does so no more. Where the agent
// ends, it asks the extension to end too.
func (m *Manager) watch(ctx context.Context, r *remote) {
	if err := m.awaitReady(ctx, r); err != nil {
		m.remove(ctx, r, err.Error())
		return
	}
	m.mu.Lock()
	if m.extensions[r.uuid] == r {
		m.ready[r.uuid] = true
		m.publish(ctx)
		m.o.Log.InfoContext(ctx, "an extension is there", "extension", r.info.Name, "version", r.info.Version, "tables", len(r.tables))
	}
	m.mu.Unlock()
	ticker := time.NewTicker(m.o.Ping)
	defer ticker.Stop()
	for missed := 0; missed < pingsMissed; {
		select {
		case <-r.gone:
			return
		case <-ctx.Done():
			if err := r.shutdown(context.WithoutCancel(ctx)); err != nil {
				m.o.Log.DebugContext(ctx, "an extension was not asked to end", "extension", r.info.Name, "err", err)
			}
			return
		case <-r.suspect:
		case <-ticker.C:
		}
		if err := r.ping(ctx); err != nil {
			missed++
			r.doubt() // look again at once: the sockets of what is gone refuse at once
		} else {
			missed = 0
		}
	}
	m.remove(ctx, r, "it does not answer")
}

// awaitReady waits for the extension's own socket, which it opens when it knows its number.
func (m *Manager) awaitReady(ctx context.Context, r *remote) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	ticker := time.NewTicker(readyEvery)
	defer ticker.Stop()
	for {
		err := r.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-r.gone:
			return errors.New("it deregistered")
		case <-ctx.Done():
			return fmt.Errorf("it registered and did not answer in %s: %w", readyTime, err)
		case <-ticker.C:
		}
	}
}
