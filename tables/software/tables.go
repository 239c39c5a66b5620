package software

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AppSchemes,
	Apps,
	AptSources,
	BrowserPlugins,
	ChocolateyPackages,
	ChromeExtensionContentScripts,
	ChromeExtensions,
	DebPackageFiles,
	DebPackages,
	FirefoxAddons,
	HomebrewPackages,
	IEExtensions,
	JetBrainsPlugins,
	NPMPackages,
	PackageBOM,
	PackageInstallHistory,
	PackageReceipts,
	Patches,
	PortageKeywords,
	PortagePackages,
	PortageUse,
	Programs,
	PythonPackages,
	RPMPackageFiles,
	RPMPackages,
	RunningApps,
	SafariExtensions,
	VSCodeExtensions,
	WindowsOptionalFeatures,
	WindowsUpdateHistory,
	YumSources,
}
