package software

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// app is one application bundle.
type app struct {
	Name                 string  `col:"name" doc:"Directory name of the bundle."`
	Path                 string  `col:"path" opt:"index" doc:"Directory of the bundle."`
	BundleExecutable     string  `col:"bundle_executable" doc:"File name of its program."`
	BundleIdentifier     string  `col:"bundle_identifier" collate:"NOCASE" doc:"Identifier, such as com.apple.Safari."`
	BundleName           string  `col:"bundle_name" doc:"Short name."`
	BundleShortVersion   string  `col:"bundle_short_version" collate:"VERSION" doc:"Version as people read it."`
	BundleVersion        string  `col:"bundle_version" collate:"VERSION" doc:"Version of the build."`
	BundlePackageType    string  `col:"bundle_package_type" doc:"Type, APPL for applications."`
	Environment          string  `col:"environment" doc:"Environment that it is started with; empty where that is a dictionary."`
	Element              string  `col:"element" doc:"1 where it runs without an icon in the Dock."`
	Compiler             string  `col:"compiler" doc:"Compiler that built it."`
	DevelopmentRegion    string  `col:"development_region" doc:"Language that it was written in."`
	DisplayName          string  `col:"display_name" doc:"Name that the Finder shows."`
	InfoString           string  `col:"info_string" doc:"What it says of itself."`
	MinimumSystemVersion string  `col:"minimum_system_version" collate:"VERSION" doc:"Oldest system that it runs on."`
	Category             string  `col:"category" doc:"Category in the App Store."`
	ApplescriptEnabled   string  `col:"applescript_enabled" doc:"1 where scripts can control it."`
	Copyright            string  `col:"copyright" doc:"Copyright notice."`
	LastOpenedTime       float64 `col:"last_opened_time" class:"personal" doc:"Last use in Unix seconds; -1 where that is unknown."`
}

// Apps has a row for each application in the places where the system, its administrator and users put them, and in a folder
// below those; or those that a statement names by path.
// Source: Contents/Info.plist of the bundles, and mdls(1) for the time of the last use.
var Apps = tables.Define[app](tables.Spec{
	Name: "apps", Doc: "Application bundles of macOS, of the system and of all users.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{
		"SELECT name, bundle_identifier, bundle_short_version, path FROM apps ORDER BY name",
		"SELECT a.name, a.path, s.team_identifier FROM apps a JOIN signature s ON s.path = a.path WHERE a.path LIKE '/Users/%'",
	},
}, generateApps)

// appDirectories hold applications; those of users are below their homes.
var (
	appDirectories = [...]string{
		"/Applications", "/System/Applications", "/System/Library/CoreServices", "/System/Library/CoreServices/Applications",
		"/Library/Apple/System/Library/CoreServices", "/Users/Shared/Applications",
	}
	appDirectoriesOfUsers = [...]string{"Applications", "Desktop", "Downloads"}
)

const appInfo = "/Contents/Info.plist"

func generateApps(ctx context.Context, host tables.Host, q *tables.Query, emit func(*app) error) error {
	var found []app
	err := eachApp(ctx, host, q.Equal("path"), func(bundle string, info plist.Dict) error {
		found = append(found, appOf(bundle, info))
		return nil
	})
	if err != nil {
		return err
	}
	if q.Wants("last_opened_time") {
		lastOpened(ctx, host, found)
	}
	for i := range found {
		if err := emit(&found[i]); err != nil {
			return err
		}
	}
	return nil
}

// eachApp visits the bundles of the given paths, or all where that is nil, each with its Info.plist.
func eachApp(ctx context.Context, host tables.Host, paths []string, visit func(bundle string, info plist.Dict) error) error {
	visitSystem := func(bundle string) error {
		if info, ok := plist.Read(ctx, host, bundle+appInfo); ok {
			return visit(bundle, info)
		}
		return ctx.Err()
	}
	if paths != nil {
		for _, bundle := range paths {
			if !path.IsAbs(bundle) {
				continue
			}
			if err := visitSystem(path.Clean(bundle)); err != nil {
				return err
			}
		}
		return nil
	}
	for _, dir := range appDirectories {
		list := func(dir string) []fs.DirEntry { return hostfile.List(ctx, host, dir) }
		if err := bundlesBelow(dir, list, visitSystem); err != nil {
			return err
		}
	}
	return homes.All(ctx, host, func(home *homes.Home) error {
		for _, dir := range appDirectoriesOfUsers {
			err := bundlesBelow(dir, home.List, func(bundle string) error {
				data, ok := home.Read(bundle + appInfo)
				if !ok {
					return ctx.Err()
				}
				info, err := plist.ParseDict(data)
				if err != nil {
					hostfile.Skipped(ctx, host, home.Path(bundle), err)
					return nil
				}
				return visit(home.Path(bundle), info)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// bundlesBelow visits the bundles in a directory and in the plain directories in it, as /Applications/Utilities.
func bundlesBelow(dir string, list func(string) []fs.DirEntry, visit func(bundle string) error) error {
	for _, entry := range list(dir) {
		name := dir + "/" + entry.Name()
		switch {
		case !entry.IsDir():
			continue
		case strings.HasSuffix(name, ".app"):
			if err := visit(name); err != nil {
				return err
			}
			continue
		case path.Ext(name) != "" || strings.HasPrefix(entry.Name(), "."):
			continue // a bundle of another kind
		}
		for _, inner := range list(name) {
			if inner.IsDir() && strings.HasSuffix(inner.Name(), ".app") {
				if err := visit(name + "/" + inner.Name()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func appOf(bundle string, info plist.Dict) app {
	return app{
		Name: path.Base(bundle), Path: bundle, BundleExecutable: info.Text("CFBundleExecutable"), BundleIdentifier: info.Text("CFBundleIdentifier"),
		BundleName: info.Text("CFBundleName"), BundleShortVersion: info.Text("CFBundleShortVersionString"), BundleVersion: info.Text("CFBundleVersion"),
		BundlePackageType: info.Text("CFBundlePackageType"), Environment: info.Text("LSEnvironment"), Element: yesNo(info, "LSUIElement"),
		Compiler: info.Text("DTCompiler"), DevelopmentRegion: info.Text("CFBundleDevelopmentRegion"), DisplayName: info.Text("CFBundleDisplayName"),
		InfoString: info.Text("CFBundleGetInfoString"), MinimumSystemVersion: info.Text("LSMinimumSystemVersion"), Category: info.Text("LSApplicationCategoryType"),
		ApplescriptEnabled: yesNo(info, "NSAppleScriptEnabled"), Copyright: info.Text("NSHumanReadableCopyright"), LastOpenedTime: -1,
	}
}

// yesNo shows a value that authors write as a boolean or as a text as 1 or 0; "" where there is none.
func yesNo(info plist.Dict, key string) string {
	switch text := info.Text(key); strings.ToLower(text) {
	case "yes", "true":
		return "1"
	case "no", "false":
		return "0"
	default:
		return text
	}
}

// lastOpened asks the running system's index of metadata, for some applications at a time.
func lastOpened(ctx context.Context, host tables.Host, apps []app) {
	for some := range slices.Chunk(apps, 64) {
		argv := []string{"/usr/bin/mdls", "-raw", "-name", "kMDItemLastUsedDate"}
		for i := range some {
			argv = append(argv, some[i].Path)
		}
		out, err := host.Run(ctx, argv...)
		if err != nil {
			hostfile.Skipped(ctx, host, argv[0], err)
			return
		}
		for i, seconds := range parseLastUsed(string(out), len(some)) {
			some[i].LastOpenedTime = seconds
		}
	}
}

// parseLastUsed reads one time for each file, ended by NUL: 2026-01-02 03:04:05 +0000 or (null), which is -1. Where the
// count is another nothing is known.
func parseLastUsed(text string, count int) []float64 {
	parts := strings.Split(strings.TrimSuffix(text, "\x00"), "\x00")
	if len(parts) != count {
		return nil
	}
	times := make([]float64, count)
	for i, part := range parts {
		times[i] = -1
		if t, err := time.Parse("2006-01-02 15:04:05 -0700", strings.TrimSpace(part)); err == nil {
			times[i] = float64(t.Unix())
		}
	}
	return times
}
