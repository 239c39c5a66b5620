package system

import (
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

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

// ChassisInfo has a row for each case that the firmware tells of. Alarms, which no firmware tells of, are empty.
// Source: SMBIOS entries of type 3; DMTF DSP0134.
var ChassisInfo = tables.Define[chassisInfo](tables.Spec{
	Name: "chassis_info", Doc: "The case of the machine and its locks.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT chassis_types, manufacturer, serial FROM chassis_info"},
}, fromFirmware(smbios.TypeChassis, oneRow(chassisRow)))

// chassisKinds are the kinds of case by their number.
var chassisKinds = map[byte]string{
	0x01: "Other", 0x02: "Unknown", 0x03: "Desktop", 0x04: "Low Profile Desktop", 0x05: "Pizza Box", 0x06: "Mini Tower", 0x07: "Tower",
	0x08: "Portable", 0x09: "Laptop", 0x0A: "Notebook", 0x0B: "Hand Held", 0x0C: "Docking Station", 0x0D: "All in One", 0x0E: "Sub Notebook",
	0x0F: "Space-Saving", 0x10: "Lunch Box", 0x11: "Main System Chassis", 0x12: "Expansion Chassis", 0x13: "SubChassis",
	0x14: "Bus Expansion Chassis", 0x15: "Peripheral Chassis", 0x16: "Storage Chassis", 0x17: "Rack Mount Chassis", 0x18: "Sealed-Case PC",
	0x19: "Multi-system Chassis", 0x1A: "Compact PCI", 0x1B: "Advanced TCA", 0x1C: "Blade", 0x1D: "Blade Enclosure", 0x1E: "Tablet",
	0x1F: "Convertible", 0x20: "Detachable", 0x21: "IoT Gateway", 0x22: "Embedded PC", 0x23: "Mini PC", 0x24: "Stick PC",
}

var chassisSecurity = map[byte]string{0x01: "Other", 0x02: "Unknown", 0x03: "None", 0x04: "External Interface Locked Out", 0x05: "External Interface Enabled"}

var chassisStates = map[byte]string{0x01: "Other", 0x02: "Unknown", 0x03: "OK", 0x04: "Warning", 0x05: "Critical", 0x06: "Non-recoverable"}

func chassisRow(s *smbios.Structure) chassisInfo {
	row := chassisInfo{
		Manufacturer: s.Text(0x04), SMBIOSTag: s.Text(0x08), Serial: s.Text(0x07), Model: s.Text(0x06), Description: "System Enclosure",
		Status: nameAt(s, 0x09, chassisStates).V, SecurityBreach: nameAt(s, 0x0C, chassisSecurity).V,
	}
	const locked = 1 << 7
	if kind, ok := s.Byte(0x05); ok {
		row.ChassisTypes, row.Lock = chassisKinds[kind&^locked], "FALSE"
		if kind&locked != 0 {
			row.Lock = "TRUE"
		}
	}
	// The stock keeping unit stands behind a list of contained parts, whose count and size come before it.
	count, hasCount := s.Byte(0x13)
	size, hasSize := s.Byte(0x14)
	if hasCount && hasSize {
		row.SKU = s.Text(0x15 + int(count)*int(size))
	}
	return row
}
