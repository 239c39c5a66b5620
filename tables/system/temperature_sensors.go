package system

import "github.com/tenantra/tenantra/tables"

// temperatureSensor is one sensor of temperature.
type temperatureSensor struct {
	Key        string  `col:"key" opt:"index" doc:"Key of the controller."`
	Name       string  `col:"name" doc:"Name."`
	Celsius    float64 `col:"celsius" doc:"Degrees Celsius."`
	Fahrenheit float64 `col:"fahrenheit" doc:"Degrees Fahrenheit."`
}

// TemperatureSensors would have a row for each sensor.
// This build has no generator: the system management controller answers only through the framework IOKit.
var TemperatureSensors = tables.Define[temperatureSensor](tables.Spec{
	Name: "temperature_sensors", Doc: "Sensors of temperature.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT name, celsius FROM temperature_sensors"},
}, nil)
