package software

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// windowsOptionalFeature is one optional feature of Windows.
type windowsOptionalFeature struct {
	Name      string `col:"name" doc:"Name of the feature."`
	Caption   string `col:"caption" doc:"Name that people see."`
	State     int32  `col:"state" doc:"1 enabled, 2 disabled, 3 absent, 4 unknown."`
	Statename string `col:"statename" doc:"State by its name."`
}

// WindowsOptionalFeatures has a row for each feature.
// Source: Win32_OptionalFeature of WMI.
var WindowsOptionalFeatures = tables.Define[windowsOptionalFeature](tables.Spec{
	Name: "windows_optional_features", Doc: "Optional features of Windows.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, statename FROM windows_optional_features WHERE name = 'SMB1Protocol'"},
}, generateWindowsOptionalFeatures)

func generateWindowsOptionalFeatures(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*windowsOptionalFeature) error) error {
	features, err := wmi.Objects(ctx, host, wmi.CIMv2, "Win32_OptionalFeature", "Name", "Caption", "InstallState")
	if err != nil {
		return err
	}
	for _, f := range features {
		row := windowsOptionalFeature{Name: f.Text("Name"), Caption: f.Text("Caption"), State: int32(f.Number("InstallState")), Statename: "Unknown"}
		if names := [...]string{"Unknown", "Enabled", "Disabled", "Absent"}; row.State >= 0 && int(row.State) < len(names) {
			row.Statename = names[row.State]
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
