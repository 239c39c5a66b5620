package software

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// safariExtension is one extension of Safari that a user has.
type safariExtension struct {
	UID           int64  `col:"uid" opt:"index" doc:"User whose Safari knows it."`
	Name          string `col:"name" doc:"Name."`
	Identifier    string `col:"identifier" doc:"Bundle identifier."`
	Version       string `col:"version" collate:"VERSION" doc:"Version as people read it."`
	SDK           string `col:"sdk" collate:"VERSION" doc:"Version of the format of its description."`
	Description   string `col:"description" doc:"What it is, in its author's words."`
	Path          string `col:"path" doc:"Application that brings it."`
	BundleVersion string `col:"bundle_version" doc:"Version of the build."`
	Copyright     string `col:"copyright" doc:"Copyright notice."`
}

// SafariExtensions has a row for each extension that an application brings and a user's Safari knows.
// Source: the applications' PlugIns/*.appex and AppExtensions and WebExtensions/Extensions.plist of the users' Safari.
var SafariExtensions = tables.Define[safariExtension](tables.Spec{
	Name: "safari_extensions", Doc: "Extensions of Safari, by user.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true, Portable: true,
	Examples: []string{"SELECT u.username, e.name, e.version, e.path FROM users u JOIN safari_extensions e USING (uid)"},
}, generateSafariExtensions)

const safariOfUsers = "Library/Containers/com.apple.Safari/Data/Library/Safari/"

// safariLists name the extensions that a user's Safari knows, of both kinds.
var safariLists = [...]string{safariOfUsers + "AppExtensions/Extensions.plist", safariOfUsers + "WebExtensions/Extensions.plist"}

func generateSafariExtensions(ctx context.Context, host tables.Host, q *tables.Query, emit func(*safariExtension) error) error {
	installed, err := safariExtensionsOf(ctx, host)
	if err != nil || len(installed) == 0 {
		return err
	}
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		var known []string
		for _, file := range safariLists {
			data, ok := home.Read(file)
			if !ok {
				continue
			}
			list, err := plist.ParseDict(data)
			if err != nil {
				hostfile.Skipped(ctx, host, home.Path(file), err)
				continue
			}
			known = append(known, list.Keys()...)
		}
		for _, row := range installed {
			// Keys are identifiers, followed by the team in parentheses.
			if !slices.ContainsFunc(known, func(key string) bool { name, _, _ := strings.Cut(key, " ("); return name == row.Identifier }) {
				continue
			}
			row.UID = int64(home.User.UID)
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

// safariExtensionsOf reads the extensions that the applications bring.
func safariExtensionsOf(ctx context.Context, host tables.Host) ([]safariExtension, error) {
	files, err := host.Glob("/Applications/*.app/Contents/PlugIns/*.appex/Contents/Info.plist")
	if err != nil {
		return nil, err
	}
	var rows []safariExtension
	for _, file := range files {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		info, ok := plist.Read(ctx, host, file)
		if !ok || !strings.HasPrefix(info.Dict("NSExtension").Text("NSExtensionPointIdentifier"), "com.apple.Safari") {
			continue
		}
		bundle, _, _ := strings.Cut(file, "/Contents/")
		rows = append(rows, safariExtension{
			Name: info.Text("CFBundleDisplayName"), Identifier: info.Text("CFBundleIdentifier"), Version: info.Text("CFBundleShortVersionString"),
			SDK: info.Text("CFBundleInfoDictionaryVersion"), Description: info.Text("NSHumanReadableDescription"), Path: bundle,
			BundleVersion: info.Text("CFBundleVersion"), Copyright: info.Text("NSHumanReadableCopyright"),
		})
	}
	return rows, nil
}
