package system

import "github.com/tenantra/tenantra/tables"

// powerSensor is one sensor of power, current or voltage.
type powerSensor struct {
	Key      string `col:"key" opt:"index" doc:"Key of the controller."`
	Category string `col:"category" doc:"currents, voltages or wattage."`
	Name     string `col:"name" doc:"Name."`
	Value    string `col:"value" doc:"Value."`
}

// PowerSensors would have a row for each sensor.
// This build has no generator: the system management controller answers only through the framework IOKit.
var PowerSensors = tables.Define[powerSensor](tables.Spec{
	Name: "power_sensors", Doc: "Sensors of power, current and voltage.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT name, value FROM power_sensors WHERE category = 'wattage'"},
}, nil)
