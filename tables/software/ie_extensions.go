package software

import "github.com/tenantra/tenantra/tables"

// ieExtension is one extension of Internet Explorer.
type ieExtension struct {
	Name         string `col:"name" doc:"Name of the extension."`
	RegistryPath string `col:"registry_path" doc:"Key or value that names it."`
	Version      string `col:"version" collate:"VERSION" doc:"Version of its file."`
	Path         string `col:"path" doc:"Path of its file."`
}

// IEExtensions has a row for each helper object, toolbar, URL search hook and button.
// Source: keys of Internet Explorer in HKEY_LOCAL_MACHINE and HKEY_USERS.
var IEExtensions = tables.DefineByPlatform(tables.Spec{
	Name: "ie_extensions", Doc: "Extensions of Internet Explorer.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT name, path FROM ie_extensions"},
}, tables.Generators[ieExtension]{})
