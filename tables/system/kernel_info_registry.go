package system

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/pefile"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

const (
	windowsKernel = `C:\Windows\System32\ntoskrnl.exe`
	controlKey    = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control`
)

func generateWindowsKernelInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*kernelInfo) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	control := r.Key(controlKey)
	if control == nil {
		return nil
	}
	row := kernelInfo{Arguments: tables.Some(strings.TrimSpace(control.Text("SystemStartOptions")))}
	if device := control.Text("SystemBootDevice"); device != "" {
		row.Device = tables.Some(device)
	}
	f, err := host.Open(windowsKernel)
	if err != nil {
		hostfile.Skipped(ctx, host, windowsKernel, err)
		return emit(&row)
	}
	defer f.Close()
	row.Path = tables.Some(windowsKernel)
	program, err := pefile.Open(f)
	if err != nil {
		hostfile.Skipped(ctx, host, windowsKernel, err)
		return emit(&row)
	}
	if version, ok := program.Version(); ok {
		row.Version = tables.Some(version.File)
	}
	return emit(&row)
}
