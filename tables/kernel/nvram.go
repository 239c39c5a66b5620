package kernel

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// nvramVariable is one variable of the firmware.
type nvramVariable struct {
	Name  string `col:"name" opt:"index,additional" doc:"Name of the variable."`
	Type  string `col:"type" doc:"Type of the value: CFString, CFData, CFNumber or CFBoolean."`
	Value string `col:"value" doc:"Value; bytes that are no text are in base64."`
}

// NVRAM has a row for each variable that the firmware keeps.
// Source: nvram(8) on a running system.
var NVRAM = tables.Define[nvramVariable](tables.Spec{
	Name: "nvram", Doc: "Variables of the firmware, which outlive a new installation.",
	Category: tables.Kernel, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT name, value FROM nvram WHERE name IN ('boot-args', 'csr-active-config')"},
}, generateNVRAM)

func generateNVRAM(ctx context.Context, host tables.Host, q *tables.Query, emit func(*nvramVariable) error) error {
	wanted := q.Equal("name")
	variables := readNVRAM(ctx, host)
	for _, name := range variables.Keys() {
		if wanted != nil && !slices.Contains(wanted, name) {
			continue
		}
		row := nvramVariable{Name: name, Value: plist.Text(variables[name])}
		switch v := variables[name].(type) {
		case string:
			row.Type = "CFString"
		case []byte:
			row.Type = "CFData"
			if text := strings.TrimSuffix(string(v), "\x00"); isPrintable(text) {
				row.Value = text
			}
		case bool:
			row.Type = "CFBoolean"
		default:
			row.Type = "CFNumber"
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// readNVRAM gives the variables; none on a system at rest.
func readNVRAM(ctx context.Context, host tables.Host) plist.Dict {
	printed, _ := plist.Command(ctx, host, "/usr/sbin/nvram", "-xp")
	variables, _ := printed.(plist.Dict)
	return variables
}

func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
