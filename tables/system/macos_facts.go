package system

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/ioreg"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/sysctl"
)

const (
	darwinNamesFile  = "/Library/Preferences/SystemConfiguration/preferences.plist"
	darwinKernelFile = "/System/Library/Kernels/kernel"
)

// generateDarwinSystemInfo tells the names of the machine from its preferences, the rest from the running kernel.
func generateDarwinSystemInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*systemInfo) error) error {
	row := systemInfo{HardwareVendor: tables.Some("Apple Inc.")}
	if list, ok := plist.Read(ctx, host, darwinNamesFile); ok {
		names := list.Dict("System")
		row.ComputerName = someText(names.Dict("System").Text("ComputerName"))
		row.LocalHostname = someText(names.Dict("Network").Dict("HostNames").Text("LocalHostName"))
		row.Hostname = someText(names.Dict("System").Text("HostName"))
	}
	values := sysctl.Values(ctx, host, "kern.hostname", "hw.machine", "hw.model", "hw.memsize", "hw.physicalcpu", "hw.logicalcpu", "hw.packages",
		"hw.cputype", "hw.cpusubtype", "machdep.cpu.brand_string", "machdep.cpu.microcode_version")
	if name := values["kern.hostname"]; name != "" {
		row.Hostname = tables.Some(name)
	}
	row.CPUType, row.CPUSubtype, row.CPUBrand = someText(values["hw.machine"]), someText(values["hw.cpusubtype"]), someText(values["machdep.cpu.brand_string"])
	row.PhysicalCores, row.LogicalCores, row.Sockets = someNumber(values["hw.physicalcpu"]), someNumber(values["hw.logicalcpu"]), someNumber(values["hw.packages"])
	row.Microcode, row.PhysicalMemory, row.HardwareModel = someText(values["machdep.cpu.microcode_version"]), someNumber(values["hw.memsize"]), someText(values["hw.model"])
	for _, expert := range ioreg.Objects(ctx, host, "IOPlatformExpertDevice") {
		row.UUID, row.HardwareSerial = someText(expert.Text("IOPlatformUUID")), someText(expert.Text("IOPlatformSerialNumber"))
		row.BoardModel = someText(strings.TrimRight(string(expert.Data("board-id")), "\x00"))
	}
	if !row.Hostname.Valid && !row.ComputerName.Valid && !row.UUID.Valid {
		return ctx.Err()
	}
	return emit(&row)
}

func someText(text string) tables.Null[string] {
	return tables.Null[string]{V: text, Valid: text != ""}
}

func someNumber(text string) tables.Null[int64] {
	n, err := strconv.ParseInt(text, 10, 64)
	return tables.Null[int64]{V: n, Valid: err == nil}
}

func generateDarwinKernelInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*kernelInfo) error) error {
	values := sysctl.Values(ctx, host, "kern.osrelease", "kern.bootargs")
	if values["kern.osrelease"] == "" {
		return ctx.Err()
	}
	return emit(&kernelInfo{
		Version: tables.Some(values["kern.osrelease"]), Arguments: tables.Some(values["kern.bootargs"]), Path: tables.Some(darwinKernelFile), Device: tables.Some(""),
	})
}

var darwinBootTime = lazyregexp.New(`\bsec = (\d+)`)

// generateDarwinUptime reads kern.boottime, such as { sec = 1767200000, usec = 0 } Wed Dec 31 16:53:20 2025.
func generateDarwinUptime(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*uptime) error) error {
	text := sysctl.Values(ctx, host, "kern.boottime")["kern.boottime"]
	if text == "" {
		return ctx.Err()
	}
	m := darwinBootTime().FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("kern.boottime is %q", text)
	}
	boot, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return fmt.Errorf("kern.boottime: %w", err)
	}
	total := max(host.Now().Unix()-boot, 0)
	return emit(&uptime{
		Days: int32(total / 86400), Hours: int32(total / 3600 % 24), Minutes: int32(total / 60 % 60), Seconds: int32(total % 60), TotalSeconds: total,
	})
}

// generateDarwinLoadAverage reads vm.loadavg, such as { 1.52 1.61 1.70 }.
func generateDarwinLoadAverage(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*loadAverage) error) error {
	f := strings.Fields(strings.Trim(sysctl.Values(ctx, host, "vm.loadavg")["vm.loadavg"], "{ }"))
	for i, period := range []string{"1m", "5m", "15m"} {
		if i >= len(f) {
			break
		}
		load, err := strconv.ParseFloat(f[i], 64)
		if err != nil {
			return fmt.Errorf("vm.loadavg: %w", err)
		}
		if err := emit(&loadAverage{Period: period, Average: strconv.FormatFloat(load, 'f', 6, 64)}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func generateDarwinCPUInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*cpuInfo) error) error {
	values := sysctl.Values(ctx, host, "machdep.cpu.brand_string", "machdep.cpu.vendor", "hw.physicalcpu", "hw.logicalcpu", "hw.cpufrequency", "hw.cpufrequency_max",
		"hw.perflevel0.physicalcpu", "hw.perflevel1.physicalcpu")
	if values["machdep.cpu.brand_string"] == "" {
		return ctx.Err()
	}
	megahertz := func(name string) tables.Null[int64] {
		n := someNumber(values[name])
		n.V /= 1_000_000
		return n
	}
	row := cpuInfo{
		DeviceID: tables.Some("CPU0"), Model: values["machdep.cpu.brand_string"], Manufacturer: values["machdep.cpu.vendor"], ProcessorType: tables.Some("3"),
		Cores: someText(values["hw.physicalcpu"]), LogicalProcessors: someNumber(values["hw.logicalcpu"]), AddressWidth: tables.Some("64"),
		CurrentClockSpeed: megahertz("hw.cpufrequency"), MaxClockSpeed: megahertz("hw.cpufrequency_max"),
		PerformanceCores: someNumber(values["hw.perflevel0.physicalcpu"]), EfficiencyCores: someNumber(values["hw.perflevel1.physicalcpu"]),
	}
	if row.Manufacturer == "" {
		row.Manufacturer = "Apple"
	}
	return emit(&row)
}
