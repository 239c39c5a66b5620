package software

import "github.com/tenantra/tenantra/tables"

// patch is one installed update.
type patch struct {
	CSName      string `col:"csname" doc:"Name of the machine."`
	HotfixID    string `col:"hotfix_id" doc:"Identifier of the update: KB and a number."`
	Caption     string `col:"caption" doc:"Address of its page of support."`
	Description string `col:"description" doc:"Kind of update: Security Update, Update, Hotfix."`
	FixComments string `col:"fix_comments" doc:"Remarks."`
	InstalledBy string `col:"installed_by" class:"personal" doc:"Who installed it."`
	InstallDate string `col:"install_date" doc:"When it was installed, where Windows tells so in this form."`
	InstalledOn string `col:"installed_on" doc:"Day on which it was installed."`
}

// Patches has a row for each update.
// Source: Win32_QuickFixEngineering of WMI; in an image the packages of component based servicing in the registry.
var Patches = tables.DefineByPlatform(tables.Spec{
	Name: "patches", Doc: "Updates of Windows that are installed.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate,
	Examples: []string{"SELECT hotfix_id, installed_on FROM patches WHERE hotfix_id = 'KB5034441'"},
}, tables.Generators[patch]{})
