package services

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/dbus"
	godbus "github.com/godbus/dbus/v5"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// busTime bounds the whole talk with the manager: a hung one must not hold the statement.
const busTime = 10 * time.Second

func generateSystemdUnits(ctx context.Context, host tables.Host, q *tables.Query, emit func(*systemdUnit) error) error {
	if host.Running() && booted(host) {
		units, err := loadedUnits(ctx, host, q)
		if err == nil {
			return emitAll(units, emit)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		hostfile.Skipped(ctx, host, "org.freedesktop.systemd1", err)
	}
	return unitFiles(ctx, host, emit)
}

// booted is sd_booted(3).
func booted(host tables.Host) bool {
	_, err := host.Lstat("/run/systemd/system")
	return err == nil
}

func emitAll(units []systemdUnit, emit func(*systemdUnit) error) error {
	for i := range units {
		if err := emit(&units[i]); err != nil {
			return err
		}
	}
	return nil
}

// manager is what the table asks of systemd.
type manager interface {
	ListUnitsContext(ctx context.Context) ([]dbus.UnitStatus, error)
	GetUnitPropertyContext(ctx context.Context, unit, property string) (*dbus.Property, error)
	GetServicePropertyContext(ctx context.Context, service, property string) (*dbus.Property, error)
}

func loadedUnits(ctx context.Context, host tables.Host, q *tables.Query) ([]systemdUnit, error) {
	ctx, cancel := context.WithTimeout(ctx, busTime)
	defer cancel()
	conn, err := connectManager(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("connect to systemd: %w", err)
	}
	defer conn.Close()
	return askManager(ctx, conn, unitProperties{
		fragmentPath: q.Wants("fragment_path"), sourcePath: q.Wants("source_path"),
		unitFileState: q.Wants("unit_file_state"), user: q.Wants("user"),
	})
}

// connectManager connects with the manager of the scanned system, which from a container is reached by the bus alone.
func connectManager(ctx context.Context, host tables.Host) (*dbus.Conn, error) {
	if host.Live() {
		return dbus.NewWithContext(ctx)
	}
	socket, err := host.RealPath("/run/dbus/system_bus_socket")
	if err != nil {
		return nil, err
	}
	return dbus.NewConnection(func() (*godbus.Conn, error) {
		return godbus.Connect("unix:path="+godbus.EscapeBusAddressValue(socket), godbus.WithContext(ctx))
	})
}

// unitProperties says which properties are wanted: each is one question a unit.
type unitProperties struct{ fragmentPath, sourcePath, unitFileState, user bool }

func askManager(ctx context.Context, m manager, want unitProperties) ([]systemdUnit, error) {
	loaded, err := m.ListUnitsContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("list units: %w", err)
	}
	units := make([]systemdUnit, 0, len(loaded))
	for _, u := range loaded {
		row := systemdUnit{
			ID: u.Name, Description: u.Description, LoadState: tables.Some(u.LoadState), ActiveState: tables.Some(u.ActiveState),
			SubState: tables.Some(u.SubState), Following: tables.Some(u.Followed), ObjectPath: tables.Some(string(u.Path)),
			JobID: tables.Some(int64(u.JobId)), JobType: tables.Some(u.JobType), JobPath: tables.Some(string(u.JobPath)),
		}
		for _, p := range []struct {
			want bool
			name string
			into *string
		}{
			{want.fragmentPath, "FragmentPath", &row.FragmentPath},
			{want.sourcePath, "SourcePath", &row.SourcePath},
			{want.unitFileState, "UnitFileState", &row.UnitFileState},
		} {
			if p.want {
				*p.into = textOf(m.GetUnitPropertyContext(ctx, u.Name, p.name))
			}
		}
		if want.user && strings.HasSuffix(u.Name, ".service") {
			row.User = textOf(m.GetServicePropertyContext(ctx, u.Name, "User"))
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		units = append(units, row)
	}
	return units, nil
}

// textOf is empty for a unit that has gone since it was listed.
func textOf(p *dbus.Property, err error) string {
	if err != nil || p == nil {
		return ""
	}
	text, _ := p.Value.Value().(string)
	return text
}

// unitDirectories in order of precedence, with the state that a unit has by lying there.
var unitDirectories = [...]struct{ path, state string }{
	{"/etc/systemd/system", ""},
	{"/run/systemd/transient", "transient"},
	{"/run/systemd/generator.early", "generated"},
	{"/run/systemd/system", ""},
	{"/run/systemd/generator", "generated"},
	{"/usr/local/lib/systemd/system", ""},
	{"/usr/lib/systemd/system", ""},
	{"/lib/systemd/system", ""}, // of systems that still have two trees
	{"/run/systemd/generator.late", "generated"},
}

// unitIndex is where the unit files lie and what enables them.
type unitIndex struct {
	names   []string                     // in order of directories and names
	files   map[string]foundUnit         // by name
	enabled map[string]string            // enabled or enabled-runtime, by name
	dropins map[string]map[string]string // by unit name and file name
}

type foundUnit struct{ path, state string }

func unitFiles(ctx context.Context, host tables.Host, emit func(*systemdUnit) error) error {
	index := indexUnits(ctx, host)
	for _, name := range index.names {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, ok := index.unit(ctx, host, name)
		if !ok {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func indexUnits(ctx context.Context, host tables.Host) *unitIndex {
	index := &unitIndex{files: map[string]foundUnit{}, enabled: map[string]string{}, dropins: map[string]map[string]string{}}
	for _, dir := range unitDirectories {
		enables := ""
		switch {
		case strings.HasPrefix(dir.path, "/etc/"):
			enables = "enabled"
		case dir.path == "/run/systemd/system":
			enables = "enabled-runtime"
		}
		for _, entry := range hostfile.List(ctx, host, dir.path) {
			name := entry.Name()
			full := path.Join(dir.path, name)
			if entry.IsDir() {
				index.directory(ctx, host, full, enables)
				continue
			}
			if !isUnitName(name) {
				continue
			}
			if target, err := host.Readlink(full); err == nil {
				// A link by another name is an alias, and what enables the unit that it names.
				if aliased := path.Base(target); aliased != name && isUnitName(aliased) {
					if template, ok := templateOf(name); !ok || template != aliased {
						index.enable(aliased, enables)
						continue
					}
				}
			}
			index.add(name, foundUnit{full, dir.state})
		}
	}
	return index
}

// directory takes in a directory beside unit files: drop-ins, or links from what starts a unit.
func (x *unitIndex) directory(ctx context.Context, host tables.Host, dir, enables string) {
	base := path.Base(dir)
	switch path.Ext(base) {
	case ".d":
		unit := strings.TrimSuffix(base, ".d")
		for _, file := range hostfile.Files(ctx, host, dir) {
			if x.dropins[unit] == nil {
				x.dropins[unit] = map[string]string{}
			}
			if _, hidden := x.dropins[unit][path.Base(file)]; !hidden {
				x.dropins[unit][path.Base(file)] = file
			}
		}
	case ".wants", ".requires", ".upholds":
		for _, file := range hostfile.Files(ctx, host, dir) {
			name := path.Base(file)
			x.enable(name, enables)
			if template, ok := templateOf(name); ok && isUnitName(name) {
				x.enable(template, enables)
				x.add(name, foundUnit{}) // an instance has no file of its own
			}
		}
	}
}

func (x *unitIndex) add(name string, found foundUnit) {
	known, again := x.files[name]
	if !again {
		x.names = append(x.names, name)
	}
	if !again || known.path == "" {
		x.files[name] = found
	}
}

func (x *unitIndex) enable(name, state string) {
	if state != "" && x.enabled[name] == "" {
		x.enabled[name] = state
	}
}
