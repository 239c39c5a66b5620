package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// bitlockerVolume is the encryption of one volume.
type bitlockerVolume struct {
	DeviceID            string              `col:"device_id" doc:"Identifier of the volume."`
	DriveLetter         string              `col:"drive_letter" doc:"Drive letter with its colon."`
	PersistentVolumeID  string              `col:"persistent_volume_id" doc:"Identifier that BitLocker gave the volume."`
	ConversionStatus    int32               `col:"conversion_status" doc:"0 decrypted, 1 encrypted, 2 being encrypted, 3 being decrypted, 4 and 5 paused."`
	ProtectionStatus    int32               `col:"protection_status" doc:"0 off, 1 on, 2 unknown, as while it is locked."`
	EncryptionMethod    string              `col:"encryption_method" doc:"Cipher: None, AES_128, AES_256, XTS_AES_128, XTS_AES_256, and older ones."`
	ProtectorTypes      tables.Null[string] `col:"protector_types" doc:"Kinds of key protectors, joined by commas."`
	Version             tables.Null[int64]  `col:"version" type:"INTEGER" doc:"Version of BitLocker's metadata."`
	PercentageEncrypted tables.Null[int64]  `col:"percentage_encrypted" type:"INTEGER" doc:"Percent of the volume that is encrypted."`
	LockStatus          tables.Null[int64]  `col:"lock_status" type:"INTEGER" doc:"1 where the volume is locked."`
}

// BitlockerInfo has a row for each volume that BitLocker knows.
// Source: Win32_EncryptableVolume of WMI.
var BitlockerInfo = tables.Define[bitlockerVolume](tables.Spec{
	Name: "bitlocker_info", Doc: "BitLocker encryption of the volumes.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT drive_letter, protection_status, encryption_method FROM bitlocker_info WHERE protection_status = 0"},
}, generateBitlockerInfo)

const encryptionNamespace = "root/cimv2/Security/MicrosoftVolumeEncryption"

func generateBitlockerInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*bitlockerVolume) error) error {
	volumes, err := wmi.Objects(ctx, host, encryptionNamespace, "Win32_EncryptableVolume",
		"DeviceID", "DriveLetter", "PersistentVolumeID", "ConversionStatus", "ProtectionStatus", "EncryptionMethod")
	if err != nil {
		return err
	}
	for _, v := range volumes {
		row := bitlockerVolume{
			DeviceID: v.Text("DeviceID"), DriveLetter: v.Text("DriveLetter"), PersistentVolumeID: v.Text("PersistentVolumeID"),
			ConversionStatus: int32(v.Number("ConversionStatus")), ProtectionStatus: int32(v.Number("ProtectionStatus")),
			EncryptionMethod: encryptionMethod(v),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// encryptionMethod names the ciphers of Win32_EncryptableVolume.
func encryptionMethod(v wmi.Object) string {
	names := [...]string{
		"None", "AES_128_WITH_DIFFUSER", "AES_256_WITH_DIFFUSER", "AES_128", "AES_256", "HARDWARE_ENCRYPTION", "XTS_AES_128", "XTS_AES_256",
	}
	n, ok := v.Int("EncryptionMethod")
	if !ok || n < 0 || n >= int64(len(names)) {
		return "UNKNOWN"
	}
	return names[n]
}
