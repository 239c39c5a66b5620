package software

import "github.com/tenantra/tenantra/tables"

// chocolateyPackage is one package that Chocolatey installed.
type chocolateyPackage struct {
	Name    string `col:"name" doc:"Identifier of the package."`
	Version string `col:"version" collate:"VERSION" doc:"Version."`
	Summary string `col:"summary" doc:"What it is."`
	Author  string `col:"author" doc:"Who made it."`
	License string `col:"license" doc:"Address of its licence."`
	Path    string `col:"path" doc:"Its .nuspec file."`
}

// ChocolateyPackages has a row for each package.
// Source: the .nuspec files below ProgramData\chocolatey\lib.
var ChocolateyPackages = tables.DefineByPlatform(tables.Spec{
	Name: "chocolatey_packages", Doc: "Packages installed by Chocolatey.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT name, version FROM chocolatey_packages"},
}, tables.Generators[chocolateyPackage]{})
