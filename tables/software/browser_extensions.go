package software

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

// browserExtension is one extension of any browser.
type browserExtension struct {
	Browser     string              `col:"browser" doc:"Browser: chrome, chromium, edge, brave, opera, vivaldi, firefox, safari and so on."`
	UID         int64               `col:"uid" opt:"index" doc:"User who has it."`
	Name        string              `col:"name" doc:"Name of the extension."`
	Identifier  string              `col:"identifier" doc:"Id of the extension in the browser's store."`
	Version     string              `col:"version" collate:"VERSION" doc:"Version of the extension."`
	Author      string              `col:"author" doc:"Author of the extension."`
	Enabled     tables.Null[int64]  `col:"enabled" type:"INTEGER" doc:"1 where it is loaded; NULL where the profile does not tell."`
	FromStore   tables.Null[int64]  `col:"from_store" type:"INTEGER" doc:"1 where it came from the browser's own store; NULL where the profile does not tell."`
	Permissions tables.Null[string] `col:"permissions" doc:"Permissions that it has, joined by commas; NULL where the profile does not tell."`
	Path        string              `col:"path" doc:"Directory or file of the extension."`
}

// BrowserExtensions has a row for each extension of each profile. Unlike the tables of single browsers it answers for all users
// where a statement names none.
// Source: as chrome_extensions, firefox_addons and safari_extensions.
var BrowserExtensions = tables.DefineByPlatform(tables.Spec{
	Name: "browser_extensions", Doc: "Extensions of all browsers of all users, in one shape.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT browser, name, version, count(*) AS users FROM browser_extensions GROUP BY browser, identifier",
		"SELECT uid, browser, name, permissions FROM browser_extensions WHERE from_store = 0 AND enabled = 1",
	},
}, tables.Generators[browserExtension]{Linux: generateBrowserExtensions, Darwin: generateDarwinBrowserExtensions, Windows: generateBrowserExtensions})

// ofUsers makes a query of a browser's table for the users that the statement names, else for all.
func ofUsers(ctx context.Context, host tables.Host, q *tables.Query, table *tables.Table) (*tables.Query, error) {
	uids := q.Equal("uid")
	if uids == nil {
		return ofAllUsers(ctx, host, table)
	}
	return tables.NewQuery(table, []tables.Constraint{{Column: table.Column("uid"), Op: tables.OpEqual, Values: uids}}, nil, -1, nil), nil
}

func generateBrowserExtensions(ctx context.Context, host tables.Host, q *tables.Query, emit func(*browserExtension) error) error {
	chrome, err := ofUsers(ctx, host, q, ChromeExtensions)
	if err != nil {
		return err
	}
	err = generateChromeExtensions(ctx, host, chrome, func(e *chromeExtension) error {
		row := browserExtension{
			Browser: e.BrowserType, UID: e.UID, Name: e.Name, Identifier: e.ReferencedIdentifier, Version: e.Version, Author: e.Author,
			Permissions: tables.Some(e.Permissions), Path: e.Path,
		}
		if row.Identifier == "" {
			row.Identifier = e.Identifier
		}
		switch e.State {
		case "0", "1":
			row.Enabled = tables.Some(int64(e.State[0] - '0'))
		}
		switch e.FromWebstore {
		case "true", "1":
			row.FromStore = tables.Some(int64(1))
		case "false", "0":
			row.FromStore = tables.Some(int64(0))
		}
		return emit(&row)
	})
	if err != nil {
		return err
	}
	firefox, err := ofUsers(ctx, host, q, FirefoxAddons)
	if err != nil {
		return err
	}
	return generateFirefoxAddons(ctx, host, firefox, func(a *firefoxAddon) error {
		if a.Type != "extension" {
			return nil // themes, dictionaries, languages
		}
		return emit(&browserExtension{
			Browser: "firefox", UID: a.UID, Name: a.Name, Identifier: a.Identifier, Version: a.Version, Author: a.Creator,
			Enabled: tables.Some(int64(a.Active)), Path: a.Path,
		})
	})
}

func generateDarwinBrowserExtensions(ctx context.Context, host tables.Host, q *tables.Query, emit func(*browserExtension) error) error {
	if err := generateBrowserExtensions(ctx, host, q, emit); err != nil {
		return err
	}
	safari, err := ofUsers(ctx, host, q, SafariExtensions)
	if err != nil {
		return err
	}
	return generateSafariExtensions(ctx, host, safari, func(e *safariExtension) error {
		return emit(&browserExtension{Browser: "safari", UID: e.UID, Name: e.Name, Identifier: e.Identifier, Version: e.Version, Path: e.Path})
	})
}
