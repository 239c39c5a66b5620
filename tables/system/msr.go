package system

import (
	"encoding/binary"
	"io"

	"github.com/tenantra/tenantra/tables"
)

// modelRegisters are the model-specific registers of one processor, as they are; NULL where the processor has no such.
type modelRegisters struct {
	Processor       int64              `col:"processor_number" doc:"Number of the processor."`
	TurboDisabled   tables.Null[int64] `col:"turbo_disabled" doc:"1 where it does not clock up by itself."`
	TurboRatioLimit tables.Null[int64] `col:"turbo_ratio_limit" doc:"Register of the highest ratios, by cores in use."`
	PlatformInfo    tables.Null[int64] `col:"platform_info" doc:"Register of the platform's ratios."`
	PerfCtl         tables.Null[int64] `col:"perf_ctl" doc:"Register of the wanted performance state."`
	PerfStatus      tables.Null[int64] `col:"perf_status" doc:"Register of the present performance state."`
	FeatureControl  tables.Null[int64] `col:"feature_control" doc:"Register that locks virtualization and enclaves."`
	RAPLPowerLimit  tables.Null[int64] `col:"rapl_power_limit" doc:"Register of the limit of power."`
	RAPLEnergy      tables.Null[int64] `col:"rapl_energy_status" doc:"Register of the energy used."`
	RAPLUnits       tables.Null[int64] `col:"rapl_power_units" doc:"Register of the units of the two before."`
}

// MSR has a row for each processor whose registers the kernel's module msr shows. It is empty without that module.
// Source: /dev/cpu/N/msr, msr(4); Intel's Software Developer's Manual, volume 4.
var MSR = tables.Define[modelRegisters](tables.Spec{
	Name: "msr", Doc: "Model-specific registers of the processors.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT processor_number, feature_control & 1 AS locked FROM msr"},
}, generateMSR)

// readModelRegisters reads registers, each of eight bytes at the offset of its number.
func readModelRegisters(from io.ReaderAt) modelRegisters {
	register := func(number int64) tables.Null[int64] {
		var value [8]byte
		if _, err := from.ReadAt(value[:], number); err != nil {
			return tables.Null[int64]{}
		}
		return tables.Some(int64(binary.LittleEndian.Uint64(value[:])))
	}
	r := modelRegisters{
		TurboRatioLimit: register(0x1ad), PlatformInfo: register(0xce), PerfCtl: register(0x199), PerfStatus: register(0x198),
		FeatureControl: register(0x3a), RAPLPowerLimit: register(0x610), RAPLEnergy: register(0x611), RAPLUnits: register(0x606),
	}
	const turboDisable = 38 // bit of IA32_MISC_ENABLE
	if misc := register(0x1a0); misc.Valid {
		r.TurboDisabled = tables.Some(misc.V >> turboDisable & 1)
	}
	return r
}
