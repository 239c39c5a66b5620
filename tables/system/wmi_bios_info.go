package system

import "github.com/tenantra/tenantra/tables"

// wmiBIOSInfo is one setting of the firmware.
type wmiBIOSInfo struct {
	Name  string `col:"name" doc:"Name of the setting."`
	Value string `col:"value" doc:"Its value."`
}

// WMIBIOSInfo has a row for each setting.
// Source: HP_BIOSSetting, Lenovo_BiosSetting and DCIM_BIOSEnumeration of WMI.
var WMIBIOSInfo = tables.DefineByPlatform(tables.Spec{
	Name: "wmi_bios_info", Doc: "Settings of the firmware of Dell, HP and Lenovo.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT name, value FROM wmi_bios_info WHERE name LIKE '%Secure Boot%'"},
}, tables.Generators[wmiBIOSInfo]{})
