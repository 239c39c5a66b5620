package software

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AptSources,
	ChromeExtensionContentScripts,
	ChromeExtensions,
	DebPackageFiles,
	DebPackages,
	FirefoxAddons,
	NPMPackages,
	PortageKeywords,
	PortagePackages,
	PortageUse,
	PythonPackages,
	RPMPackageFiles,
	RPMPackages,
	VSCodeExtensions,
	YumSources,
}
