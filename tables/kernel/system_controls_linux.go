package kernel

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const sysctlRoot = "/proc/sys"

// sysctlDirectories in order of precedence: a file of a directory hides those of its name in later ones.
var sysctlDirectories = [...]string{"/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"}

func generateSystemControls(ctx context.Context, host tables.Host, q *tables.Query, emit func(*systemControl) error) error {
	r := controlReader{ctx: ctx, host: host, emit: emit, wantValue: q.Wants("current_value")}
	if q.Wants("config_value") {
		config, err := tables.Cached(q.Cache(), "sysctl", func() (*sysctlConfig, error) { return readSysctlConfig(ctx, host), nil })
		if err != nil {
			return err
		}
		r.config = config
	}
	if names := q.Equal("name"); names != nil {
		for _, name := range names {
			if err := r.byName(name); err != nil {
				return err
			}
		}
		return nil
	}
	subsystems := q.Equal("subsystem")
	for _, entry := range hostfile.List(ctx, host, sysctlRoot) {
		if !entry.IsDir() || subsystems != nil && !slices.Contains(subsystems, entry.Name()) {
			continue
		}
		if err := r.below(entry.Name()); err != nil {
			return err
		}
	}
	return nil
}

type controlReader struct {
	ctx       context.Context
	host      tables.Host
	emit      func(*systemControl) error
	config    *sysctlConfig // nil where no column wants it
	wantValue bool
}

// byName reads one parameter by the name that the table shows, in which every slash of the path is a dot: the name of an
// interface may hold dots of its own, so each way to cut it is tried.
func (r *controlReader) byName(name string) error {
	if name == "" || strings.Contains(name, "/") || strings.Contains(name, "..") {
		return nil
	}
	var find func(dir, rest string) error
	find = func(dir, rest string) error {
		for i := 0; i <= len(rest); i++ {
			if i < len(rest) && rest[i] != '.' {
				continue
			}
			key := path.Join(dir, rest[:i])
			info, err := r.host.Stat(path.Join(sysctlRoot, key))
			switch {
			case err != nil:
				continue
			case i == len(rest) && info.Mode().IsRegular():
				return r.one(key)
			case i < len(rest) && info.IsDir():
				if err := find(key, rest[i+1:]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return find("", name)
}

func (r *controlReader) below(dir string) error {
	for _, entry := range hostfile.List(r.ctx, r.host, path.Join(sysctlRoot, dir)) {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		key := dir + "/" + entry.Name()
		var err error
		if entry.IsDir() {
			err = r.below(key)
		} else if entry.Type().IsRegular() {
			err = r.one(key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *controlReader) one(key string) error {
	row := systemControl{Name: strings.ReplaceAll(key, "/", "."), Type: "string"}
	row.Subsystem, _, _ = strings.Cut(row.Name, ".")
	if r.config != nil {
		row.ConfigValue = r.config.value(key)
	}
	if r.wantValue {
		// Some parameters can only be written, some need privilege, some belong to hardware that is absent.
		if data, ok := hostfile.OneOfMany(r.ctx, r.host, path.Join(sysctlRoot, key)); ok {
			row.CurrentValue = strings.TrimSpace(string(data))
		}
	}
	return r.emit(&row)
}

// readSysctlConfig reads what systemd-sysctl(8) or sysctl --system applies at boot: all files by name, whichever
// directory they are in, and /etc/sysctl.conf at the end.
func readSysctlConfig(ctx context.Context, host tables.Host) *sysctlConfig {
	byName := map[string]string{}
	var names []string
	for _, dir := range sysctlDirectories {
		for _, file := range hostfile.Files(ctx, host, dir) {
			name := path.Base(file)
			if !strings.HasSuffix(name, ".conf") || byName[name] != "" {
				continue
			}
			byName[name] = file
			names = append(names, name)
		}
	}
	slices.Sort(names)
	config := &sysctlConfig{exact: map[string]string{}, excluded: map[string]bool{}}
	for _, name := range names {
		// A link to /dev/null, which is no regular file, masks the vendor's file of the name.
		if data, ok := hostfile.OneOfMany(ctx, host, byName[name]); ok {
			config.add(parseSysctl(data))
		}
	}
	if data, err := hostfile.Source(ctx, host, "/etc/sysctl.conf"); err == nil {
		config.add(parseSysctl(data))
	}
	return config
}
