package system

import "github.com/tenantra/tenantra/tables"

// bitlockerVolume is the encryption of one volume.
type bitlockerVolume struct {
	DeviceID            string `col:"device_id" doc:"Identifier of the volume."`
	DriveLetter         string `col:"drive_letter" doc:"Drive letter with its colon."`
	PersistentVolumeID  string `col:"persistent_volume_id" doc:"Identifier that BitLocker gave the volume."`
	ConversionStatus    int32  `col:"conversion_status" doc:"0 decrypted, 1 encrypted, 2 being encrypted, 3 being decrypted, 4 and 5 paused."`
	ProtectionStatus    int32  `col:"protection_status" doc:"0 off, 1 on, 2 unknown, as while it is locked."`
	EncryptionMethod    string `col:"encryption_method" doc:"Cipher: None, AES_128, AES_256, XTS_AES_128, XTS_AES_256, and older ones."`
	ProtectorTypes      string `col:"protector_types" doc:"Kinds of key protectors, joined by commas."`
	Version             int32  `col:"version" doc:"Version of BitLocker's metadata."`
	PercentageEncrypted int32  `col:"percentage_encrypted" doc:"Percent of the volume that is encrypted."`
	LockStatus          int32  `col:"lock_status" doc:"1 where the volume is locked."`
}

// BitlockerInfo has a row for each volume that BitLocker knows.
// Source: Win32_EncryptableVolume of WMI.
var BitlockerInfo = tables.DefineByPlatform(tables.Spec{
	Name: "bitlocker_info", Doc: "BitLocker encryption of the volumes.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT drive_letter, protection_status, encryption_method FROM bitlocker_info WHERE protection_status = 0"},
}, tables.Generators[bitlockerVolume]{})
