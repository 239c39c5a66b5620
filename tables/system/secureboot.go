package system

import "github.com/tenantra/tenantra/tables"

// secureBoot is what the firmware says of its checks at the start.
type secureBoot struct {
	SecureBoot       tables.Null[int64]  `col:"secure_boot" type:"INTEGER" doc:"1 where the firmware starts signed programs only."`
	SecureMode       tables.Null[int64]  `col:"secure_mode" type:"INTEGER" os:"darwin" doc:"Level of security: 0 off, 1 full, 2 medium."`
	Description      tables.Null[string] `col:"description" os:"darwin" doc:"Level of security in words."`
	KernelExtensions tables.Null[int64]  `col:"kernel_extensions" type:"INTEGER" os:"darwin" doc:"1 where users may allow kernel extensions."`
	MDMOperations    tables.Null[int64]  `col:"mdm_operations" type:"INTEGER" os:"darwin" doc:"1 where a management server may allow kernel extensions."`
	SetupMode        tables.Null[int64]  `col:"setup_mode" type:"INTEGER" os:"linux,windows" doc:"1 where the firmware takes new keys without a check."`
}

// SecureBoot has one row; none where the system was not started by UEFI.
// Source: the variables SecureBoot and SetupMode of UEFI, in /sys/firmware/efi/efivars on Linux; on Windows the key SecureBoot of the
// registry, into which it copies the first of them.
var SecureBoot = tables.DefineByPlatform(tables.Spec{
	Name: "secureboot", Doc: "Whether the firmware starts signed programs only.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT secure_boot FROM secureboot WHERE secure_boot = 1"},
}, tables.Generators[secureBoot]{Linux: generateSecureBoot, Darwin: generateDarwinSecureBoot, Windows: generateWindowsSecureBoot})

// parseEFIFlag reads a variable of one byte as the kernel shows it, behind four bytes of attributes.
func parseEFIFlag(data []byte) tables.Null[int64] {
	if len(data) != 5 || data[4] > 1 {
		return tables.Null[int64]{}
	}
	return tables.Some(int64(data[4]))
}
