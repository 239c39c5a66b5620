package system

import (
	"strconv"

	"github.com/tenantra/tenantra/tables"
)

// usbDevice is one device on a USB bus.
type usbDevice struct {
	Address   tables.Null[int64] `col:"usb_address" type:"INTEGER" doc:"Number of the bus."`
	Port      tables.Null[int64] `col:"usb_port" type:"INTEGER" doc:"Number of the device on the bus."`
	Vendor    string             `col:"vendor" doc:"Name of its maker."`
	VendorID  string             `col:"vendor_id" collate:"NOCASE" doc:"Number of its maker, in hexadecimal."`
	Version   string             `col:"version" collate:"VERSION" doc:"Version of the device, four digits."`
	Model     string             `col:"model" doc:"Name of its model."`
	ModelID   string             `col:"model_id" collate:"NOCASE" doc:"Number of its model, in hexadecimal."`
	Serial    string             `col:"serial" doc:"Serial number."`
	Class     string             `col:"class" doc:"Number of its class; 0 where each interface has its own."`
	Subclass  string             `col:"subclass" doc:"Number of its subclass."`
	Protocol  string             `col:"protocol" doc:"Number of its protocol."`
	Removable int32              `col:"removable" doc:"1 where it can be taken away, 0 where it is built in, -1 where unknown."`
}

// USBDevices has one row for each device, hubs included.
// Source: /sys/bus/usb/devices, names from usb.ids on Linux.
var USBDevices = tables.DefineByPlatform(tables.Spec{
	Name: "usb_devices", Doc: "Devices on USB buses.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT vendor, model, serial FROM usb_devices WHERE removable = 1", "SELECT vendor_id, model_id FROM usb_devices WHERE class = '8'"},
}, tables.Generators[usbDevice]{Darwin: generateDarwinUSBDevices}.OnBuild(generateUSBDevices))

// decimalOf writes a number of hexadecimal digits in decimal, as tables show classes; empty where it is none.
func decimalOf(hexadecimal string) string {
	v, err := strconv.ParseUint(hexadecimal, 16, 16)
	if err != nil {
		return ""
	}
	return strconv.FormatUint(v, 10)
}

// removable reads what the kernel says of a device's place.
func removable(text string) int32 {
	switch text {
	case "removable":
		return 1
	case "fixed":
		return 0
	default:
		return -1
	}
}
