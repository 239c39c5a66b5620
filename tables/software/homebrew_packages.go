package software

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
)

// homebrewPackage is one installed version of a package of Homebrew.
type homebrewPackage struct {
	Name        string `col:"name" doc:"Name of the package."`
	Path        string `col:"path" doc:"Directory of the package."`
	Version     string `col:"version" collate:"VERSION" doc:"Version."`
	Type        string `col:"type" doc:"formula or cask."`
	AutoUpdates int64  `col:"auto_updates" type:"INTEGER" doc:"1 where a cask updates itself."`
	AppName     string `col:"app_name" doc:"Application that a cask has installed."`
	Prefix      string `col:"prefix" opt:"additional,hidden" doc:"Prefix of the installation; by default /usr/local and /opt/homebrew are looked at."`
}

// HomebrewPackages has a row for each version of each formula and cask.
// Source: the directories Cellar and Caskroom below Homebrew's prefix, and the metadata of the casks.
var HomebrewPackages = tables.Define[homebrewPackage](tables.Spec{
	Name: "homebrew_packages", Doc: "Packages that Homebrew has installed.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Moderate, Portable: true,
	Examples: []string{
		"SELECT name, version, type FROM homebrew_packages",
		"SELECT name, version FROM homebrew_packages WHERE prefix = '/Users/anna/homebrew'",
	},
}, generateHomebrewPackages)

var homebrewPrefixes = [...]string{"/opt/homebrew", "/usr/local"}

func generateHomebrewPackages(ctx context.Context, host tables.Host, q *tables.Query, emit func(*homebrewPackage) error) error {
	prefixes := q.Equal("prefix")
	if prefixes == nil {
		prefixes = homebrewPrefixes[:]
	}
	for _, prefix := range prefixes {
		if !path.IsAbs(prefix) {
			continue
		}
		for _, kind := range [...]struct{ dir, name string }{{"Cellar", "formula"}, {"Caskroom", "cask"}} {
			dir := path.Join(prefix, kind.dir)
			for _, entry := range hostfile.List(ctx, host, dir) {
				if !entry.IsDir() {
					continue
				}
				row := homebrewPackage{Name: entry.Name(), Path: dir + "/" + entry.Name(), Type: kind.name, Prefix: prefix}
				if err := homebrewVersions(ctx, host, row, emit); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func homebrewVersions(ctx context.Context, host tables.Host, row homebrewPackage, emit func(*homebrewPackage) error) error {
	if row.Type == "cask" {
		row.AutoUpdates, row.AppName = caskMetadata(ctx, host, row.Path, row.Name)
	}
	for _, version := range hostfile.List(ctx, host, row.Path) {
		if !version.IsDir() || strings.HasPrefix(version.Name(), ".") {
			continue
		}
		row.Version = version.Name()
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// caskMetadata reads the newest description that Homebrew kept of a cask: .metadata/VERSION/TIME/Casks/NAME.json or .rb.
func caskMetadata(ctx context.Context, host tables.Host, dir, name string) (autoUpdates int64, appName string) {
	for _, extension := range []string{".json", ".rb"} {
		files, err := host.Glob(dir + "/.metadata/*/*/Casks/*" + extension)
		if err != nil {
			hostfile.Skipped(ctx, host, dir, err)
		}
		for _, file := range slices.Backward(files) {
			if path.Base(file) != name+extension {
				continue
			}
			data, ok := hostfile.OneOfMany(ctx, host, file)
			if !ok {
				continue
			}
			if extension == ".json" {
				return parseCaskJSON(data)
			}
			return parseCaskRuby(data)
		}
	}
	return 0, ""
}

// parseCaskJSON reads a description such as {"auto_updates": true, "artifacts": [{"app": ["Name.app"]}]}.
func parseCaskJSON(data []byte) (autoUpdates int64, appName string) {
	var cask struct {
		AutoUpdates bool `json:"auto_updates"`
		Artifacts   []map[string]json.RawMessage
	}
	if !decodeJSON(data, &cask) {
		return 0, ""
	}
	for _, artifact := range cask.Artifacts {
		var apps []json.RawMessage // the name, and perhaps options
		if !decodeJSON(artifact["app"], &apps) || len(apps) == 0 {
			continue
		}
		if decodeJSON(apps[0], &appName) && appName != "" {
			break
		}
	}
	return flag(cask.AutoUpdates), appName
}

var (
	caskUpdates = lazyregexp.New(`(?m)^\s*auto_updates\s+true\s*$`)
	caskApp     = lazyregexp.New(`(?m)^\s*app\s+"([^"\n]*\.app)"`)
)

// parseCaskRuby finds the lines auto_updates true and app "Name.app" of the older descriptions.
func parseCaskRuby(data []byte) (autoUpdates int64, appName string) {
	if m := caskApp().FindSubmatch(data); m != nil {
		appName = string(m[1])
	}
	return flag(caskUpdates().Match(data)), appName
}
