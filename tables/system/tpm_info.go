package system

import "github.com/tenantra/tenantra/tables"

// tpmInfo is the trusted platform module.
type tpmInfo struct {
	Activated               int32  `col:"activated" doc:"1 where it is activated."`
	Enabled                 int32  `col:"enabled" doc:"1 where it is enabled."`
	Owned                   int32  `col:"owned" doc:"1 where it has an owner."`
	ManufacturerVersion     string `col:"manufacturer_version" collate:"VERSION" doc:"Version of its firmware."`
	ManufacturerID          int32  `col:"manufacturer_id" doc:"Its maker by number."`
	ManufacturerName        string `col:"manufacturer_name" doc:"Its maker by letters."`
	ProductName             string `col:"product_name" doc:"Name of the product."`
	PhysicalPresenceVersion string `col:"physical_presence_version" collate:"VERSION" doc:"Version of the interface for physical presence."`
	SpecVersion             string `col:"spec_version" collate:"VERSION" doc:"Version of the specification."`
}

// TPMInfo has one row where there is a module.
// Source: Win32_Tpm of WMI.
var TPMInfo = tables.DefineByPlatform(tables.Spec{
	Name: "tpm_info", Doc: "The trusted platform module.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT activated, enabled, spec_version FROM tpm_info"},
}, tables.Generators[tpmInfo]{})
