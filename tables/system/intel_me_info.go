package system

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// intelME is the firmware of the management engine.
type intelME struct {
	Version string `col:"version" collate:"VERSION" doc:"Version of the management engine's firmware."`
}

// IntelMEInfo has one row where the machine has a management engine that the kernel speaks to.
// Source: /sys/class/mei/mei0/fw_ver on Linux, whose first line is the firmware that runs.
var IntelMEInfo = tables.DefineByPlatform(tables.Spec{
	Name: "intel_me_info", Doc: "Firmware of Intel's management engine.",
	Category: tables.System, Platforms: tables.Linux | tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT version FROM intel_me_info"},
}, tables.Generators[intelME]{Linux: generateIntelME})

const intelMEFile = "/sys/class/mei/mei0/fw_ver"

func generateIntelME(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*intelME) error) error {
	data, err := hostfile.Source(ctx, host, intelMEFile)
	if err != nil {
		return err
	}
	version, ok := parseIntelME(string(data))
	if !ok {
		return nil
	}
	return emit(&intelME{Version: version})
}

// parseIntelME reads the first of the lines platform:major.minor.milestone.build.
func parseIntelME(text string) (string, bool) {
	line, _, _ := strings.Cut(text, "\n")
	_, version, ok := strings.Cut(strings.TrimSpace(line), ":")
	if !ok || version == "" || strings.Trim(version, "0123456789.") != "" {
		return "", false
	}
	return version, true
}
