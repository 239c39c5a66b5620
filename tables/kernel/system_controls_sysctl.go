package kernel

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/sysctl"
)

// generateDarwinSystemControls asks the running kernel, and reads what /etc/sysctl.conf sets at boot. sysctl(8) does not
// print the numbers of parameters.
func generateDarwinSystemControls(ctx context.Context, host tables.Host, q *tables.Query, emit func(*systemControl) error) error {
	var values map[string]string
	if names := q.Equal("name"); names != nil {
		var asked []string
		for _, name := range names {
			if name != "" && name[0] != '-' && !strings.Contains(name, "=") { // else it is an option, or sets a value
				asked = append(asked, name)
			}
		}
		if len(asked) == 0 {
			return nil
		}
		values = sysctl.Values(ctx, host, asked...)
	} else {
		values = sysctl.All(ctx, host)
	}
	data, err := hostfile.Source(ctx, host, "/etc/sysctl.conf")
	if err != nil {
		return err
	}
	config := map[string]string{}
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		if name, value, found := strings.Cut(line, "="); found {
			config[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	subsystems := q.Equal("subsystem")
	for _, name := range slices.Sorted(maps.Keys(values)) {
		subsystem, _, _ := strings.Cut(name, ".")
		if subsystems != nil && !slices.Contains(subsystems, subsystem) {
			continue
		}
		row := systemControl{Name: name, Subsystem: subsystem, CurrentValue: values[name], ConfigValue: config[name], Type: "string"}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}
