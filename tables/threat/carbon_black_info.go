package threat

import (
	"context"
	"path"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// carbonBlackInfo is the state of the sensor. What its settings do not tell is NULL.
type carbonBlackInfo struct {
	SensorID         tables.Null[int64]  `col:"sensor_id" type:"INTEGER" doc:"Number of the sensor."`
	ConfigName       tables.Null[string] `col:"config_name" doc:"Group of sensors that it is in."`
	StoreFiles       tables.Null[int64]  `col:"collect_store_files" type:"INTEGER" doc:"1 where it keeps binaries."`
	ModuleLoads      tables.Null[int64]  `col:"collect_module_loads" type:"INTEGER" doc:"1 where it records loaded modules."`
	ModuleInfo       tables.Null[int64]  `col:"collect_module_info" type:"INTEGER" doc:"1 where it records facts on binaries."`
	FileMods         tables.Null[int64]  `col:"collect_file_mods" type:"INTEGER" doc:"1 where it records changed files."`
	RegMods          tables.Null[int64]  `col:"collect_reg_mods" type:"INTEGER" doc:"1 where it records changes of the registry."`
	NetConns         tables.Null[int64]  `col:"collect_net_conns" type:"INTEGER" doc:"1 where it records connections."`
	Processes        tables.Null[int64]  `col:"collect_processes" type:"INTEGER" doc:"1 where it records processes."`
	CrossProcesses   tables.Null[int64]  `col:"collect_cross_processes" type:"INTEGER" doc:"1 where it records what processes do to others."`
	EMETEvents       tables.Null[int64]  `col:"collect_emet_events" type:"INTEGER" doc:"1 where it records events of EMET."`
	DataFileWrites   tables.Null[int64]  `col:"collect_data_file_writes" type:"INTEGER" doc:"1 where it records changed files that are no binaries."`
	UserContext      tables.Null[int64]  `col:"collect_process_user_context" type:"INTEGER" doc:"1 where it records the users of processes."`
	SensorOperations tables.Null[int64]  `col:"collect_sensor_operations" type:"INTEGER" doc:"1 where it records its own operations."`
	DiskQuotaMB      tables.Null[int64]  `col:"log_file_disk_quota_mb" type:"INTEGER" doc:"Mebibytes that its logs may take."`
	DiskQuotaPercent tables.Null[int64]  `col:"log_file_disk_quota_percentage" type:"INTEGER" doc:"Percent of the disk that its logs may take."`
	Unprotected      tables.Null[int64]  `col:"protection_disabled" type:"INTEGER" doc:"1 where it does not report tampering."`
	IPAddress        tables.Null[string] `col:"sensor_ip_addr" doc:"Address of the sensor."`
	BackendServer    tables.Null[string] `col:"sensor_backend_server" doc:"Server that it reports to."`
	EventQueue       int32               `col:"event_queue" doc:"Bytes of events that wait on disk."`
	BinaryQueue      int32               `col:"binary_queue" doc:"Bytes of binaries that wait on disk."`
}

const (
	carbonBlackDir      = "/var/lib/cb"
	carbonBlackID       = carbonBlackDir + "/sensor.id"
	carbonBlackSettings = carbonBlackDir + "/sensorsettings.ini"
)

// CarbonBlackInfo has one row where the sensor is installed.
// Source: /var/lib/cb; on Windows the key CarbonBlack\config of the registry.
var CarbonBlackInfo = tables.DefineByPlatform(tables.Spec{
	Name: "carbon_black_info", Aliases: []string{"cb_info"}, Doc: "State of the Carbon Black sensor.",
	Category: tables.Threat, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT config_name, sensor_backend_server, event_queue FROM carbon_black_info"},
}, tables.Generators[carbonBlackInfo]{Linux: generateCarbonBlackInfo, Darwin: generateCarbonBlackInfo, Windows: generateWindowsCarbonBlackInfo})

func generateCarbonBlackInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*carbonBlackInfo) error) error {
	settings, err := hostfile.Source(ctx, host, carbonBlackSettings)
	if err != nil {
		return err
	}
	id, err := hostfile.Source(ctx, host, carbonBlackID)
	if err != nil || settings == nil && id == nil {
		return err
	}
	row := parseCarbonBlackSettings(settings)
	row.SensorID = parseCarbonBlackID(id)
	row.EventQueue, row.BinaryQueue = carbonBlackQueues(ctx, host)
	return emit(&row)
}

// parseCarbonBlackID reads the last digits of an identifier of 16 hexadecimal ones.
func parseCarbonBlackID(data []byte) tables.Null[int64] {
	const length, digits = 16, 5
	if len(data) != length {
		return tables.Null[int64]{}
	}
	id, err := strconv.ParseInt(string(data[length-digits:]), 16, 64)
	if err != nil {
		return tables.Null[int64]{}
	}
	return tables.Some(id)
}

// parseCarbonBlackSettings reads the section CB of an INI file. Blanks and colons of values are written as in a URL.
func parseCarbonBlackSettings(data []byte) carbonBlackInfo {
	values := map[string]string{}
	section := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = strings.ToUpper(strings.Trim(line, "[]"))
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && section == "CB" {
			values[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	number := func(key string) tables.Null[int64] {
		v, err := strconv.ParseInt(values[key], 10, 32)
		if err != nil {
			return tables.Null[int64]{}
		}
		return tables.Some(v)
	}
	text := func(key string) tables.Null[string] {
		v, ok := values[key]
		if !ok {
			return tables.Null[string]{}
		}
		return tables.Some(strings.NewReplacer("%20", " ", "%3A", ":").Replace(v))
	}
	return carbonBlackInfo{
		ConfigName: text("configname"), BackendServer: text("sensorbackendserver"), StoreFiles: number("collectstorefiles"),
		ModuleLoads: number("collectmoduleloads"), ModuleInfo: number("collectmoduleinfo"), FileMods: number("collectfilemods"),
		RegMods: number("collectregmods"), NetConns: number("collectnetconns"), Processes: number("collectprocesses"),
		CrossProcesses: number("collectcrossprocess"), EMETEvents: number("collectemetevents"),
	}
}

// carbonBlackQueues sums the files that wait for the server, two levels deep as the sensor keeps them.
func carbonBlackQueues(ctx context.Context, host tables.Host) (events, binaries int32) {
	var eventBytes, binaryBytes int64
	var visit func(dir string, depth int)
	visit = func(dir string, depth int) {
		for _, entry := range hostfile.List(ctx, host, dir) {
			name := entry.Name()
			if entry.IsDir() {
				if depth > 0 {
					visit(path.Join(dir, name), depth-1)
				}
				continue
			}
			info, err := entry.Info()
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			switch {
			case name == "filedata" || name == "metadata":
				binaryBytes += info.Size()
			case strings.TrimSuffix(name, path.Ext(name)) == "events":
				eventBytes += info.Size()
			}
		}
	}
	visit(carbonBlackDir, 2)
	const most = 1<<31 - 1
	return int32(min(eventBytes, most)), int32(min(binaryBytes, most))
}
