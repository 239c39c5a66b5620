package system

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// diskEncryption tells whether what is stored on a block device is encrypted.
type diskEncryption struct {
	Name            string              `col:"name" opt:"index" doc:"Path of the device; on Windows the drive letter, or the identifier of a volume without one."`
	UUID            tables.Null[string] `col:"uuid" collate:"NOCASE" doc:"Identifier of the file system or container on it."`
	Encrypted       int32               `col:"encrypted" doc:"1 where all that is on the device reaches the disk encrypted."`
	Type            string              `col:"type" doc:"Format of the encryption: LUKS, LUKS1, LUKS2, PLAIN, BITLK and the like."`
	Status          string              `col:"encryption_status" doc:"encrypted or not encrypted."`
	UID             tables.Null[string] `col:"uid" os:"darwin" doc:"User whose password unlocks the disk."`
	UserUUID        tables.Null[string] `col:"user_uuid" collate:"NOCASE" os:"darwin" doc:"Identifier of that user."`
	FilevaultStatus tables.Null[string] `col:"filevault_status" os:"darwin" doc:"on, off or unknown."`
}

// DiskEncryption has one row for each block device. A mapped device is encrypted where it or all that it is made of is,
// so a logical volume on an encrypted disk counts; so does the partition that holds the container, where udev knows.
// The cipher is left out, since the kernel tells it only together with the key.
// Source: /sys/class/block and /run/udev/data on Linux; table bitlocker_info on Windows, where a volume that is only partly encrypted or
// whose protection is off does not count.
var DiskEncryption = tables.DefineByPlatform(tables.Spec{
	Name: "disk_encryption", Doc: "Whether disks, their parts and devices made of them are encrypted.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate,
	Examples: []string{
		"SELECT name, type, encryption_status FROM disk_encryption WHERE encrypted = 1",
		"SELECT m.path FROM mounts m JOIN disk_encryption e ON e.name = m.device_alias WHERE m.path = '/' AND e.encrypted = 0",
	},
}, tables.Generators[diskEncryption]{Darwin: generateDarwinDiskEncryption, Windows: generateWindowsDiskEncryption}.OnBuild(generateDiskEncryption))

// generateWindowsDiskEncryption brings what BitLocker tells of volumes to the shape.
func generateWindowsDiskEncryption(ctx context.Context, host tables.Host, q *tables.Query, emit func(*diskEncryption) error) error {
	const encrypted, protected = 1, 1
	wanted := q.Equal("name")
	return generateBitlockerInfo(ctx, host, nil, func(v *bitlockerVolume) error {
		row := diskEncryption{Name: v.DriveLetter, UUID: someText(v.PersistentVolumeID), Status: "not encrypted"}
		if row.Name == "" {
			row.Name = v.DeviceID
		}
		if wanted != nil && !slices.Contains(wanted, row.Name) {
			return nil
		}
		if v.EncryptionMethod != "None" && v.EncryptionMethod != "UNKNOWN" {
			row.Type = "BitLocker " + v.EncryptionMethod
		}
		if v.ConversionStatus == encrypted && v.ProtectionStatus == protected {
			row.Encrypted, row.Status = 1, "encrypted"
		}
		return emit(&row)
	})
}

// mappedEncryption gives the format that a device-mapper uuid names, CRYPT-LUKS2-…; that of checksums is no encryption.
func mappedEncryption(uuid string) string {
	rest, found := strings.CutPrefix(uuid, "CRYPT-")
	if !found {
		return ""
	}
	switch format, _, _ := strings.Cut(rest, "-"); format {
	case "LUKS1", "LUKS2", "PLAIN", "LOOPAES", "TCRYPT", "BITLK", "FVAULT2":
		return format
	}
	return ""
}

// contentEncryption gives the format of what udev found on a device.
func contentEncryption(kind string) string {
	switch kind {
	case "crypto_LUKS":
		return "LUKS"
	case "BitLocker":
		return "BITLK"
	}
	return ""
}
