package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

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
var TPMInfo = tables.Define[tpmInfo](tables.Spec{
	Name: "tpm_info", Doc: "The trusted platform module.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT activated, enabled, spec_version FROM tpm_info"},
}, generateTPMInfo)

func generateTPMInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*tpmInfo) error) error {
	modules, err := wmi.Objects(ctx, host, "root/cimv2/Security/MicrosoftTpm", "Win32_Tpm", "IsActivated_InitialValue", "IsEnabled_InitialValue",
		"IsOwned_InitialValue", "ManufacturerVersion", "ManufacturerId", "ManufacturerIdTxt", "ManufacturerVersionInfo", "PhysicalPresenceVersionInfo", "SpecVersion")
	if err != nil {
		return err
	}
	for _, m := range modules {
		row := tpmInfo{
			Activated: int32(m.Number("IsActivated_InitialValue")), Enabled: int32(m.Number("IsEnabled_InitialValue")), Owned: int32(m.Number("IsOwned_InitialValue")),
			ManufacturerVersion: m.Text("ManufacturerVersion"), ManufacturerID: int32(m.Number("ManufacturerId")), ManufacturerName: m.Text("ManufacturerIdTxt"),
			ProductName: m.Text("ManufacturerVersionInfo"), PhysicalPresenceVersion: m.Text("PhysicalPresenceVersionInfo"), SpecVersion: m.Text("SpecVersion"),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
