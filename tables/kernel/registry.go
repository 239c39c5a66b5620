package kernel

import "github.com/tenantra/tenantra/tables"

// registryEntry is one key or value of the registry.
type registryEntry struct {
	Key   string `col:"key" opt:"additional" collate:"NOCASE" doc:"Key that holds it."`
	Path  string `col:"path" opt:"index" doc:"Key and name."`
	Name  string `col:"name" doc:"Name of the value, (Default) for that without a name, or of the subkey."`
	Type  string `col:"type" doc:"Type of the value, REG_SZ and the like, or subkey."`
	Data  string `col:"data" class:"content" doc:"Data as text; bytes in hexadecimal digits."`
	Mtime int64  `col:"mtime" doc:"Last change of the key, of a subkey of that itself, in Unix seconds."`
}

// Registry has a row for each subkey and value of the keys that a statement names by key or path. In LIKE, % stays on one
// level and %% at the end goes down to all levels. Without a constraint it shows the roots.
// Source: the registry's API; in an image, and for profiles that are not loaded, the hive files.
var Registry = tables.DefineByPlatform(tables.Spec{
	Name: "registry", Doc: "Keys and values of the registry.",
	Category: tables.Kernel, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT name, data FROM registry WHERE key = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' AND name = 'CurrentBuild'",
		"SELECT path, data FROM registry WHERE key LIKE 'HKEY_USERS\\%\\Software\\Microsoft\\Windows\\CurrentVersion\\Run'",
	},
}, tables.Generators[registryEntry]{})
