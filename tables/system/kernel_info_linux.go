package system

import (
	"context"
	"errors"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
)

func generateKernelInfo(_ context.Context, host tables.Host, _ *tables.Query, emit func(*kernelInfo) error) error {
	version, err := host.ReadFile("/proc/version")
	if err != nil {
		return absent(err)
	}
	row := kernelInfo{Version: parseKernelVersion(string(version))}
	arguments, err := host.ReadFile("/proc/cmdline")
	switch {
	case err == nil:
		parseKernelArguments(string(arguments), &row)
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission):
		return err
	}
	return emit(&row)
}
