package services

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	Autoexec,
	Autoruns,
	Crontab,
	Launchd,
	LaunchdOverrides,
	ScheduledJobs,
	ScheduledTasks,
	Services,
	StartupItems,
	SystemServices,
	SystemdUnits,
	WMICLIEventConsumers,
	WMIEventFilters,
	WMIFilterConsumerBinding,
	WMIScriptEventConsumers,
}
