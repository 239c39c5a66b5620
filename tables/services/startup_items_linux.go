package services

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const (
	systemAutostart = "/etc/xdg/autostart"
	initScripts     = "/etc/init.d"
)

func generateStartupItems(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*startupItem) error) error {
	if err := homes.All(ctx, host, func(home *homes.Home) error { return homeStartupItems(home, emit) }); err != nil {
		return err
	}
	for _, file := range hostfile.Files(ctx, host, initScripts) {
		item := startupItem{Name: path.Base(file), Path: file, Type: startupType, Source: initScripts + "/", Status: "enabled"}
		if err := emit(&item); err != nil {
			return err
		}
	}
	for _, file := range hostfile.Files(ctx, host, systemAutostart) {
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		item := parseDesktopEntry(data)
		item.Source = systemAutostart + "/"
		if err := emit(&item); err != nil {
			return err
		}
	}
	return systemdStartupItems(ctx, host, emit)
}

// homeStartupItems lists the entries and, of KDE, the scripts of one user.
func homeStartupItems(home *homes.Home, emit func(*startupItem) error) error {
	for _, dir := range []string{".config/autostart", ".config/autostart-scripts"} {
		for _, entry := range home.List(dir) {
			if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
				continue
			}
			name := dir + "/" + entry.Name()
			item := startupItem{Name: entry.Name(), Path: home.Path(name), Type: startupType, Status: "enabled"}
			if dir == ".config/autostart" {
				data, ok := home.Read(name)
				if !ok {
					continue
				}
				item = parseDesktopEntry(data)
			}
			item.Source, item.Username = home.Path(dir)+"/", home.User.Name
			if err := emit(&item); err != nil {
				return err
			}
		}
	}
	return nil
}

func systemdStartupItems(ctx context.Context, host tables.Host, emit func(*startupItem) error) error {
	units := tables.NewQuery(SystemdUnits, nil, nil, -1, nil)
	return generateSystemdUnits(ctx, host, units, func(u *systemdUnit) error {
		item := startupItem{Name: u.ID, Path: u.FragmentPath, Type: "systemd unit", Source: u.SourcePath, Username: u.User, Status: u.ActiveState.V}
		if !u.ActiveState.Valid {
			if u.UnitFileState != "enabled" {
				return nil
			}
			item.Status = u.UnitFileState
		}
		return emit(&item)
	})
}
