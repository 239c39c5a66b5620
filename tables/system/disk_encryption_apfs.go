package system

import (
	"context"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// generateDarwinDiskEncryption has a row for each volume of APFS. Who may unlock it is told by a framework only.
func generateDarwinDiskEncryption(ctx context.Context, host tables.Host, q *tables.Query, emit func(*diskEncryption) error) error {
	printed, _ := plist.Command(ctx, host, "/usr/sbin/diskutil", "apfs", "list", "-plist")
	list, _ := printed.(plist.Dict)
	wanted := q.Equal("name")
	for _, container := range list.Dicts("Containers") {
		for _, volume := range container.Dicts("Volumes") {
			row := diskEncryption{
				Name: "/dev/" + volume.Text("DeviceIdentifier"), UUID: someText(volume.Text("APFSVolumeUUID")), Status: "not encrypted", FilevaultStatus: tables.Some("off"),
			}
			if wanted != nil && !slices.Contains(wanted, row.Name) {
				continue
			}
			if volume.Bool("Encryption") || volume.Bool("FileVault") {
				row.Encrypted, row.Type, row.Status = 1, "APFS Encryption", "encrypted"
			}
			if volume.Bool("FileVault") {
				row.FilevaultStatus = tables.Some("on")
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}
