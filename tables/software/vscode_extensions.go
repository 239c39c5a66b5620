package software

import (
	"encoding/json"
	"strconv"

	"github.com/tenantra/tenantra/tables"
)

// vscodeExtension is one extension of an editor of the Visual Studio Code family.
type vscodeExtension struct {
	Name        string             `col:"name" doc:"Publisher and name of the extension: ms-python.python."`
	UUID        string             `col:"uuid" collate:"NOCASE" doc:"Identifier in the marketplace."`
	Version     string             `col:"version" collate:"VERSION" doc:"Version of the extension."`
	Path        string             `col:"path" doc:"Directory of the extension."`
	Publisher   string             `col:"publisher" doc:"Publisher as people see it."`
	PublisherID string             `col:"publisher_id" doc:"Identifier of the publisher."`
	InstalledAt tables.Null[int64] `col:"installed_at" doc:"When it was installed, in Unix milliseconds as the editor keeps it."`
	Prerelease  int32              `col:"prerelease" doc:"1 where it is a version before release."`
	UID         int64              `col:"uid" opt:"additional" doc:"User who installed it."`
	Edition     string             `col:"vscode_edition" doc:"Editor: vscode, vscode_insiders, vscodium, cursor, windsurf, trae; with _server where it serves a remote one."`
}

// VSCodeExtensions has a row for each extension that an editor's own list holds.
// Source: extensions.json in the editors' extensions directories.
var VSCodeExtensions = tables.DefineByPlatform(tables.Spec{
	Name: "vscode_extensions", Doc: "Extensions of Visual Studio Code and of the editors made from it, by user.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT u.username, e.name, e.version, e.publisher FROM users u JOIN vscode_extensions e USING (uid)"},
}, tables.Generators[vscodeExtension]{Linux: generateVSCodeExtensions, Darwin: generateVSCodeExtensions, Windows: generateVSCodeExtensions})

// vscodeEditions are the editors' directories below a home.
var vscodeEditions = [...]struct{ edition, dir string }{
	{"vscode", ".vscode"}, {"vscode_server", ".vscode-server"},
	{"vscode_insiders", ".vscode-insiders"}, {"vscode_insiders_server", ".vscode-server-insiders"},
	{"vscodium", ".vscode-oss"}, {"vscodium_server", ".vscodium-server"},
	{"cursor", ".cursor"}, {"cursor_server", ".cursor-server"},
	{"windsurf", ".windsurf"}, {"windsurf_server", ".windsurf-server"},
	{"trae", ".trae"},
}

// vscodeEntry is what the table needs of an entry of extensions.json.
type vscodeEntry struct {
	Identifier       struct{ ID, UUID jsonText }
	Version          jsonText
	Location         struct{ Path jsonText }
	RelativeLocation jsonText
	Metadata         struct {
		PublisherDisplayName, PublisherID, InstalledTimestamp, IsPreReleaseVersion, PreRelease jsonText
	}
}

// parseVSCodeExtensions reads an editor's list. inside completes a path that is relative to the list's directory.
func parseVSCodeExtensions(data []byte, inside func(string) string) []vscodeExtension {
	var entries []json.RawMessage
	if !decodeJSON(data, &entries) {
		return nil
	}
	var rows []vscodeExtension
	for _, text := range entries {
		var e vscodeEntry
		if !decodeJSON(text, &e) || e.Identifier.ID == "" {
			continue
		}
		row := vscodeExtension{
			Name: string(e.Identifier.ID), UUID: string(e.Identifier.UUID), Version: string(e.Version), Path: string(e.Location.Path),
			Publisher: string(e.Metadata.PublisherDisplayName), PublisherID: string(e.Metadata.PublisherID),
		}
		if row.Path == "" && e.RelativeLocation != "" {
			row.Path = inside(string(e.RelativeLocation))
		}
		if at, err := strconv.ParseInt(string(e.Metadata.InstalledTimestamp), 10, 64); err == nil {
			row.InstalledAt = tables.Some(at)
		}
		if e.Metadata.IsPreReleaseVersion == "true" || e.Metadata.PreRelease == "true" {
			row.Prerelease = 1
		}
		rows = append(rows, row)
	}
	return rows
}
