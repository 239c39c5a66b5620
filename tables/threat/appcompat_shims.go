package threat

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

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
var AppcompatShims = tables.Define[appcompatShim](tables.Spec{
	Name: "appcompat_shims", Doc: "Compatibility fixes installed for programs, a known place for persistence.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT executable, path, description FROM appcompat_shims"},
}, generateAppcompatShims)

const (
	appCompatCustom    = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Custom`
	appCompatDatabases = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\InstalledSDB`
)

func generateAppcompatShims(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*appcompatShim) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	databases := r.Key(appCompatDatabases)
	return r.Key(appCompatCustom).Keys(func(program *registry.Key) error {
		for _, v := range program.Values() {
			id := strings.TrimSuffix(v.Name, ".sdb")
			row := appcompatShim{Executable: program.Name(), SDBID: id}
			if database := databases.Open(id); database != nil {
				row.Path, row.Description, row.Type = database.Text("DatabasePath"), database.Text("DatabaseDescription"), database.Text("DatabaseType")
				if installed, ok := database.Int("DatabaseInstallTimeStamp"); ok {
					row.InstallTime = int32(unixOf(registry.FileTime(uint64(installed))))
				}
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}
