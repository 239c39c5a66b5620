package software

import "github.com/tenantra/tenantra/tables"

// windowsOptionalFeature is one optional feature of Windows.
type windowsOptionalFeature struct {
	Name      string `col:"name" doc:"Name of the feature."`
	Caption   string `col:"caption" doc:"Name that people see."`
	State     int32  `col:"state" doc:"1 enabled, 2 disabled, 3 absent, 4 unknown."`
	Statename string `col:"statename" doc:"State by its name."`
}

// WindowsOptionalFeatures has a row for each feature.
// Source: Win32_OptionalFeature of WMI.
var WindowsOptionalFeatures = tables.DefineByPlatform(tables.Spec{
	Name: "windows_optional_features", Doc: "Optional features of Windows.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT name, statename FROM windows_optional_features WHERE name = 'SMB1Protocol'"},
}, tables.Generators[windowsOptionalFeature]{})
