package threat

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

const (
	carbonBlackKey    = `HKEY_LOCAL_MACHINE\SOFTWARE\CarbonBlack\config`
	carbonBlackEvents = `C:\Windows\CarbonBlack\EventLogs`
	carbonBlackStore  = `C:\Windows\CarbonBlack\Store`
)

// generateWindowsCarbonBlackInfo reads the settings of the sensor for Windows, which has them in the registry.
func generateWindowsCarbonBlackInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*carbonBlackInfo) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	key := r.Key(carbonBlackKey)
	if key == nil {
		return nil
	}
	number := func(name string) tables.Null[int64] {
		n, ok := key.Int(name)
		return tables.Null[int64]{V: n, Valid: ok}
	}
	text := func(name string) tables.Null[string] {
		v, ok := key.Value(name)
		return tables.Null[string]{V: v.Text(), Valid: ok}
	}
	row := carbonBlackInfo{
		SensorID: number("SensorId"), ConfigName: text("ConfigName"), StoreFiles: number("CollectStoreFiles"), ModuleLoads: number("CollectModuleLoads"),
		ModuleInfo: number("CollectModuleInfo"), FileMods: number("CollectFileMods"), RegMods: number("CollectRegMods"), NetConns: number("CollectNetConns"),
		Processes: number("CollectProcesses"), CrossProcesses: number("CollectCrossProcess"), EMETEvents: number("CollectEmetEvents"),
		DataFileWrites: number("CollectDataFileWrites"), UserContext: number("CollectProcessUserContext"), SensorOperations: number("CollectSensorOperations"),
		DiskQuotaMB: number("LogFileDiskQuotaMb"), DiskQuotaPercent: number("LogFileDiskQuotaPercentage"), Unprotected: number("ProtectionDisabled"),
		IPAddress: text("SensorIpAddr"), BackendServer: text("SensorBackendServer"),
		EventQueue: queueBytes(ctx, host, carbonBlackEvents), BinaryQueue: queueBytes(ctx, host, carbonBlackStore),
	}
	return emit(&row)
}

// queueBytes sums the files of a directory.
func queueBytes(ctx context.Context, host tables.Host, directory string) int32 {
	var sum int64
	for _, entry := range hostfile.List(ctx, host, directory) {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			sum += info.Size()
		}
	}
	return int32(min(sum, 1<<31-1))
}
