package kernel

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AppArmorProfiles,
	BootConfig,
	DeviceguardStatus,
	Drivers,
	KernelExtensions,
	KernelHardening,
	KernelKeys,
	KernelModules,
	KernelPanics,
	KVASpeculativeInfo,
	ManagedPolicies,
	NVRAM,
	Preferences,
	Registry,
	Sandboxes,
	SELinuxSettings,
	SIPConfig,
	SystemControls,
	SystemExtensions,
	Winbaseobj,
}
