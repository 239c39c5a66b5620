package threat

import "github.com/tenantra/tenantra/tables"

// shimcacheEntry is one program that Windows checked.
type shimcacheEntry struct {
	Entry         int32  `col:"entry" doc:"Position: 1 is the latest."`
	Path          string `col:"path" doc:"Path of the program."`
	ModifiedTime  int32  `col:"modified_time" doc:"When the program's file changed last, in Unix seconds."`
	ExecutionFlag int32  `col:"execution_flag" doc:"1 where it ran, 0 where it did not, -1 where Windows does not keep this."`
}

// Shimcache has a row for each entry, the latest first.
// Source: AppCompatCache in HKEY_LOCAL_MACHINE\SYSTEM.
var Shimcache = tables.DefineByPlatform(tables.Spec{
	Name: "shimcache", Doc: "Programs that Windows checked for compatibility, mostly since they ran.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT entry, path, datetime(modified_time, 'unixepoch') FROM shimcache"},
}, tables.Generators[shimcacheEntry]{})
