package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// defaultVariable is one variable of the machine's environment.
type defaultVariable struct {
	Variable string `col:"variable" doc:"Name of the variable."`
	Value    string `col:"value" class:"content" doc:"Its value, in which other variables are not expanded."`
	Expand   int32  `col:"expand" doc:"1 where other variables in it are expanded."`
}

// DefaultEnvironment has a row for each variable.
// Source: Session Manager\Environment in HKEY_LOCAL_MACHINE\SYSTEM.
var DefaultEnvironment = tables.Define[defaultVariable](tables.Spec{
	Name: "default_environment", Doc: "Environment that every process starts with.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT variable, value FROM default_environment WHERE variable = 'Path'"},
}, generateDefaultEnvironment)

const machineEnvironment = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment`

func generateDefaultEnvironment(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*defaultVariable) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	for _, v := range r.Key(machineEnvironment).Values() {
		row := defaultVariable{Variable: v.Name, Value: mask.Variable(v.Name, v.Text())}
		if v.Type == registry.ExpandSZ {
			row.Expand = 1
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
