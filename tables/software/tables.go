package software

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AptSources,
	DebPackageFiles,
	DebPackages,
	PortagePackages,
	PythonPackages,
	RPMPackageFiles,
	RPMPackages,
	YumSources,
}
