package threat

import "github.com/tenantra/tenantra/tables"

// appcompatShim is an application compatibility fix that is installed for a program.
type appcompatShim struct {
	Executable  string `col:"executable" doc:"Program that the fix is for."`
	Path        string `col:"path" doc:"Database of the fix."`
	Description string `col:"description" doc:"What the database calls itself."`
	InstallTime int32  `col:"install_time" doc:"When it was installed, in Unix seconds."`
	Type        string `col:"type" doc:"Kind of database as the registry holds it."`
	SDBID       string `col:"sdb_id" doc:"Identifier of the database."`
}

// AppcompatShims has a row for each database of fixes that is registered for a program.
// Source: AppCompatFlags\Custom and InstalledSDB in HKEY_LOCAL_MACHINE.
var AppcompatShims = tables.DefineByPlatform(tables.Spec{
	Name: "appcompat_shims", Doc: "Compatibility fixes installed for programs, a known place for persistence.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT executable, path, description FROM appcompat_shims"},
}, tables.Generators[appcompatShim]{})
