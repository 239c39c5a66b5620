package services

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// wmiScriptEventConsumer is a script that WMI runs on an event.
type wmiScriptEventConsumer struct {
	Namespace       string `col:"namespace" doc:"Namespace of the object."`
	Name            string `col:"name" doc:"Name of the consumer."`
	ScriptingEngine string `col:"scripting_engine" doc:"Language of the script."`
	ScriptFileName  string `col:"script_file_name" doc:"File of the script."`
	ScriptText      string `col:"script_text" class:"content" doc:"Text of the script."`
	Class           string `col:"class" doc:"Class of the object."`
	RelativePath    string `col:"relative_path" doc:"Path of the object in its namespace."`
}

// WMIScriptEventConsumers has a row for each consumer.
// Source: ActiveScriptEventConsumer of WMI.
var WMIScriptEventConsumers = tables.Define[wmiScriptEventConsumer](tables.Spec{
	Name: "wmi_script_event_consumers", Doc: "Scripts that WMI runs when an event happens, a known place for persistence.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, scripting_engine, script_text FROM wmi_script_event_consumers"},
}, generateWMIScriptEventConsumers)

func generateWMIScriptEventConsumers(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*wmiScriptEventConsumer) error) error {
	return eachSubscription(ctx, host, "ActiveScriptEventConsumer", []string{"Name", "ScriptingEngine", "ScriptFileName", "ScriptText"}, func(namespace string, o wmi.Object) error {
		return emit(&wmiScriptEventConsumer{
			Namespace: namespace, Name: o.Text("Name"), ScriptingEngine: o.Text("ScriptingEngine"), ScriptFileName: o.Text("ScriptFileName"), ScriptText: o.Text("ScriptText"),
			Class: "ActiveScriptEventConsumer", RelativePath: o.Text(relativePath),
		})
	})
}
