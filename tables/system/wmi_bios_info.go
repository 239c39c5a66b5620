package system

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// wmiBIOSInfo is one setting of the firmware.
type wmiBIOSInfo struct {
	Name  string `col:"name" doc:"Name of the setting."`
	Value string `col:"value" doc:"Its value."`
}

// WMIBIOSInfo has a row for each setting.
// Source: HP_BIOSSetting, Lenovo_BiosSetting and DCIM_BIOSEnumeration of WMI.
var WMIBIOSInfo = tables.Define[wmiBIOSInfo](tables.Spec{
	Name: "wmi_bios_info", Doc: "Settings of the firmware of Dell, HP and Lenovo.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, value FROM wmi_bios_info WHERE name LIKE '%Secure Boot%'"},
}, generateWMIBIOSInfo)

// biosSettings are the classes in which makers show their firmware's settings.
var biosSettings = [...]struct {
	namespace, class string
	properties       []string
	setting          func(wmi.Object) (name, value string)
}{
	{"root/hp/instrumentedBIOS", "HP_BIOSSetting", []string{"Name", "Value"}, hpSetting},
	{"root/wmi", "Lenovo_BiosSetting", []string{"CurrentSetting"}, lenovoSetting},
	{"root/dcim/sysman", "DCIM_BIOSEnumeration", []string{"AttributeName", "CurrentValue", "PossibleValues", "PossibleValuesDescription"}, dellSetting},
}

func generateWMIBIOSInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*wmiBIOSInfo) error) error {
	for _, source := range biosSettings {
		objects, err := wmi.Objects(ctx, host, source.namespace, source.class, source.properties...)
		if err != nil {
			return err
		}
		for _, o := range objects {
			name, value := source.setting(o)
			if name == "" {
				continue
			}
			if err := emit(&wmiBIOSInfo{Name: name, Value: value}); err != nil {
				return err
			}
		}
	}
	return nil
}

// hpSetting takes the choice that a star marks: Disable, *Enable.
func hpSetting(o wmi.Object) (name, value string) {
	value = o.Text("Value")
	for choice := range strings.SplitSeq(value, ",") {
		if chosen, ok := strings.CutPrefix(strings.TrimSpace(choice), "*"); ok {
			value = chosen
		}
	}
	return o.Text("Name"), value
}

// lenovoSetting parts SecureBoot,Enable.
func lenovoSetting(o wmi.Object) (name, value string) {
	name, value, _ = strings.Cut(o.Text("CurrentSetting"), ",")
	value, _, _ = strings.Cut(value, ";")
	return name, value
}

// dellSetting gives the description of the value that is set.
func dellSetting(o wmi.Object) (name, value string) {
	value = o.Text("CurrentValue")
	descriptions, _ := o["PossibleValuesDescription"].([]any)
	values, _ := o["PossibleValues"].([]any)
	for i, possible := range values {
		if text, ok := possible.(string); ok && text == value && i < len(descriptions) {
			if description, ok := descriptions[i].(string); ok {
				value = description
			}
			break
		}
	}
	return o.Text("AttributeName"), value
}
