package system

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/ioreg"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// pciClasses names the base classes of the PCI specification, where a system has no file of names.
var pciClasses = [...]string{
	"Unclassified device", "Mass storage controller", "Network controller", "Display controller", "Multimedia controller", "Memory controller", "Bridge",
	"Communication controller", "Generic system peripheral", "Input device controller", "Docking station", "Processor", "Serial bus controller",
	"Wireless controller", "Intelligent controller", "Satellite communications controller", "Encryption controller", "Signal processing controller",
	"Processing accelerators", "Non-Essential Instrumentation",
}

// generateDarwinPCIDevices reads the registry's objects of the class IOPCIDevice. Numbers lie in it as four bytes, the low one
// first.
func generateDarwinPCIDevices(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*pciDevice) error) error {
	for _, device := range ioreg.Objects(ctx, host, "IOPCIDevice") {
		vendor, hasVendor := littleEndian(device.Data("vendor-id"))
		model, hasModel := littleEndian(device.Data("device-id"))
		if !hasVendor || !hasModel {
			continue
		}
		row := pciDevice{
			Slot: device.Text("pcidebug"), Driver: device.Text("IOName"), VendorID: fmt.Sprintf("0x%04x", vendor), ModelID: fmt.Sprintf("0x%04x", model),
			Model: cText(device.Data("model")),
		}
		if class, ok := littleEndian(device.Data("class-code")); ok && int(class>>16) < len(pciClasses) {
			row.Class = pciClasses[class>>16]
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// littleEndian reads a number of up to four bytes.
func littleEndian(data []byte) (uint32, bool) {
	if len(data) == 0 || len(data) > 4 {
		return 0, false
	}
	var four [4]byte
	copy(four[:], data)
	return binary.LittleEndian.Uint32(four[:]), true
}

// cText is the text before the first NUL.
func cText(data []byte) string {
	text, _, _ := strings.Cut(string(data), "\x00")
	return text
}

// generateDarwinACPITables reads the tables that the registry's object for ACPI holds; Macs of Apple's own processors have none.
func generateDarwinACPITables(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*acpiTable) error) error {
	for _, expert := range ioreg.Objects(ctx, host, "AppleACPIPlatformExpert") {
		list := expert.Dict("ACPI Tables")
		for _, name := range list.Keys() {
			data := list.Data(name)
			if len(data) == 0 {
				continue
			}
			row := acpiRow(name, data)
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// generateDarwinPlatformInfo reads the entry rom of the device tree, which Macs with Intel's processors have, or that of the
// firmware that starts Apple's own.
func generateDarwinPlatformInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*platformInfo) error) error {
	for _, rom := range ioreg.Named(ctx, host, "IODeviceTree", "rom") {
		row := platformInfo{
			Vendor: cText(rom.Data("vendor")), Version: cText(rom.Data("version")), Date: cText(rom.Data("release-date")), FirmwareType: "uefi",
			Extra: strings.ReplaceAll(strings.TrimSpace(cText(rom.Data("apple-rom-info"))), "\n", "; "),
		}
		if at, ok := littleEndian(rom.Data("fv-main-address")); ok {
			row.Address = tables.Some(fmt.Sprintf("0x%08x", at))
		}
		if size, ok := littleEndian(rom.Data("rom-size")); ok {
			row.Size = tables.Some(strconv.FormatUint(uint64(size), 10))
		}
		if size, ok := littleEndian(rom.Data("fv-main-size")); ok {
			row.VolumeSize = tables.Some(int64(size))
		}
		if row.Version != "" {
			return emit(&row)
		}
	}
	for _, chosen := range ioreg.Named(ctx, host, "IODeviceTree", "chosen") {
		if version := cText(chosen.Data("system-firmware-version")); version != "" {
			return emit(&platformInfo{Vendor: "Apple Inc.", Version: version, FirmwareType: "iboot"})
		}
	}
	return ctx.Err()
}

// generateDarwinBlockDevices reads the registry's objects of the class IOMedia: disks, their partitions, and the volumes of APFS.
func generateDarwinBlockDevices(ctx context.Context, host tables.Host, q *tables.Query, emit func(*blockDevice) error) error {
	wanted := q.Equal("name")
	for _, media := range ioreg.Objects(ctx, host, "IOMedia") {
		name := media.Text("BSD Name")
		row := blockDevice{Name: "/dev/" + name, Label: someText(media.Text("IORegistryEntryName")), Type: someText(media.Text("Content")), UUID: someText(media.Text("UUID"))}
		if name == "" || wanted != nil && !slices.Contains(wanted, row.Name) {
			continue
		}
		if parent := parentDisk(name); parent != "" {
			row.Parent = "/dev/" + parent
		}
		row.Size, row.BlockSize = someInt(media, "Size"), someInt(media, "Preferred Block Size")
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// parentDisk gives disk1 for disk1s2, disk1s2 for its snapshot disk1s2s1, and nothing for a disk.
func parentDisk(name string) string {
	if at := strings.LastIndexByte(name, 's'); at > len("disk") {
		return name[:at]
	}
	return ""
}

func someInt(d plist.Dict, key string) tables.Null[int64] {
	n, ok := d.Int(key)
	return tables.Null[int64]{V: n, Valid: ok}
}
