package system

import "github.com/tenantra/tenantra/tables"

// chassisInfo is the machine's case.
type chassisInfo struct {
	AudibleAlarm      string `col:"audible_alarm" doc:"Whether it has an alarm that sounds."`
	BreachDescription string `col:"breach_description" doc:"What is known of a breach."`
	ChassisTypes      string `col:"chassis_types" doc:"Kinds of case: Desktop, Notebook, Rack Mount Chassis and others, joined by commas."`
	Description       string `col:"description" doc:"What it is."`
	Lock              string `col:"lock" doc:"Whether it has a lock."`
	Manufacturer      string `col:"manufacturer" doc:"Who made it."`
	Model             string `col:"model" doc:"Model."`
	SecurityBreach    string `col:"security_breach" doc:"State of its security."`
	Serial            string `col:"serial" doc:"Serial number."`
	SMBIOSTag         string `col:"smbios_tag" doc:"Asset tag."`
	SKU               string `col:"sku" doc:"Stock keeping unit."`
	Status            string `col:"status" doc:"State of the device."`
	VisibleAlarm      string `col:"visible_alarm" doc:"Whether it has an alarm that shows."`
}

// ChassisInfo has one row.
// Source: Win32_SystemEnclosure of WMI.
var ChassisInfo = tables.DefineByPlatform(tables.Spec{
	Name: "chassis_info", Doc: "The case of the machine and its locks.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT chassis_types, manufacturer, serial FROM chassis_info"},
}, tables.Generators[chassisInfo]{})
