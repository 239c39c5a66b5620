package kernel

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const modulesFile = "/proc/modules"

// kernelModule is one loaded module.
type kernelModule struct {
	Name    string `col:"name" doc:"Name of the module."`
	Size    int64  `col:"size" doc:"Memory that it takes, in bytes."`
	UsedBy  string `col:"used_by" doc:"Modules that depend on it, joined by commas; a dash where none does."`
	Status  string `col:"status" doc:"Live, Loading or Unloading."`
	Address string `col:"address" doc:"Where it is loaded; zeroes for readers without privilege."`
}

// KernelModules has a row for each loaded module, latest first. A kernel without modules has none.
// Source: proc_modules(5).
var KernelModules = tables.Define[kernelModule](tables.Spec{
	Name: "kernel_modules", Doc: "Modules loaded into the running kernel.",
	Category: tables.Kernel, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT name, used_by FROM kernel_modules WHERE name IN ('usb_storage', 'cramfs', 'dccp', 'sctp')"},
}, generateKernelModules)

func generateKernelModules(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*kernelModule) error) error {
	data, err := hostfile.Source(ctx, host, modulesFile)
	if err != nil {
		return err
	}
	for _, row := range parseModules(data) {
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// parseModules reads name, size, use count, users, state, address; taint marks may follow. Cut-off lines are left out.
func parseModules(data []byte) []kernelModule {
	var modules []kernelModule
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) < 6 {
			continue
		}
		size, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil {
			continue
		}
		modules = append(modules, kernelModule{Name: f[0], Size: size, UsedBy: strings.TrimSuffix(f[3], ","), Status: f[4], Address: f[5]})
	}
	return modules
}
