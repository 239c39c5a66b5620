package system

import (
	"context"
	"strconv"

	"github.com/tenantra/tenantra/tables"
)

const usbBus = "/sys/bus/usb/devices/"

// usbNamesPaths are where distributions keep the file of names.
var usbNamesPaths = []string{"/usr/share/misc/usb.ids", "/usr/share/hwdata/usb.ids", "/var/lib/usbutils/usb.ids", "/usr/share/usb.ids"}

func generateUSBDevices(ctx context.Context, host tables.Host, q *tables.Query, emit func(*usbDevice) error) error {
	entries, err := host.ReadDir(usbBus)
	if err != nil {
		return absent(err)
	}
	var names hardwareNames
	var devices []usbDevice
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if device, ok := readUSBDevice(host, usbBus+entry.Name()+"/"); ok {
			names.want(device.VendorID)
			devices = append(devices, device)
		}
	}
	if q.WantsAny("vendor", "model") && len(devices) > 0 {
		names.parse(readFirst(host, usbNamesPaths))
	}
	for i := range devices {
		// The file of names is preferred: devices give themselves whatever name they like.
		if name := names.vendors[devices[i].VendorID]; name != "" {
			devices[i].Vendor = name
		}
		if name := names.vendors[devices[i].VendorID+":"+devices[i].ModelID]; name != "" {
			devices[i].Model = name
		}
		if err := emit(&devices[i]); err != nil {
			return err
		}
	}
	return nil
}

// readUSBDevice reads a device; the bus also lists interfaces of devices, which have no vendor.
func readUSBDevice(host tables.Host, dir string) (usbDevice, bool) {
	read := func(file string) string { return readText(host, dir+file) }
	device := usbDevice{
		VendorID: hexDigits(read("idVendor")), ModelID: hexDigits(read("idProduct")), Version: read("bcdDevice"),
		Vendor: read("manufacturer"), Model: read("product"), Serial: read("serial"), Removable: removable(read("removable")),
		Class: decimalOf(read("bDeviceClass")), Subclass: decimalOf(read("bDeviceSubClass")), Protocol: decimalOf(read("bDeviceProtocol")),
	}
	device.Address, device.Port = numberIn(read("busnum")), numberIn(read("devnum"))
	return device, device.VendorID != "" && device.Address.Valid && device.Port.Valid
}

func numberIn(text string) tables.Null[int64] {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return tables.Null[int64]{}
	}
	return tables.Some(v)
}
