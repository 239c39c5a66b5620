package system

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// pciDevice is one device on a PCI bus. Names are empty where the machine has no file of names.
type pciDevice struct {
	Slot              string              `col:"pci_slot" doc:"Address on the bus."`
	Class             string              `col:"pci_class" doc:"Name of its class."`
	Driver            string              `col:"driver" doc:"Name of its driver; empty for none."`
	Vendor            string              `col:"vendor" doc:"Name of its maker."`
	VendorID          string              `col:"vendor_id" collate:"NOCASE" doc:"Number of its maker, in hexadecimal."`
	Model             string              `col:"model" doc:"Name of its model."`
	ModelID           string              `col:"model_id" collate:"NOCASE" doc:"Number of its model, in hexadecimal."`
	ClassID           tables.Null[string] `col:"pci_class_id" collate:"NOCASE" os:"linux" doc:"Number of its class, in hexadecimal."`
	SubclassID        tables.Null[string] `col:"pci_subclass_id" collate:"NOCASE" os:"linux" doc:"Number of its subclass, in hexadecimal."`
	Subclass          tables.Null[string] `col:"pci_subclass" os:"linux" doc:"Name of its subclass."`
	SubsystemVendorID tables.Null[string] `col:"subsystem_vendor_id" collate:"NOCASE" os:"linux" doc:"Number of the maker of the card, in hexadecimal."`
	SubsystemVendor   tables.Null[string] `col:"subsystem_vendor" os:"linux" doc:"Name of the maker of the card."`
	SubsystemModelID  tables.Null[string] `col:"subsystem_model_id" collate:"NOCASE" os:"linux" doc:"Number of the model of the card, in hexadecimal."`
	SubsystemModel    tables.Null[string] `col:"subsystem_model" os:"linux" doc:"Name of the model of the card."`
}

// PCIDevices has one row for each device.
// Source: /sys/bus/pci/devices, names from pci.ids(5) on Linux; ioreg(8), class IOPCIDevice, on macOS.
var PCIDevices = tables.DefineByPlatform(tables.Spec{
	Name: "pci_devices", Doc: "Devices on PCI buses.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT pci_slot, pci_class, vendor, model, driver FROM pci_devices"},
}, tables.Generators[pciDevice]{Darwin: generateDarwinPCIDevices}.OnBuild(generatePCIDevices))

// pciNumbers are a device's numbers: four lower-case digits each, six for the class.
type pciNumbers struct{ vendor, model, subVendor, subModel, class string }

// fill fills in numbers and the names that are known for them.
func (n pciNumbers) fill(d *pciDevice, names *hardwareNames) {
	d.VendorID, d.ModelID = "0x"+n.vendor, "0x"+n.model
	d.Vendor, d.Model = names.vendors[n.vendor], names.vendors[n.vendor+":"+n.model]
	if len(n.class) == 6 {
		class, subclass := n.class[:2], n.class[2:4]
		d.ClassID, d.SubclassID = tables.Some("0x"+class), tables.Some("0x"+subclass)
		d.Class = names.classes[class]
		d.Subclass = tables.Some(names.classes[class+":"+subclass])
	}
	if n.subVendor != "" {
		d.SubsystemVendorID, d.SubsystemModelID = tables.Some("0x"+n.subVendor), tables.Some("0x"+n.subModel)
		d.SubsystemVendor = tables.Some(names.vendors[n.subVendor])
		d.SubsystemModel = tables.Some(names.vendors[strings.Join([]string{n.vendor, n.model, n.subVendor, n.subModel}, ":")])
	}
}

// hexDigits gives the digits of 0x1af4 as a file of the kernel has them, in lower case.
func hexDigits(text string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(text), "0x"))
}
