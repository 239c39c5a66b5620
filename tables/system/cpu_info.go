package system

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// cpuInfo is one processor package.
type cpuInfo struct {
	DeviceID          tables.Null[string] `col:"device_id" doc:"Name of the processor: CPU0, CPU1."`
	Model             string              `col:"model" doc:"Model of the processor."`
	Manufacturer      string              `col:"manufacturer" doc:"Maker of the processor."`
	ProcessorType     tables.Null[string] `col:"processor_type" doc:"Kind by its number: 3 central, 4 mathematics, 5 signals, 6 graphics."`
	Status            tables.Null[int64]  `col:"cpu_status" type:"INTEGER" doc:"Status as the firmware's bits: 65 populated and enabled."`
	Cores             tables.Null[string] `col:"number_of_cores" doc:"Number of cores."`
	LogicalProcessors tables.Null[int64]  `col:"logical_processors" type:"INTEGER" doc:"Number of hardware threads."`
	AddressWidth      tables.Null[string] `col:"address_width" doc:"32 or 64 bits."`
	CurrentClockSpeed tables.Null[int64]  `col:"current_clock_speed" type:"INTEGER" doc:"Speed in MHz, as at start."`
	MaxClockSpeed     tables.Null[int64]  `col:"max_clock_speed" type:"INTEGER" doc:"Largest speed in MHz."`
	SocketDesignation string              `col:"socket_designation" doc:"Label of the socket on the board."`
	Availability      tables.Null[string] `col:"availability" os:"windows" doc:"Availability and status of the processor."`
	LoadPercentage    tables.Null[int64]  `col:"load_percentage" type:"INTEGER" os:"windows" doc:"Load in percent."`
	EfficiencyCores   tables.Null[int64]  `col:"number_of_efficiency_cores" type:"INTEGER" os:"darwin" doc:"Number of efficiency cores."`
	PerformanceCores  tables.Null[int64]  `col:"number_of_performance_cores" type:"INTEGER" os:"darwin" doc:"Number of performance cores."`
}

// CPUInfo has one row for each processor package.
// Source: SMBIOS entries of type 4, and where a machine has none or they may not be read, /proc/cpuinfo on Linux.
var CPUInfo = tables.DefineByPlatform(tables.Spec{
	Name: "cpu_info", Doc: "Processors.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT model, number_of_cores, logical_processors, max_clock_speed FROM cpu_info"},
}, tables.Generators[cpuInfo]{Darwin: generateDarwinCPUInfo}.OnBuild(generateCPUInfo))

// processorKinds are the names of devices by the kind of processor.
var processorKinds = map[byte]string{3: "CPU", 4: "MATH", 5: "DSP", 6: "GPU"}

// processorRows gives the processors of the firmware's tables.
func processorRows(structures []smbios.Structure) []cpuInfo {
	var rows []cpuInfo
	for i := range structures {
		s := &structures[i]
		if s.Type != smbios.TypeProcessor {
			continue
		}
		row := cpuInfo{
			Model: s.Text(0x10), Manufacturer: s.Text(0x07), SocketDesignation: s.Text(0x04), Status: byteAt(s, 0x18),
			CurrentClockSpeed: wordAt(s, 0x16), MaxClockSpeed: wordAt(s, 0x14), LogicalProcessors: countAt(s, 0x25, 0x2E),
		}
		if kind, ok := s.Byte(0x05); ok {
			row.ProcessorType = tables.Some(strconv.Itoa(int(kind)))
			if name, known := processorKinds[kind]; known {
				row.DeviceID = tables.Some(name + strconv.Itoa(len(rows)))
			}
		}
		if cores := countAt(s, 0x23, 0x2A); cores.Valid {
			row.Cores = tables.Some(strconv.FormatInt(cores.V, 10))
		}
		const is64Bit = 1 << 2
		if characteristics, ok := s.Word(0x26); ok {
			row.AddressWidth = tables.Some("32")
			if characteristics&is64Bit != 0 {
				row.AddressWidth = tables.Some("64")
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// countAt reads a number of cores or threads; from 255 on a longer field has it.
func countAt(s *smbios.Structure, at, extendedAt int) tables.Null[int64] {
	const seeExtended = 0xFF
	count, ok := s.Byte(at)
	if !ok || count == 0 {
		return tables.Null[int64]{}
	}
	if extended, hasExtended := s.Word(extendedAt); count == seeExtended && hasExtended {
		return tables.Some(int64(extended))
	}
	return tables.Some(int64(count))
}

// processorPackage gathers what /proc/cpuinfo says of the threads of one package.
type processorPackage struct {
	id, model, vendor string
	cores             map[string]bool
	threads           int64
	megahertz         float64
	is64Bit           bool
}

// parseProcessors gives the processors of /proc/cpuinfo, where each thread has a paragraph.
func parseProcessors(text string) []cpuInfo {
	var packages []*processorPackage
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		thread := parseThread(paragraph)
		if thread == nil {
			continue
		}
		i := slices.IndexFunc(packages, func(p *processorPackage) bool { return p.id == thread.id })
		if i < 0 {
			packages = append(packages, thread)
			continue
		}
		packages[i].threads++
		for core := range thread.cores {
			packages[i].cores[core] = true
		}
	}
	var rows []cpuInfo
	for i, p := range packages {
		row := cpuInfo{
			DeviceID: tables.Some("CPU" + strconv.Itoa(i)), Model: p.model, Manufacturer: p.vendor,
			ProcessorType: tables.Some("3"), LogicalProcessors: tables.Some(p.threads),
		}
		cores := int64(len(p.cores))
		if cores == 0 {
			cores = p.threads
		}
		row.Cores = tables.Some(strconv.FormatInt(cores, 10))
		if p.megahertz > 0 && p.megahertz < 1e6 {
			row.CurrentClockSpeed = tables.Some(int64(p.megahertz))
		}
		if p.is64Bit {
			row.AddressWidth = tables.Some("64")
		}
		rows = append(rows, row)
	}
	return rows
}

// parseThread reads a paragraph of /proc/cpuinfo; nil where it is not one of a thread.
func parseThread(paragraph string) *processorPackage {
	p := &processorPackage{cores: map[string]bool{}}
	for line := range strings.Lines(paragraph) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "processor":
			p.threads = 1
		case "physical id":
			p.id = value
		case "core id":
			p.cores[value] = true
		case "model name":
			p.model = value
		case "vendor_id":
			p.vendor = value
		case "cpu MHz":
			p.megahertz, _ = strconv.ParseFloat(value, 64)
		case "flags": // lm, long mode, of x86
			p.is64Bit = slices.Contains(strings.Fields(value), "lm")
		}
	}
	if p.threads == 0 {
		return nil
	}
	return p
}
