package system

import "github.com/tenantra/tenantra/tables"

// defaultVariable is one variable of the machine's environment.
type defaultVariable struct {
	Variable string `col:"variable" doc:"Name of the variable."`
	Value    string `col:"value" class:"content" doc:"Its value, in which other variables are not expanded."`
	Expand   int32  `col:"expand" doc:"1 where other variables in it are expanded."`
}

// DefaultEnvironment has a row for each variable.
// Source: Session Manager\Environment in HKEY_LOCAL_MACHINE\SYSTEM.
var DefaultEnvironment = tables.DefineByPlatform(tables.Spec{
	Name: "default_environment", Doc: "Environment that every process starts with.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT variable, value FROM default_environment WHERE variable = 'Path'"},
}, tables.Generators[defaultVariable]{})
