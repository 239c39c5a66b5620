package system

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// systemInfo identifies the machine.
type systemInfo struct {
	Hostname        tables.Null[string] `col:"hostname" doc:"Host name with its domain, where a hosts file gives one."`
	UUID            tables.Null[string] `col:"uuid" collate:"NOCASE" doc:"Identifier of the hardware, else one derived from that of the installation."`
	CPUType         tables.Null[string] `col:"cpu_type" doc:"Architecture of the processor."`
	CPUSubtype      tables.Null[string] `col:"cpu_subtype" doc:"Model number of the processor."`
	CPUBrand        tables.Null[string] `col:"cpu_brand" doc:"Vendor and model of the processor."`
	PhysicalCores   tables.Null[int64]  `col:"cpu_physical_cores" type:"INTEGER" doc:"Number of cores."`
	LogicalCores    tables.Null[int64]  `col:"cpu_logical_cores" type:"INTEGER" doc:"Number of hardware threads in use."`
	Sockets         tables.Null[int64]  `col:"cpu_sockets" type:"INTEGER" doc:"Number of processor packages."`
	Microcode       tables.Null[string] `col:"cpu_microcode" doc:"Version of the processor's microcode."`
	PhysicalMemory  tables.Null[int64]  `col:"physical_memory" doc:"Bytes of memory."`
	HardwareVendor  tables.Null[string] `col:"hardware_vendor" doc:"Maker of the machine."`
	HardwareModel   tables.Null[string] `col:"hardware_model" doc:"Model of the machine."`
	HardwareVersion tables.Null[string] `col:"hardware_version" doc:"Version of the model."`
	HardwareSerial  tables.Null[string] `col:"hardware_serial" doc:"Serial number of the machine; needs root."`
	BoardVendor     tables.Null[string] `col:"board_vendor" doc:"Maker of the main board."`
	BoardModel      tables.Null[string] `col:"board_model" doc:"Model of the main board."`
	BoardVersion    tables.Null[string] `col:"board_version" doc:"Version of the main board."`
	BoardSerial     tables.Null[string] `col:"board_serial" doc:"Serial number of the main board; needs root."`
	ComputerName    tables.Null[string] `col:"computer_name" doc:"Name that people gave the machine; on Linux the host name."`
	LocalHostname   tables.Null[string] `col:"local_hostname" doc:"Host name in the local network; on Linux as hostname."`
	EmulatedCPUType tables.Null[string] `col:"emulated_cpu_type" os:"windows" doc:"Architecture that is emulated."`
}

// SystemInfo has one row.
// Source: /proc/cpuinfo, /proc/meminfo, /sys/class/dmi/id, /etc/machine-id and /etc/hosts on Linux.
var SystemInfo = tables.DefineByPlatform(tables.Spec{
	Name: "system_info", Doc: "Names, processor, memory and make of the machine.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT hostname, cpu_brand, cpu_logical_cores, physical_memory FROM system_info",
		"SELECT hardware_vendor, hardware_model, hardware_serial FROM system_info",
	},
}, tables.Generators[systemInfo]{Darwin: generateDarwinSystemInfo}.OnBuild(generateSystemInfo))

// parseCPUInfo fills in what /proc/cpuinfo tells of the processors.
func parseCPUInfo(text string, s *systemInfo) {
	var logical int64
	packages, cores := map[string]bool{}, map[string]bool{}
	pack := ""
	for line := range strings.Lines(text) {
		key, value, found := strings.Cut(line, ":")
		if !found {
			continue
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch key {
		case "processor":
			logical++
			pack = ""
		case "model name":
			s.CPUBrand = tables.Some(value)
		case "model":
			s.CPUSubtype = tables.Some(value)
		case "microcode":
			s.Microcode = tables.Some(value)
		case "physical id":
			pack = value
			packages[pack] = true
		case "core id":
			cores[pack+"/"+value] = true
		}
	}
	if logical == 0 {
		return
	}
	s.LogicalCores, s.PhysicalCores = tables.Some(logical), tables.Some(logical)
	if len(cores) > 0 {
		s.PhysicalCores = tables.Some(int64(len(cores)))
	}
	if len(packages) > 0 {
		s.Sockets = tables.Some(int64(len(packages)))
	}
}

// fullHostname gives the name that a hosts file lists first for a host name: the one with its domain. DNS is not asked: a
// scan of a table opens no connection.
func fullHostname(name, hosts string) string {
	for line := range strings.Lines(hosts) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		for i := 1; i < len(fields); i++ {
			if strings.EqualFold(fields[i], name) {
				return fields[1]
			}
		}
	}
	return name
}

// placeholderUUIDs are what makers leave in machines whose identifier they did not set.
var placeholderUUIDs = map[string]bool{
	"00000000-0000-0000-0000-000000000000": true, "ffffffff-ffff-ffff-ffff-ffffffffffff": true,
	"03000200-0400-0500-0006-000700080009": true, "03020100-0504-0706-0809-0a0b0c0d0e0f": true,
	"10000000-0000-8000-0040-000000000000": true, "00020003-0004-0005-0006-000700080009": true,
}

// hardwareUUID gives the identifier in the firmware's tables, unless it is a placeholder.
func hardwareUUID(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	return text, len(text) == 36 && !placeholderUUIDs[text]
}

// installationUUID derives an identifier from machine-id(5), which is itself not to be shown to others.
func installationUUID(machineID string) (string, bool) {
	id, err := hex.DecodeString(strings.TrimSpace(machineID))
	if err != nil || len(id) != 16 {
		return "", false
	}
	mac := hmac.New(sha256.New, id)
	mac.Write([]byte("tenantra system_info.uuid"))
	sum := mac.Sum(nil)[:16]
	sum[6], sum[8] = sum[6]&0x0F|0x40, sum[8]&0x3F|0x80 // version 4, as machine-id(5) says
	text := hex.EncodeToString(sum)
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:], true
}
