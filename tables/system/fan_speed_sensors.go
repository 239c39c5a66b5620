package system

import "github.com/tenantra/tenantra/tables"

// fanSensor is one fan.
type fanSensor struct {
	Fan    string `col:"fan" doc:"Number of the fan."`
	Name   string `col:"name" doc:"Name."`
	Actual int64  `col:"actual" type:"INTEGER" doc:"Turns a minute."`
	Min    int64  `col:"min" type:"INTEGER" doc:"Slowest speed."`
	Max    int64  `col:"max" type:"INTEGER" doc:"Fastest speed."`
	Target int64  `col:"target" type:"INTEGER" doc:"Speed that is aimed at."`
}

// FanSpeedSensors would have a row for each fan.
// This build has no generator: the system management controller answers only through the framework IOKit.
var FanSpeedSensors = tables.Define[fanSensor](tables.Spec{
	Name: "fan_speed_sensors", Doc: "Speeds of fans.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT name, actual FROM fan_speed_sensors"},
}, nil)
