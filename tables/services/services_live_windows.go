package services

import (
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

var serviceStatusNames = map[uint32]string{
	windows.SERVICE_STOPPED: "STOPPED", windows.SERVICE_START_PENDING: "START_PENDING", windows.SERVICE_STOP_PENDING: "STOP_PENDING",
	windows.SERVICE_RUNNING: "RUNNING", windows.SERVICE_CONTINUE_PENDING: "CONTINUE_PENDING",
	windows.SERVICE_PAUSE_PENDING: "PAUSE_PENDING", windows.SERVICE_PAUSED: "PAUSED",
}

// serviceStates asks the service manager for the state of all services and drivers, by name in lower case.
func serviceStates() (map[string]serviceState, error) {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT|windows.SC_MANAGER_ENUMERATE_SERVICE)
	if err != nil {
		return nil, fmt.Errorf("open the service manager: %w", err)
	}
	defer windows.CloseServiceHandle(manager)
	states := map[string]serviceState{}
	const all = windows.SERVICE_WIN32 | windows.SERVICE_DRIVER
	buffer := make([]byte, 64<<10)
	var resume uint32
	for {
		var needed, count uint32
		err := windows.EnumServicesStatusEx(manager, windows.SC_ENUM_PROCESS_INFO, all, windows.SERVICE_STATE_ALL,
			&buffer[0], uint32(len(buffer)), &needed, &count, &resume, nil)
		if err != nil && err != windows.ERROR_MORE_DATA {
			return nil, fmt.Errorf("list services: %w", err)
		}
		for _, s := range unsafe.Slice((*windows.ENUM_SERVICE_STATUS_PROCESS)(unsafe.Pointer(&buffer[0])), count) {
			status := s.ServiceStatusProcess
			states[strings.ToLower(windows.UTF16PtrToString(s.ServiceName))] = serviceState{
				status: serviceStatusNames[status.CurrentState], pid: status.ProcessId,
				win32Code: status.Win32ExitCode, ownCode: status.ServiceSpecificExitCode, displayName: windows.UTF16PtrToString(s.DisplayName),
			}
		}
		if err == nil {
			return states, nil
		}
		if count == 0 { // not even one service fits
			if len(buffer) >= 1<<20 {
				return nil, fmt.Errorf("list services: %w", err)
			}
			buffer = make([]byte, 2*len(buffer))
		}
	}
}
