package services

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// startupItem is one thing that starts with the system or with a session.
type startupItem struct {
	Name     string `col:"name" doc:"Name of the item."`
	Path     string `col:"path" doc:"Command, script or unit file that it starts. Credentials are masked."`
	Args     string `col:"args" doc:"Arguments, where they are kept apart from the command."`
	Type     string `col:"type" doc:"Startup Item, or systemd unit."`
	Source   string `col:"source" doc:"Directory or file that makes it start."`
	Status   string `col:"status" doc:"enabled or disabled; for a systemd unit of a running manager its active state."`
	Username string `col:"username" class:"personal" doc:"User in whose session or as whom it starts; empty for the system."`
}

// StartupItems has a row for each autostart entry, init script and systemd unit. Where no manager of systemd answers,
// only the units that are enabled are listed.
// Source: autostart entries of freedesktop.org, /etc/init.d, systemd; on Windows the Run keys and start-up folders.
var StartupItems = tables.DefineByPlatform(tables.Spec{
	Name: "startup_items", Doc: "What starts with the system or with a user's session.",
	Category: tables.Services, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT name, path, source, username FROM startup_items WHERE type = 'Startup Item' AND status = 'enabled'"},
}, tables.Generators[startupItem]{Linux: generateStartupItems, Darwin: generateDarwinStartupItems, Windows: generateWindowsStartupItems})

const startupType = "Startup Item"

// parseDesktopEntry reads an autostart entry of the Desktop Entry Specification.
func parseDesktopEntry(data []byte) startupItem {
	item := startupItem{Type: startupType, Status: "enabled"}
	section := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || section != "[Desktop Entry]" {
			continue
		}
		switch value = strings.TrimSpace(value); strings.TrimSpace(key) {
		case "Name":
			item.Name = value
		case "Exec":
			item.Path = mask.CommandLine(value)
		case "Hidden":
			if value == "true" {
				item.Status = "disabled"
			}
		}
	}
	return item
}
