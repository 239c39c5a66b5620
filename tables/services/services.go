package services

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

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
var Services = tables.Define[service](tables.Spec{
	Name: "services", Doc: "Services and drivers, and whether they run.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT name, path, user_account FROM services WHERE start_type = 'AUTO_START' AND path NOT LIKE 'C:\\Windows\\%'"},
}, generateServices)

const servicesKey = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services`

// serviceState is what the running system says of a service.
type serviceState struct {
	status             string
	pid                uint32
	win32Code, ownCode uint32
	displayName        string // with its text, where the registry only refers to one
}

func generateServices(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*service) error) error {
	states := map[string]serviceState{}
	if host.Live() {
		var err error
		if states, err = serviceStates(); err != nil {
			return err
		}
	}
	r := registry.Open(ctx, host)
	defer r.Close()
	return eachService(ctx, r, func(row *service) error {
		row.Status = "STOPPED"
		if state, ok := states[strings.ToLower(row.Name)]; ok {
			row.Status, row.PID = state.status, int32(state.pid)
			row.Win32ExitCode, row.ServiceExitCode = int32(state.win32Code), int32(state.ownCode)
			if state.displayName != "" {
				row.DisplayName = state.displayName
			}
		}
		return emit(row)
	})
}

// eachService visits the services and drivers of the registry. Keys without a type hold settings of no service.
func eachService(ctx context.Context, r *registry.Registry, visit func(*service) error) error {
	return r.Key(servicesKey).Keys(func(k *registry.Key) error {
		kind, ok := k.Int("Type")
		if !ok {
			return ctx.Err()
		}
		start, _ := k.Int("Start")
		row := service{
			Name: k.Name(), ServiceType: serviceTypeName(kind), DisplayName: k.Text("DisplayName"), StartType: startTypeName(start),
			Path: mask.CommandLine(k.Text("ImagePath")), ModulePath: k.Open("Parameters").Text("ServiceDll"), Description: k.Text("Description"),
			UserAccount: k.Text("ObjectName"),
		}
		if row.ModulePath == "" {
			row.ModulePath = k.Text("ServiceDll")
		}
		if err := visit(&row); err != nil {
			return err
		}
		return ctx.Err()
	})
}

// serviceTypeName names the bits of winnt.h as osquery does.
func serviceTypeName(kind int64) string {
	const interactive, userService, userInstance, packaged = 0x100, 0x40, 0x80, 0x200
	name := map[int64]string{
		0x1: "KERNEL_DRIVER", 0x2: "FILE_SYSTEM_DRIVER", 0x4: "ADAPTER", 0x8: "RECOGNIZER_DRIVER",
		0x10: "OWN_PROCESS", 0x20: "SHARE_PROCESS",
	}[kind&^(interactive|userService|userInstance|packaged)]
	if name == "" {
		return "UNKNOWN"
	}
	if kind&interactive != 0 {
		name += "(Interactive)"
	}
	return name
}

func startTypeName(start int64) string {
	names := [...]string{"BOOT_START", "SYSTEM_START", "AUTO_START", "DEMAND_START", "DISABLED"}
	if start < 0 || start >= int64(len(names)) {
		return "UNKNOWN"
	}
	return names[start]
}
