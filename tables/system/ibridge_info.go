package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/profiler"
)

// ibridgeInfo is the security chip of a machine with a processor of Intel's.
type ibridgeInfo struct {
	BootUUID           string              `col:"boot_uuid" collate:"NOCASE" doc:"Identifier of the chip's start."`
	CoprocessorVersion string              `col:"coprocessor_version" doc:"Model of the chip."`
	FirmwareVersion    string              `col:"firmware_version" collate:"VERSION" doc:"Build of its system."`
	UniqueChipID       tables.Null[string] `col:"unique_chip_id" doc:"Number of the chip; NULL, as it takes a framework to ask."`
}

// IBridgeInfo has one row on machines with a T1 or T2 chip.
// Source: system_profiler(8), SPiBridgeDataType, on a running system. The chip's own number is not told there.
var IBridgeInfo = tables.Define[ibridgeInfo](tables.Spec{
	Name: "ibridge_info", Doc: "Apple's security chip of machines with Intel processors.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Expensive, Portable: true,
	Examples: []string{"SELECT coprocessor_version, firmware_version FROM ibridge_info"},
}, generateIBridgeInfo)

func generateIBridgeInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*ibridgeInfo) error) error {
	for _, chip := range profiler.Items(ctx, host, "SPiBridgeDataType") {
		row := ibridgeInfo{
			BootUUID: chip.Text("ibridge_boot_uuid"), CoprocessorVersion: chip.Text("ibridge_model_name"), FirmwareVersion: chip.Text("ibridge_build"),
		}
		if row.CoprocessorVersion == "" {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}
