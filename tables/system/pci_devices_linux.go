package system

import (
	"context"
	"path"

	"github.com/tenantra/tenantra/tables"
)

const pciBus = "/sys/bus/pci/devices/"

// pciNamesPaths are where distributions keep the file of names.
var pciNamesPaths = []string{"/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids", "/usr/share/pci.ids"}

func generatePCIDevices(ctx context.Context, host tables.Host, q *tables.Query, emit func(*pciDevice) error) error {
	entries, err := host.ReadDir(pciBus)
	if err != nil {
		return absent(err)
	}
	var names hardwareNames
	var slots []string
	var devices []pciNumbers
	for _, entry := range entries {
		read := func(file string) string { return hexDigits(readText(host, pciBus+entry.Name()+"/"+file)) }
		device := pciNumbers{
			vendor: read("vendor"), model: read("device"), class: read("class"),
			subVendor: read("subsystem_vendor"), subModel: read("subsystem_device"),
		}
		if device.vendor == "" {
			continue // taken out meanwhile
		}
		names.want(device.vendor)
		names.want(device.subVendor)
		slots, devices = append(slots, entry.Name()), append(devices, device)
	}
	if q.WantsAny("pci_class", "vendor", "model", "pci_subclass", "subsystem_vendor", "subsystem_model") && len(devices) > 0 {
		names.parse(readFirst(host, pciNamesPaths))
	}
	wantsDriver := q.Wants("driver")
	for i, slot := range slots {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := pciDevice{Slot: slot}
		if wantsDriver {
			if target, err := host.Readlink(pciBus + slot + "/driver"); err == nil {
				row.Driver = path.Base(target)
			}
		}
		devices[i].fill(&row, &names)
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
