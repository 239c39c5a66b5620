package system

import (
	"context"
	"encoding/binary"
	"path"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
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
// Source: Win32_Tpm of WMI; /sys/class/tpm on Linux, whose kernel tells neither maker nor owner of a module of version 2.
var TPMInfo = tables.DefineByPlatform(tables.Spec{
	Name: "tpm_info", Doc: "The trusted platform module.",
	Category: tables.System, Platforms: tables.Linux | tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT activated, enabled, spec_version FROM tpm_info"},
}, tables.Generators[tpmInfo]{Linux: generateLinuxTPMInfo, Windows: generateTPMInfo})

const tpmClass = "/sys/class/tpm"

// generateLinuxTPMInfo reads what the kernel's driver shows. Version 1.2 has a file of capabilities, version 2 the number alone.
func generateLinuxTPMInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*tpmInfo) error) error {
	for _, entry := range hostfile.List(ctx, host, tpmClass) {
		dir := path.Join(tpmClass, entry.Name())
		read := func(name string) string {
			data, err := host.ReadFile(path.Join(dir, name))
			if err != nil {
				return ""
			}
			return strings.TrimSpace(string(data))
		}
		row := tpmInfo{ProductName: read("device/description"), PhysicalPresenceVersion: read("ppi/version")}
		switch major := read("tpm_version_major"); {
		case major == "2":
			row.SpecVersion, row.Activated, row.Enabled = "2.0", 1, 1 // a module of this version has no such switches
		default:
			parseTPMCapabilities(read("device/caps"), &row)
			row.Activated, row.Enabled, row.Owned = flagOf(read("device/active")), flagOf(read("device/enabled")), flagOf(read("device/owned"))
		}
		if row.SpecVersion == "" {
			continue // no module, or one that the driver does not know
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// printable keeps the letters of a maker's number.
func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

func flagOf(text string) int32 {
	if text == "1" {
		return 1
	}
	return 0
}

// parseTPMCapabilities reads lines such as "Manufacturer: 0x49465800", "TCG version: 1.2" and "Firmware version: 3.19".
func parseTPMCapabilities(text string, row *tpmInfo) {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); name {
		case "Manufacturer":
			number, err := strconv.ParseUint(strings.TrimPrefix(value, "0x"), 16, 32)
			if err != nil {
				continue
			}
			letters := binary.BigEndian.AppendUint32(nil, uint32(number))
			row.ManufacturerID = int32(uint32(number)) // #nosec G115 -- osquery's column is signed
			row.ManufacturerName = strings.TrimSpace(strings.Map(printable, string(letters)))
		case "TCG version":
			row.SpecVersion = value
		case "Firmware version":
			row.ManufacturerVersion = value
		}
	}
}

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
