package services

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// unit makes the row of a unit from its file and drop-ins. An instance whose template is absent has none.
func (x *unitIndex) unit(ctx context.Context, host tables.Host, name string) (row systemdUnit, ok bool) {
	d, ok := x.definition(ctx, host, name)
	if !ok {
		return row, false
	}
	return systemdUnit{
		ID: name, FragmentPath: d.path, Description: d.description, SourcePath: d.sourcePath, User: d.user, UnitFileState: d.state,
	}, true
}

// definition is what a unit's file and drop-ins say of it.
type definition struct {
	unitFile
	path  string
	state string // as systemctl is-enabled tells
}

func (x *unitIndex) definition(ctx context.Context, host tables.Host, name string) (d definition, ok bool) {
	found := x.files[name]
	if found.path == "" {
		template, _ := templateOf(name)
		if found = x.files[template]; found.path == "" {
			return d, false
		}
	}
	d.path = found.path
	if masked(host, found.path) {
		d.state = "masked"
		if strings.HasPrefix(found.path, "/run/") {
			d.state = "masked-runtime"
		}
		return d, true
	}
	data, ok := hostfile.OneOfMany(ctx, host, found.path)
	if !ok {
		return d, false
	}
	d.apply(data)
	dropins := x.dropins[name]
	for _, file := range slices.Sorted(maps.Keys(dropins)) {
		if !strings.HasSuffix(file, ".conf") {
			continue
		}
		if data, ok := hostfile.OneOfMany(ctx, host, dropins[file]); ok {
			d.apply(data)
		}
	}
	d.state = x.state(host, name, found, d.unitFile)
	return d, true
}

// state is what systemctl is-enabled says.
func (x *unitIndex) state(host tables.Host, name string, found foundUnit, u unitFile) string {
	switch {
	case found.state != "":
		return found.state
	case x.enabled[name] != "":
		return x.enabled[name]
	case linked(host, found.path):
		return "linked"
	case u.installs:
		return "disabled"
	case u.also:
		return "indirect"
	default:
		return "static"
	}
}

// masked tells a unit that cannot be started: a link to /dev/null or an empty file.
func masked(host tables.Host, file string) bool {
	if target, err := host.Readlink(file); err == nil {
		return target == "/dev/null"
	}
	info, err := host.Lstat(file)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// linked tells a unit file that lies outside of the usual directories and was linked into them.
func linked(host tables.Host, file string) bool {
	target, err := host.Readlink(file)
	if err != nil {
		return false
	}
	if !path.IsAbs(target) {
		target = path.Join(path.Dir(file), target)
	}
	return !slices.ContainsFunc(unitDirectories[:], func(dir struct{ path, state string }) bool { return path.Dir(target) == dir.path })
}
