package kernel

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AppArmorProfiles,
	KernelKeys,
	KernelModules,
	SELinuxSettings,
	SystemControls,
}
