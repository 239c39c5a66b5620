package system

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

func generateSystemInfo(_ context.Context, host tables.Host, q *tables.Query, emit func(*systemInfo) error) error {
	row := systemInfo{CPUType: architecture(host), CPUSubtype: tables.Some("0")}
	row.ComputerName = hostname(host)
	if name := row.ComputerName; name.Valid {
		hosts, err := host.ReadFile("/etc/hosts")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		row.Hostname = tables.Some(fullHostname(name.V, string(hosts)))
	}
	row.LocalHostname = row.Hostname
	row.UUID = machineUUID(host)
	if q.WantsAny("cpu_subtype", "cpu_brand", "cpu_physical_cores", "cpu_logical_cores", "cpu_sockets", "cpu_microcode") {
		if text, err := host.ReadFile("/proc/cpuinfo"); err == nil {
			parseCPUInfo(string(text), &row)
		}
	}
	if text, err := host.ReadFile("/proc/meminfo"); err == nil {
		if memory, err := parseMemoryInfo(text); err == nil {
			row.PhysicalMemory = memory.Total
		}
	}
	readFirmwareNames(host, &row)
	return emit(&row)
}

// hostname gives the name of a running system, else the one that it would start with.
func hostname(host tables.Host) tables.Null[string] {
	for _, path := range []string{"/proc/sys/kernel/hostname", "/etc/hostname"} {
		if text, err := host.ReadFile(path); err == nil {
			if name := strings.TrimSpace(string(text)); name != "" {
				return tables.Some(name)
			}
		}
	}
	return tables.Null[string]{}
}

func machineUUID(host tables.Host) tables.Null[string] {
	for _, source := range []struct {
		path string
		id   func(string) (string, bool)
	}{{"/sys/class/dmi/id/product_uuid", hardwareUUID}, {"/etc/machine-id", installationUUID}} {
		text, err := host.ReadFile(source.path)
		if err != nil {
			continue
		}
		if uuid, ok := source.id(string(text)); ok {
			return tables.Some(uuid)
		}
	}
	return tables.Null[string]{}
}

// readFirmwareNames fills in what the firmware's tables (SMBIOS) tell of machine and board.
func readFirmwareNames(host tables.Host, s *systemInfo) {
	for file, value := range map[string]*tables.Null[string]{
		"sys_vendor": &s.HardwareVendor, "product_name": &s.HardwareModel,
		"product_version": &s.HardwareVersion, "product_serial": &s.HardwareSerial,
		"board_vendor": &s.BoardVendor, "board_name": &s.BoardModel,
		"board_version": &s.BoardVersion, "board_serial": &s.BoardSerial,
	} {
		*value = firmwareText(host, file)
	}
	if strings.EqualFold(s.HardwareVendor.V, "lenovo") { // which has the product's name as its version
		s.HardwareModel, s.HardwareVersion = s.HardwareVersion, s.HardwareModel
	}
}

// firmwareText gives a text of the firmware's tables: empty on machines without, NULL where it needs root.
func firmwareText(host tables.Host, file string) tables.Null[string] {
	text, err := host.ReadFile("/sys/class/dmi/id/" + file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tables.Null[string]{}
	}
	return tables.Some(strings.TrimSpace(string(text)))
}
