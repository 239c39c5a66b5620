package threat

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// xprotectRule is one plug-in or extension that XProtect restricts.
type xprotectRule struct {
	Identifier  string `col:"identifier" doc:"Bundle identifier."`
	Type        string `col:"type" doc:"plugin or extension."`
	DeveloperID string `col:"developer_id" doc:"Developer whose extensions are blocked."`
	MinVersion  string `col:"min_version" collate:"VERSION" doc:"Oldest version that may run."`
}

// XProtectMeta has a row for each plug-in or extension of browsers that is blocked below a version, or altogether.
// Source: XProtect.meta.plist.
var XProtectMeta = tables.Define[xprotectRule](tables.Spec{
	Name: "xprotect_meta", Doc: "Plug-ins and extensions of browsers that macOS blocks.",
	Category: tables.Threat, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT identifier, min_version FROM xprotect_meta WHERE type = 'plugin'"},
}, generateXProtectMeta)

func generateXProtectMeta(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*xprotectRule) error) error {
	value, _ := readXProtect(ctx, host, "XProtect.meta.plist")
	list, _ := value.(plist.Dict)
	var rows []xprotectRule
	if version := list.Text("JavaWebComponentVersionMinimum"); version != "" {
		rows = append(rows, xprotectRule{Identifier: "java", Type: "plugin", MinVersion: version})
	}
	for _, extension := range list.Dict("ExtensionBlacklist").Dicts("Extensions") {
		rows = append(rows, xprotectRule{Identifier: extension.Text("CFBundleIdentifier"), Type: "extension", DeveloperID: extension.Text("Developer Identifier")})
	}
	systems := list.Dict("PlugInBlacklist") // by the major version of the system
	for _, system := range systems.Keys() {
		plugins := systems.Dict(system)
		for _, name := range plugins.Keys() {
			rows = append(rows, xprotectRule{Identifier: name, Type: "plugin", MinVersion: plugins.Dict(name).Text("MinimumPlugInBundleVersion")})
		}
	}
	for i := range rows {
		if err := emit(&rows[i]); err != nil {
			return err
		}
	}
	return ctx.Err()
}
