package software

import (
	"context"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// browserPlugin is one plug-in for browsers of the older kind.
type browserPlugin struct {
	UID               int64  `col:"uid" opt:"index" doc:"User whose it is; 0 for all."`
	Name              string `col:"name" doc:"Name."`
	Identifier        string `col:"identifier" doc:"Bundle identifier."`
	Version           string `col:"version" collate:"VERSION" doc:"Version."`
	SDK               string `col:"sdk" doc:"Build of the system that it was made on."`
	Description       string `col:"description" doc:"What it is, in its author's words."`
	DevelopmentRegion string `col:"development_region" doc:"Language that it was written in."`
	Native            int64  `col:"native" type:"INTEGER" doc:"1 where it must not run translated."`
	Path              string `col:"path" opt:"index" doc:"Bundle."`
	Disabled          int64  `col:"disabled" type:"INTEGER" doc:"1 where it lies among the disabled ones."`
}

// BrowserPlugins has a row for each plug-in of the machine, with uid 0, and of the users.
// Source: Info.plist of the bundles in Library/Internet Plug-Ins.
var BrowserPlugins = tables.Define[browserPlugin](tables.Spec{
	Name: "browser_plugins", Doc: "Plug-ins of browsers of the older kind (NPAPI).",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers, UserData: true, Portable: true,
	Examples: []string{"SELECT u.username, p.name, p.version FROM users u JOIN browser_plugins p USING (uid)"},
}, generateBrowserPlugins)

const browserPlugins = "Library/Internet Plug-Ins"

// pluginDirectories are relative to the root or to a home.
var pluginDirectories = [...]string{browserPlugins, browserPlugins + "/Disabled Plug-Ins"}

func generateBrowserPlugins(ctx context.Context, host tables.Host, q *tables.Query, emit func(*browserPlugin) error) error {
	if uids, constrained := q.EqualInt("uid"); !constrained || slices.Contains(uids, 0) {
		for _, dir := range pluginDirectories {
			for _, entry := range hostfile.List(ctx, host, "/"+dir) {
				bundle := "/" + dir + "/" + entry.Name()
				info, ok := plist.Read(ctx, host, bundle+appInfo)
				if !entry.IsDir() || !ok {
					continue
				}
				row := browserPluginOf(info)
				row.Path, row.Disabled = bundle, flag(dir != browserPlugins)
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
	}
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		for _, dir := range pluginDirectories {
			for _, name := range home.Directories(dir) {
				data, ok := home.Read(dir + "/" + name + appInfo)
				if !ok {
					continue
				}
				info, err := plist.ParseDict(data)
				if err != nil {
					hostfile.Skipped(ctx, host, home.Path(dir+"/"+name), err)
					continue
				}
				row := browserPluginOf(info)
				row.UID, row.Path, row.Disabled = int64(home.User.UID), home.Path(dir+"/"+name), flag(dir != browserPlugins)
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func browserPluginOf(info plist.Dict) browserPlugin {
	return browserPlugin{
		Name: info.Text("WebPluginName"), Identifier: info.Text("CFBundleIdentifier"), Version: info.Text("CFBundleShortVersionString"), SDK: info.Text("DTPlatformBuild"),
		Description: info.Text("WebPluginDescription"), DevelopmentRegion: info.Text("CFBundleDevelopmentRegion"), Native: flag(info.Bool("LSRequiresNativeExecution")),
	}
}
