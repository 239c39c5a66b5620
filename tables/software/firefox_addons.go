package software

import (
	"encoding/json"

	"github.com/tenantra/tenantra/tables"
)

// firefoxAddon is one add-on of Firefox.
type firefoxAddon struct {
	UID         int64  `col:"uid" opt:"additional" doc:"User whose profile it is in."`
	Name        string `col:"name" doc:"Name of the add-on."`
	Identifier  string `col:"identifier" opt:"index" doc:"Id of the add-on."`
	Creator     string `col:"creator" doc:"Author of the add-on."`
	Type        string `col:"type" doc:"extension, theme, locale, dictionary and the like."`
	Version     string `col:"version" collate:"VERSION" doc:"Version of the add-on."`
	Description string `col:"description" doc:"What it is, in its author's words."`
	SourceURL   string `col:"source_url" doc:"Address that it was installed from."`
	Visible     int32  `col:"visible" doc:"1 where it is shown in the browser."`
	Active      int32  `col:"active" doc:"1 where it is loaded."`
	Disabled    int32  `col:"disabled" doc:"1 where the user or the browser has switched it off."`
	Autoupdate  int32  `col:"autoupdate" doc:"1 where it is updated in the background."`
	Location    string `col:"location" doc:"Where it is installed: app-profile, app-system-defaults and the like."`
	Path        string `col:"path" doc:"File or directory of the add-on."`
}

// FirefoxAddons has a row for each add-on of each profile.
// Source: the profiles' extensions.json.
var FirefoxAddons = tables.DefineByPlatform(tables.Spec{
	Name: "firefox_addons", Doc: "Add-ons of Firefox, by user.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT u.username, a.name, a.version, a.source_url FROM users u JOIN firefox_addons a USING (uid) WHERE a.active = 1"},
}, tables.Generators[firefoxAddon]{Linux: generateFirefoxAddons, Darwin: generateFirefoxAddons, Windows: generateFirefoxAddons})

// firefoxRoots hold profiles, on Linux, on macOS and on Windows.
var firefoxRoots = [...]string{
	".mozilla/firefox", "snap/firefox/common/.mozilla/firefox", ".config/mozilla/firefox", "Library/Application Support/Firefox/Profiles",
	"AppData/Roaming/Mozilla/Firefox/Profiles",
}

// firefoxEntry is what the table needs of an add-on in extensions.json.
type firefoxEntry struct {
	ID, Type, Version, SourceURI, Location, Path jsonText
	Visible, Active                              bool
	SoftDisable, AppDisabled, UserDisabled       bool
	ApplyBackgroundUpdates                       int32
	DefaultLocale                                struct{ Name, Creator, Description jsonText }
}

// parseFirefoxExtensions hands out the add-ons one by one, since a hostile file may hold a million.
func parseFirefoxExtensions(data []byte, each func(*firefoxAddon) error) error {
	var file struct{ Addons []json.RawMessage }
	if !decodeJSON(data, &file) {
		return nil
	}
	for _, raw := range file.Addons {
		var a firefoxEntry
		if !decodeJSON(raw, &a) || a.ID == "" {
			continue
		}
		row := firefoxAddon{
			Name: string(a.DefaultLocale.Name), Identifier: string(a.ID), Creator: string(a.DefaultLocale.Creator), Type: string(a.Type),
			Version: string(a.Version), Description: string(a.DefaultLocale.Description), SourceURL: string(a.SourceURI),
			Visible: one(a.Visible), Active: one(a.Active), Disabled: one(a.SoftDisable || a.AppDisabled || a.UserDisabled),
			Autoupdate: a.ApplyBackgroundUpdates, Location: string(a.Location), Path: string(a.Path),
		}
		if err := each(&row); err != nil {
			return err
		}
	}
	return nil
}

func one(yes bool) int32 {
	if yes {
		return 1
	}
	return 0
}
