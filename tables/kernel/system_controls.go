package kernel

import (
	"github.com/tenantra/tenantra/tables"
)

// systemControl is one kernel parameter.
type systemControl struct {
	Name         string `col:"name" opt:"index" doc:"Name of the parameter: kernel.randomize_va_space."`
	OID          string `col:"oid" opt:"additional" doc:"Numeric id of the parameter; empty on Linux."`
	Subsystem    string `col:"subsystem" opt:"additional" doc:"First part of the name: kernel, net, vm, fs."`
	CurrentValue string `col:"current_value" doc:"Value in force; empty where it may be set but not read."`
	ConfigValue  string `col:"config_value" doc:"Value that the configuration sets at boot; empty where none does."`
	Type         string `col:"type" doc:"Data type; always string on Linux."`
	FieldName    string `col:"field_name" os:"darwin" doc:"Field of a structured parameter."`
}

// SystemControls has a row for each kernel parameter.
// Source: /proc/sys, and the files of sysctl.d(5) and sysctl.conf(5), on Linux.
var SystemControls = tables.DefineByPlatform(tables.Spec{
	Name: "system_controls", Doc: "Kernel parameters: the value in force and the value that is configured.",
	Category: tables.Kernel, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate,
	Examples: []string{
		"SELECT current_value, config_value FROM system_controls WHERE name = 'kernel.randomize_va_space'",
		"SELECT name, current_value FROM system_controls WHERE name IN ('net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding', 'fs.suid_dumpable')",
		"SELECT name, current_value, config_value FROM system_controls WHERE config_value != '' AND config_value != current_value",
	},
}, tables.Generators[systemControl]{Darwin: generateDarwinSystemControls}.OnBuild(generateSystemControls))
