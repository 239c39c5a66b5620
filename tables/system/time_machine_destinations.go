package system

import (
	"context"
	"encoding/binary"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// backupDestination is one place that backups go to.
type backupDestination struct {
	Alias               string `col:"alias" doc:"Name of the volume as its alias holds it."`
	DestinationID       string `col:"destination_id" doc:"Identifier."`
	ConsistencyScanDate int64  `col:"consistency_scan_date" type:"INTEGER" doc:"Last check of consistency, in Unix seconds."`
	RootVolumeUUID      string `col:"root_volume_uuid" collate:"NOCASE" doc:"Identifier of the volume that is backed up."`
	BytesAvailable      int64  `col:"bytes_available" type:"INTEGER" doc:"Bytes that are free."`
	BytesUsed           int64  `col:"bytes_used" type:"INTEGER" doc:"Bytes in use."`
	Encryption          string `col:"encryption" doc:"State of its encryption, as last known."`
}

// TimeMachineDestinations has a row for each destination.
// Source: /Library/Preferences/com.apple.TimeMachine.plist, which needs full access to the disk.
var TimeMachineDestinations = tables.Define[backupDestination](tables.Spec{
	Name: "time_machine_destinations", Doc: "Where Time Machine backs up to.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT alias, encryption, bytes_available FROM time_machine_destinations"},
}, generateTimeMachineDestinations)

const timeMachinePreferences = "/Library/Preferences/com.apple.TimeMachine.plist"

func generateTimeMachineDestinations(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*backupDestination) error) error {
	list, ok := plist.Read(ctx, host, timeMachinePreferences)
	if !ok {
		return ctx.Err()
	}
	for _, d := range list.Dicts("Destinations") {
		row := backupDestination{
			Alias: aliasVolume(d.Data("BackupAlias")), DestinationID: d.Text("DestinationID"), RootVolumeUUID: d.Text("RootVolumeUUID"),
			BytesAvailable: d.IntOr("BytesAvailable", 0), BytesUsed: d.IntOr("BytesUsed", 0), Encryption: d.Text("LastKnownEncryptionState"),
		}
		if row.Alias == "" {
			row.Alias = d.Text("LastKnownVolumeName")
		}
		row.ConsistencyScanDate, _ = d.Time("ConsistencyScanDate")
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// aliasVolume reads the name of the volume from an alias record: its length in bytes 4 and 5, the name from byte 10 with
// its length before it.
func aliasVolume(alias []byte) string {
	if len(alias) < 11 || int(binary.BigEndian.Uint16(alias[4:])) != len(alias) || 11+int(alias[10]) > len(alias) {
		return ""
	}
	return string(alias[11:][:alias[10]])
}
