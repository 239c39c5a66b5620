package services

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	Autoexec,
	Crontab,
	Launchd,
	LaunchdOverrides,
	ScheduledTasks,
	Services,
	StartupItems,
	SystemdUnits,
	WMICLIEventConsumers,
	WMIEventFilters,
	WMIFilterConsumerBinding,
	WMIScriptEventConsumers,
}
