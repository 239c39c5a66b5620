package system

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// kernelInfo is the running kernel.
type kernelInfo struct {
	Version   tables.Null[string] `col:"version" collate:"VERSION" doc:"Release of the kernel."`
	Arguments tables.Null[string] `col:"arguments" doc:"Arguments that it was started with, without its file and root device."`
	Path      tables.Null[string] `col:"path" doc:"File that it was loaded from, as the boot loader names it."`
	Device    tables.Null[string] `col:"device" doc:"Device of the root file system, as the boot loader names it."`
}

// KernelInfo has one row.
// Source: /proc/version and /proc/cmdline on Linux, proc(5); ntoskrnl.exe and the key Control on Windows.
var KernelInfo = tables.DefineByPlatform(tables.Spec{
	Name: "kernel_info", Doc: "The running kernel and how it was started.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT version, arguments FROM kernel_info", "SELECT * FROM kernel_info WHERE arguments LIKE '%mitigations=off%'"},
}, tables.Generators[kernelInfo]{Linux: generateKernelInfo, Darwin: generateDarwinKernelInfo, Windows: generateWindowsKernelInfo})

// parseKernelVersion gives the release in Linux version 6.1.0-18-amd64 (builder@…) ….
func parseKernelVersion(text string) tables.Null[string] {
	words := strings.Fields(text)
	if len(words) < 3 || words[1] != "version" {
		return tables.Null[string]{}
	}
	return tables.Some(words[2])
}

// parseKernelArguments fills in what the boot loader handed to the kernel.
func parseKernelArguments(text string, k *kernelInfo) {
	var others []string
	for _, argument := range strings.Fields(text) {
		if path, found := strings.CutPrefix(argument, "BOOT_IMAGE="); found {
			k.Path = tables.Some(path)
		} else if device, found := strings.CutPrefix(argument, "root="); found {
			k.Device = tables.Some(device)
		} else {
			others = append(others, argument)
		}
	}
	k.Arguments = tables.Some(strings.Join(others, " "))
}
