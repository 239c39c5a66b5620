package system

import (
	"context"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// backupOfTimeMachine is one backup.
type backupOfTimeMachine struct {
	DestinationID string `col:"destination_id" doc:"Identifier of the destination."`
	BackupDate    int64  `col:"backup_date" type:"INTEGER" doc:"When, in Unix seconds."`
}

// TimeMachineBackups has a row for each backup that the machine remembers.
// Source: /Library/Preferences/com.apple.TimeMachine.plist.
var TimeMachineBackups = tables.Define[backupOfTimeMachine](tables.Spec{
	Name: "time_machine_backups", Doc: "Backups that Time Machine made.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT d.alias, datetime(max(b.backup_date), 'unixepoch') AS latest FROM time_machine_backups b JOIN time_machine_destinations d USING (destination_id) GROUP BY d.alias"},
}, generateTimeMachineBackups)

func generateTimeMachineBackups(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*backupOfTimeMachine) error) error {
	list, ok := plist.Read(ctx, host, timeMachinePreferences)
	if !ok {
		return ctx.Err()
	}
	for _, d := range list.Dicts("Destinations") {
		for _, date := range d.List("SnapshotDates") {
			at, isTime := date.(time.Time)
			if !isTime {
				continue
			}
			if err := emit(&backupOfTimeMachine{DestinationID: d.Text("DestinationID"), BackupDate: at.Unix()}); err != nil {
				return err
			}
		}
	}
	return nil
}
