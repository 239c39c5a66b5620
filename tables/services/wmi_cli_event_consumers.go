package services

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// wmiCLIEventConsumer is a command that WMI runs on an event.
type wmiCLIEventConsumer struct {
	Namespace           string `col:"namespace" doc:"Namespace of the object."`
	Name                string `col:"name" doc:"Name of the consumer."`
	CommandLineTemplate string `col:"command_line_template" doc:"Command line that is run."`
	ExecutablePath      string `col:"executable_path" doc:"Program that is run."`
	Class               string `col:"class" doc:"Class of the object."`
	RelativePath        string `col:"relative_path" doc:"Path of the object in its namespace."`
}

// WMICLIEventConsumers has a row for each consumer.
// Source: CommandLineEventConsumer of WMI in each namespace.
var WMICLIEventConsumers = tables.Define[wmiCLIEventConsumer](tables.Spec{
	Name: "wmi_cli_event_consumers", Doc: "Commands that WMI runs when an event happens, a known place for persistence.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, command_line_template FROM wmi_cli_event_consumers"},
}, generateWMICLIEventConsumers)

func generateWMICLIEventConsumers(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*wmiCLIEventConsumer) error) error {
	return eachSubscription(ctx, host, "CommandLineEventConsumer", []string{"Name", "CommandLineTemplate", "ExecutablePath"}, func(namespace string, o wmi.Object) error {
		return emit(&wmiCLIEventConsumer{
			Namespace: namespace, Name: o.Text("Name"), CommandLineTemplate: mask.CommandLine(o.Text("CommandLineTemplate")), ExecutablePath: o.Text("ExecutablePath"),
			Class: "CommandLineEventConsumer", RelativePath: o.Text(relativePath),
		})
	})
}
