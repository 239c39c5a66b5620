package kernel

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AppArmorProfiles,
	KernelExtensions,
	KernelKeys,
	KernelModules,
	KernelPanics,
	ManagedPolicies,
	NVRAM,
	Preferences,
	Sandboxes,
	SELinuxSettings,
	SIPConfig,
	SystemControls,
	SystemExtensions,
}
