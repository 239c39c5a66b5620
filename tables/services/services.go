package services

import "github.com/tenantra/tenantra/tables"

// service is one service or driver.
type service struct {
	Name            string `col:"name" collate:"NOCASE" doc:"Name of the service."`
	ServiceType     string `col:"service_type" doc:"Kind: OWN_PROCESS, SHARE_PROCESS, KERNEL_DRIVER, FILE_SYSTEM_DRIVER and others."`
	DisplayName     string `col:"display_name" doc:"Name that people see."`
	Status          string `col:"status" doc:"STOPPED, START_PENDING, STOP_PENDING, RUNNING, CONTINUE_PENDING, PAUSE_PENDING or PAUSED."`
	PID             int32  `col:"pid" doc:"Process that runs it; 0 where it does not run."`
	StartType       string `col:"start_type" doc:"BOOT_START, SYSTEM_START, AUTO_START, DEMAND_START or DISABLED."`
	Win32ExitCode   int32  `col:"win32_exit_code" doc:"Error that it reported when it stopped."`
	ServiceExitCode int32  `col:"service_exit_code" doc:"Its own error code."`
	Path            string `col:"path" doc:"Command line of the service."`
	ModulePath      string `col:"module_path" doc:"Library that holds it, where a shared process runs it."`
	Description     string `col:"description" doc:"What it does."`
	UserAccount     string `col:"user_account" doc:"Account that it runs as."`
}

// Services has a row for each service.
// Source: EnumServicesStatusEx and QueryServiceConfig2; in an image, where none runs, the key Services of the control set.
var Services = tables.DefineByPlatform(tables.Spec{
	Name: "services", Doc: "Services and drivers, and whether they run.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate,
	Examples: []string{"SELECT name, path, user_account FROM services WHERE start_type = 'AUTO_START' AND path NOT LIKE 'C:\\Windows\\%'"},
}, tables.Generators[service]{})
