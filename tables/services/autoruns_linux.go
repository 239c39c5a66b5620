package services

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

func generateLinuxAutoruns(ctx context.Context, host tables.Host, q *tables.Query, emit func(*autorun) error) error {
	sink := newAutorunSink(ctx, host, q, emit)
	for _, source := range []func() error{
		func() error { return serviceAutoruns(ctx, host, sink) },
		func() error { return jobAutoruns(ctx, host, sink) },
		func() error { return sessionAutoruns(ctx, host, sink) },
		func() error { return fileAutoruns(ctx, host, sink) },
		func() error { return lineAutoruns(ctx, host, sink) },
		func() error { return homeAutoruns(ctx, host, sink) },
	} {
		if err := source(); err != nil {
			return err
		}
	}
	return nil
}

// serviceAutoruns adds units and scripts that are enabled; those that only others start are no place to settle in.
func serviceAutoruns(ctx context.Context, host tables.Host, sink *autorunSink) error {
	q := tables.NewQuery(SystemServices, nil, make([]bool, len(SystemServices.Columns())), -1, nil)
	return generateLinuxServices(ctx, host, q, func(s *systemService) error {
		if s.StartType != "auto" {
			return nil
		}
		row := autorun{Type: "service", Entry: s.Name, Path: s.Path, Command: s.Command, Source: s.Source, Username: s.Username, Enabled: 1}
		if s.Manager == "sysv" {
			row.Type = "init_script"
		}
		return sink.add(row)
	})
}

func jobAutoruns(ctx context.Context, host tables.Host, sink *autorunSink) error {
	kinds := map[string]string{"systemd_timer": "timer", "at": "at"}
	return generateLinuxJobs(ctx, host, nil, func(job *scheduledJob) error {
		kind, ok := kinds[job.Kind]
		if !ok {
			kind = "cron"
		}
		return sink.add(autorunOfJob(job, kind))
	})
}

func sessionAutoruns(ctx context.Context, host tables.Host, sink *autorunSink) error {
	for _, file := range hostfile.Files(ctx, host, systemAutostart) {
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok || path.Ext(file) != ".desktop" {
			continue
		}
		if err := sink.add(desktopAutorun(data, file, "")); err != nil {
			return err
		}
	}
	return nil
}

func desktopAutorun(data []byte, file, username string) autorun {
	item := parseDesktopEntry(data)
	row := autorun{Type: "session", Entry: item.Name, Path: firstWord(item.Path), Command: item.Path, Source: file, Username: username}
	if item.Status == "enabled" {
		row.Enabled = 1
	}
	return row
}

// autorunDirectories hold scripts that all run at one occasion.
var autorunDirectories = [...]struct{ kind, dir string }{
	{"shell_profile", "/etc/profile.d"}, {"motd", "/etc/update-motd.d"}, {"network_hook", "/etc/network/if-up.d"},
	{"network_hook", "/etc/NetworkManager/dispatcher.d"}, {"network_hook", "/etc/networkd-dispatcher/routable.d"},
	{"network_hook", "/etc/dhcp/dhclient-exit-hooks.d"}, {"network_hook", "/etc/ppp/ip-up.d"},
	{"generator", "/etc/systemd/system-generators"}, {"generator", "/usr/local/lib/systemd/system-generators"},
	{"generator", "/usr/lib/systemd/system-generators"},
}

// autorunFiles run as a whole at one occasion.
var autorunFiles = [...]struct{ kind, file string }{
	{"init_script", "/etc/rc.local"}, {"init_script", "/etc/rc.d/rc.local"}, {"shell_profile", "/etc/profile"}, {"shell_profile", "/etc/bash.bashrc"},
	{"shell_profile", "/etc/bashrc"}, {"shell_profile", "/etc/zsh/zshenv"}, {"shell_profile", "/etc/zshenv"}, {"shell_profile", "/etc/environment"},
	{"ssh_rc", "/etc/ssh/sshrc"},
}

func fileAutoruns(ctx context.Context, host tables.Host, sink *autorunSink) error {
	add := func(kind, file string) error {
		info, err := host.Stat(file)
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		row := autorun{Type: kind, Entry: path.Base(file), Path: file, Source: file, Enabled: 1}
		sourced := kind == "shell_profile" || kind == "ssh_rc" // read by a shell, whatever its mode
		if !sourced && info.Mode().Perm()&0o111 == 0 {
			row.Enabled = 0
		}
		return sink.add(row)
	}
	for _, d := range autorunDirectories {
		for _, file := range hostfile.Files(ctx, host, d.dir) {
			if err := add(d.kind, file); err != nil {
				return err
			}
		}
	}
	for _, f := range autorunFiles {
		if err := add(f.kind, f.file); err != nil {
			return err
		}
	}
	return nil
}

// lineAutoruns adds what lines of configuration make start: libraries that are loaded into every process, kernel modules,
// programs that devices start.
func lineAutoruns(ctx context.Context, host tables.Host, sink *autorunSink) error {
	lines := func(file string, visit func(line string) error) error {
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			return nil
		}
		for line := range strings.Lines(string(data)) {
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if err := visit(line); err != nil {
				return err
			}
		}
		return nil
	}
	const preload = "/etc/ld.so.preload"
	err := lines(preload, func(line string) error {
		for _, library := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == ':' }) {
			if err := sink.add(autorun{Type: "preload", Entry: path.Base(library), Path: library, Source: preload, Enabled: 1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	modules := []string{"/etc/modules"}
	for _, dir := range []string{"/etc/modules-load.d", "/run/modules-load.d", "/usr/lib/modules-load.d"} {
		modules = append(modules, hostfile.Files(ctx, host, dir)...)
	}
	for _, file := range modules {
		if info, err := host.Lstat(file); err != nil || info.Mode().IsDir() {
			continue
		}
		err := lines(file, func(line string) error {
			name, _, _ := strings.Cut(line, " ")
			return sink.add(autorun{Type: "kernel_module", Entry: name, Command: line, Source: file, Enabled: 1})
		})
		if err != nil {
			return err
		}
	}
	return udevAutoruns(ctx, host, sink)
}

func udevAutoruns(ctx context.Context, host tables.Host, sink *autorunSink) error {
	for _, dir := range []string{"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d"} {
		for _, file := range hostfile.Files(ctx, host, dir) {
			data, ok := hostfile.OneOfMany(ctx, host, file)
			if !ok || path.Ext(file) != ".rules" {
				continue
			}
			for line := range strings.Lines(string(data)) {
				for _, command := range parseUdevRuns(line) {
					row := autorun{Type: "udev_rule", Entry: path.Base(file), Path: firstWord(command), Command: mask.CommandLine(command), Source: file, Enabled: 1}
					if err := sink.add(row); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// homeProfiles are read by a user's shells, log-ins and sessions.
var homeProfiles = [...]struct{ kind, file string }{
	{"shell_profile", ".profile"}, {"shell_profile", ".bash_profile"}, {"shell_profile", ".bash_login"}, {"shell_profile", ".bashrc"},
	{"shell_profile", ".bash_logout"}, {"shell_profile", ".zshenv"}, {"shell_profile", ".zprofile"}, {"shell_profile", ".zshrc"},
	{"shell_profile", ".zlogin"}, {"shell_profile", ".config/fish/config.fish"}, {"session", ".xprofile"}, {"session", ".xinitrc"}, {"ssh_rc", ".ssh/rc"},
}

func homeAutoruns(ctx context.Context, host tables.Host, sink *autorunSink) error {
	return homes.All(ctx, host, func(home *homes.Home) error {
		user := home.User.Name
		for _, p := range homeProfiles {
			if _, ok := home.Read(p.file); !ok {
				continue
			}
			if err := sink.add(autorun{Type: p.kind, Entry: path.Base(p.file), Path: home.Path(p.file), Source: home.Path(p.file), Username: user, Enabled: 1}); err != nil {
				return err
			}
		}
		const sessions = ".config/autostart"
		for _, entry := range home.List(sessions) {
			file := path.Join(sessions, entry.Name())
			if path.Ext(file) != ".desktop" {
				continue
			}
			data, ok := home.Read(file)
			if !ok {
				continue
			}
			if err := sink.add(desktopAutorun(data, home.Path(file), user)); err != nil {
				return err
			}
		}
		const units = ".config/systemd/user"
		for _, entry := range home.List(units) {
			file := path.Join(units, entry.Name())
			if path.Ext(file) != ".service" {
				continue
			}
			data, ok := home.Read(file)
			if !ok {
				continue
			}
			var u unitFile
			u.apply(data)
			row := autorun{Type: "user_service", Entry: strings.TrimSuffix(entry.Name(), ".service"), Source: home.Path(file), Username: user}
			row.Command, row.Path = unitCommand(u.commands)
			for _, wants := range []string{"default.target.wants", "graphical-session.target.wants"} {
				for _, link := range home.List(path.Join(units, wants)) {
					if link.Name() == entry.Name() {
						row.Enabled = 1
					}
				}
			}
			if err := sink.add(row); err != nil {
				return err
			}
		}
		return nil
	})
}
