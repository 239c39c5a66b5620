package software

import "github.com/tenantra/tenantra/tables"

// program is one installed program.
type program struct {
	Name              string `col:"name" doc:"Name of the program."`
	Version           string `col:"version" collate:"VERSION" doc:"Version."`
	InstallLocation   string `col:"install_location" doc:"Directory that it is in."`
	InstallSource     string `col:"install_source" doc:"Directory that it was installed from."`
	Language          string `col:"language" doc:"Language by its number."`
	Publisher         string `col:"publisher" doc:"Who published it."`
	UninstallString   string `col:"uninstall_string" doc:"Command that removes it."`
	InstallDate       string `col:"install_date" doc:"Day on which it was installed, mostly as YYYYMMDD."`
	IdentifyingNumber string `col:"identifying_number" doc:"Product code of MSI, or the name of the key."`
	PackageFamilyName string `col:"package_family_name" doc:"Family of an application package."`
	UpgradeCode       string `col:"upgrade_code" doc:"Code of MSI that all versions of the product share."`
}

// Programs has a row for each program that can be removed and each application package.
// Source: the keys Uninstall in HKEY_LOCAL_MACHINE and HKEY_USERS, those of MSI, and the repository of application packages.
var Programs = tables.DefineByPlatform(tables.Spec{
	Name: "programs", Aliases: []string{"programs_and_features"}, Doc: "Programs that are installed.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT name, version, publisher FROM programs WHERE name LIKE '%Java%'"},
}, tables.Generators[program]{})
